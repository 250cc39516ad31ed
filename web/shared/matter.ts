// How a matter is said in both doors.
import type { Matter, MatterEvent } from './shapes'
import { blobAt } from './files'
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

export const holderName = (h?: { org_name?: string; name?: string } | null): string => (h ? [h.org_name, h.name].filter(Boolean).join(' ') : '') || '—'

export const photoIds = (list?: (string | { id: string })[] | null): string[] => (list ?? []).map((p) => (typeof p === 'string' ? p : p.id))

/** Events of the server as steps of a timeline, in the language of the page. */
export function stepsOf(events: MatterEvent[]): Step[] {
  return events.map((e, i) => {
    const kind = (e.kind ?? e.action ?? '').replace(/^cases\./, '')
    return {
      key: e.id ?? String(i),
      at: e.at,
      what: inTongue(e) || term('cases.do.' + kind, '') || term('terms.state.' + kind, kind),
      who: [e.org_name, inTongue(e, 'post'), e.by_name ?? e.by].filter(Boolean).join(' '),
      note: e.note ?? e.text ?? '',
      tone: /closed|verified|confirm/.test(kind) ? 'well' : /card|overdue|dissatisfied/.test(kind) ? 'over' : /return|pause|reopen|urge|extension/.test(kind) ? 'due' : '',
      photos: photoIds(e.photos).map((id) => ({ id, url: blobAt(id), thumb: blobAt(id, 'thumb') })),
    }
  })
}
