// How a matter is said in both doors.
import { orgName, personName } from './names'
import type { Holder, Matter, MatterEvent } from './shapes'
import { inTongue } from './me'
import { term } from './words'
import type { Step } from './Timeline.vue'

export const stateName = (s: string): string => term('terms.state.' + s, s)

export function stateTone(m: Pick<Matter, 'state' | 'overdue' | 'urgency'>): string {
  if (m.overdue) return 'over'
  switch (m.state) {
    case 'closed': case 'verified': case 'confirmed': return 'well'
    case 'returned': case 'paused': case 'reopened': case 'mediation': case 'unconfirmed': return 'due'
    case 'merged': case 'withdrawn': case 'refused': return 'plain'
    case 'taken': case 'handled': return 'busy'
    default: return ''
  }
}

export const placeOf = (m: Pick<Matter, 'compound_name' | 'place_text'>): string => [m.compound_name, m.place_text].filter(Boolean).join(' ') || '—'

export const holderName = (h?: Holder | null): string =>
  (h ? [h.org_name || orgName(h.org), h.name || personName(h.person) || (h.org ? '' : inTongue(h, 'post'))].filter(Boolean).join(' ') : '') || '—'

type Kept = string | { id: string; kind?: string; stage?: string }

/** Photographs of a matter, of one stage or of all. */
export const photoIds = (list?: Kept[] | null, stage = ''): string[] =>
  (list ?? []).filter((p) => typeof p === 'string' || (p.kind !== 'voice' && (!stage || p.stage === stage))).map((p) => (typeof p === 'string' ? p : p.id))

export const voiceOf = (list?: Kept[] | null): string => {
  const v = (list ?? []).find((p) => typeof p !== 'string' && p.kind === 'voice')
  return typeof v === 'object' ? v.id : ''
}

/** Events of the server as steps of a timeline, in the language of the page. */
export function stepsOf(events: MatterEvent[]): Step[] {
  return events.map((e, i) => ({
    key: `${i} ${e.at}`,
    at: e.at,
    what: inTongue(e) || term('terms.step.' + e.kind, '') || term('terms.state.' + e.kind, e.kind),
    who: [inTongue(e, 'post'), e.by].filter(Boolean).join(' '),
    note: e.words,
    tone: ['close', 'verify', 'confirm', 'settle'].includes(e.kind) ? 'well' : ['fail', 'silence', 'miss', 'mediate'].includes(e.kind) ? 'over' : ['return', 'pause', 'reopen', 'urge', 'ask', 'object'].includes(e.kind) ? 'due' : '',
  }))
}
