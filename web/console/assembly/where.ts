// Names of compounds by their paths, asked once each.
import { reactive } from 'vue'
import { get } from '@/shared/api'
import type { Page, Place } from '@/shared/shapes'

const known = reactive<Record<string, string>>({})

export function useNames() {
  return {
    of: (path: string): string => known[path] ?? '…',
    async learn(paths: string[]): Promise<void> {
      const streets = new Set(paths.filter((p) => !(p in known)).map((p) => p.split('/')[0] + '/'))
      await Promise.all([...streets].map(async (under) => {
        let after = ''
        do {
          const p = await get<Page<Place>>('/api/places', { under, kind: 'compound', limit: 200, after }).catch(() => ({ items: [] as Place[], next: '' }))
          for (const x of p.items ?? []) known[x.path] = x.name
          after = p.next ?? ''
        } while (after)
      }))
    },
  }
}

/** The buildings of a compound in the order of their names. */
export async function buildingsOf(path: string): Promise<Place[]> {
  const all: Place[] = []
  let after = ''
  do {
    const p = await get<Page<Place>>('/api/places', { under: path, kind: 'building', after, limit: 200 })
    all.push(...(p.items ?? []))
    after = p.next ?? ''
  } while (after)
  return all.sort((a, b) => a.name.localeCompare(b.name, 'zh-CN', { numeric: true }))
}
