// Who holds, leaves and takes over a compound's money: companies that serve, served or will serve it, its committees, and whoever else
// somebody may see on the register.
import { get } from '@/shared/api'

export interface Side {
  id: string
  name: string
  kind: string
}

interface Lot<T> {
  items: T[] | null
}

const once = (all: Side[]): Side[] => all.filter((o, i) => all.findIndex((x) => x.id === o.id) === i)

/** Those of the compound itself: by its contracts, and its committees. */
export async function ofCompound(under: string): Promise<Side[]> {
  const [served, seated] = await Promise.all([
    get<Lot<{ org?: string; org_name?: string }>>('/api/contracts', { under }).then((x) => x.items ?? [], () => []),
    get<Lot<Side>>('/api/orgs', { under }).then((x) => x.items ?? [], () => []),
  ])
  return once([...served.flatMap((c) => (c.org ? [{ id: c.org, name: c.org_name ?? c.org, kind: 'property_company' }] : [])), ...seated.filter((o) => ['owners_committee', 'interim_committee'].includes(o.kind))])
}

/** Besides, companies, committees and residents' committees that one sees on the register. */
export async function besides(own: Side[]): Promise<Side[]> {
  const seen = await Promise.all(['property_company', 'owners_committee', 'interim_committee', 'residents_committee'].map((kind) => get<Lot<Side>>('/api/orgs', { kind, limit: 200 }).then((x) => x.items ?? [], () => [])))
  return once([...own, ...seen.flat()])
}
