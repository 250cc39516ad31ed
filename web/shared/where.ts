// Which street or place the desk looks at, and as of which day. Both stand in the address of every list, so that a
// link shows another desk the same thing; they are also remembered for the next visit.
import { reactive, watch } from 'vue'

const KEY = 'cuobian.where'

function kept(): { under: string; name: string } {
  try {
    const v = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>
    return { under: typeof v.under === 'string' ? v.under : '', name: typeof v.name === 'string' ? v.name : '' }
  } catch {
    return { under: '', name: '' }
  }
}

export const where = reactive({ ...kept(), asOf: '' })

watch(
  () => [where.under, where.name],
  () => {
    try {
      localStorage.setItem(KEY, JSON.stringify({ under: where.under, name: where.name }))
    } catch {
      // remembered for this visit only
    }
  },
)

/** What every list asks beside its own filters. */
export const here = (): { under?: string; as_of?: string; on?: string } => ({
  ...(where.under ? { under: where.under } : {}),
  ...(where.asOf ? { as_of: where.asOf, on: where.asOf } : {}), // figures ask as_of, the roster on
})
