// Fetches one matter with its timeline for the print pages.
import { onMounted, shallowRef } from 'vue'
import { useRoute } from 'vue-router'
import { get } from '@/shared/api'
import { asFault, type Fault } from '@/shared/fault'
import type { Matter, MatterEvent } from '@/shared/shapes'

export function useMatter() {
  const route = useRoute()
  const m = shallowRef<Matter | null>(null)
  const events = shallowRef<MatterEvent[]>([])
  const fault = shallowRef<Fault | null>(null)
  onMounted(async () => {
    const at = '/api/cases/' + encodeURIComponent(String(route.params.id))
    try {
      const [one, line] = await Promise.all([get<Matter>(at), get<{ items: MatterEvent[] }>(at + '/timeline')])
      events.value = line.items
      m.value = one
    } catch (e) {
      fault.value = asFault(e)
    }
  })
  return { m, events, fault }
}
