// The whole roll of a meeting, fetched a thousand rights at a time; a compound has some thousands.
import { get } from '@/shared/api'
import type { Roll } from './shapes'

export async function wholeRoll(meeting: string, building = '', seen: (r: Roll) => void = () => undefined): Promise<Roll> {
  const first = await get<Roll>(`/api/assemblies/${meeting}/roll`, { building, limit: 1000 })
  const all = { ...first, items: first.items ?? [] }
  seen(all)
  while (all.next && all.items.length < 20_000) {
    const p = await get<Roll>(`/api/assemblies/${meeting}/roll`, { building, limit: 1000, after: all.items[all.items.length - 1]?.no })
    if (!p.items?.length) break
    all.items = [...all.items, ...p.items]
    all.next = p.next
    seen({ ...all })
  }
  return all
}
