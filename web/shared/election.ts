// An election by constituency as owners and the public see it: zones with their seats, who stands, who is elected.
import type { components } from './paths'
import type { Outcome, Posted } from './outcome'

type S = components['schemas']
export type Election = S['AssemblyElection']
export type MyElection = S['AssemblyMyElection']
export type Candidate = S['AssemblyCandidate']
export type ElectionResult = S['AssemblyElectionResult']
export type ElectedFile = Posted & { election?: ElectionResult | null }

const PURPOSES = ['first', 'election', 'by_election']
/** Whether a meeting elects members of the committee. */
export const electing = (m: { purpose: string }): boolean => PURPOSES.includes(m.purpose)

export const zonesOf = (e: { zones: Election['zones'] }) => e.zones ?? []
/** The candidates of a zone, in the order of the list. */
export const standing = (e: { candidates: Election['candidates'] }, zone: string): Candidate[] => (e.candidates ?? []).filter((c) => c.zone === zone)

/** How many agree out of those who take part, where that is published at all. */
export function agreed(x: Outcome | undefined): { heads: [number, number]; area?: [number, number] } | null {
  if (x?.figures) return { heads: [x.figures.agree.heads, x.figures.part.heads], area: [x.figures.agree.area, x.figures.part.area] }
  if (x?.sums && x.sums.shape !== 'held') return { heads: [x.sums.all.agree, x.sums.all.part] }
  return null
}
