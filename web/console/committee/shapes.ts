// Shapes of formings and committees as the server's document has them, and the words that pages share.
import type { components } from '@/shared/paths'
import { term } from '@/shared/words'

/** The document allows null for every list; the server sends lists. */
type Sure<T> = T extends readonly (infer U)[] ? Sure<U>[] : T extends object ? { [K in keyof T]: Sure<Exclude<T[K], null>> } : T
type S = components['schemas']
export type Board = Sure<S['CommitteeBoard']>
export type Row = Sure<S['CommitteeRow']>
export type File = Sure<S['CommitteeFile']>
export type Forming = Sure<S['CommitteeForming']>
export type Filing = Sure<S['CommitteeFiling']>
export type Sitter = Sure<S['FormSitter']>
export type Due = Sure<S['CommitteeDue']>
export type Blocker = Sure<S['CommitteeBlocker']>
export type Paper = Omit<Sure<S['CommitteePaper']>, 'words'> & { words: PaperWords }
export type Page = Sure<S['CommitteePage']>
export type Meeting = Sure<S['CommitteeMeetingFile']>
export type Decision = Sure<S['CommitteeDecision']>
export type Handover = Sure<S['CommitteeHandover']>
export type Item = Sure<S['CommitteeItem']>
export type Recall = Sure<S['CommitteeRecall']>
export type Seal = Sure<S['CommitteeSeal']>
export type Question = Sure<S['CommitteeQuestion']>
export type Term = Sure<S['PeopleTerm']>
export type MyBuildings = Sure<S['CommitteeMyBuildings']>
export type Mine = Sure<S['CommitteeMyCommittee']>

/** What papers say: the fields that kinds of papers have in common. */
export interface PaperWords {
  title?: string
  room?: string
  agenda?: string[]
  planned?: string
  on?: string
  from?: string
  to?: string
  held?: string
  present?: number
  members?: number | string[] | Partial<Sitter & { zone: string }>[]
  of?: number
  minutes?: string
  decisions?: { no: number; text: string; state: string; signed: number; members: number }[]
  text?: string
  answer?: string
  drafts?: string[]
  enclosed?: string[]
  items?: Item[]
  left?: string
  ground?: string
  moved_up?: string
  number?: string
  name?: string
}

export const KINDS = ['first', 'reelection', 'interim'] as const
export const BLOCKS = ['start', 'elect', 'perform'] as const
export const SIDES = ['street', 'community', 'owner', 'developer'] as const
export const DRAFTS = ['rules', 'regulation', 'roll', 'candidates'] as const
export const PAPERS = ['notice', 'minutes', 'members', 'filing', 'seal', 'stamp', 'handover', 'question', 'audit', 'group', 'drafts', 'recall'] as const

/** The rule of each step. */
export const RULES: Record<string, string> = {
  applied: 'R13', grouped: 'R14', posted: 'R15', papers: 'R16', drafts: 'R17', called: 'R17', elected: 'R19', met: 'R21', filed: 'R11', accepted: 'R11', proposed: 'R25', appointed: 'R25',
}

/** The name of a deadline by its kind, for rows that bring no words. */
export const dutyName = (kind?: string): string => (kind ? term('committee.duty.' + kind.replace(/^committee\./, ''), kind) : '')

/** The fewest that may sit: a group of three (R14), an interim committee of seven (R25). The server has the rules in force. */
export const leastOf = (interim: boolean): number => (interim ? 7 : 3)

/** What a composition breaks, as the law has it (R14, R25): an odd number, owners half or more, one head. */
export function wrongs(all: Sitter[], interim: boolean): string[] {
  const out: string[] = []
  const heads = all.filter((s) => s.head)
  const keys = all.map((s) => s.person || s.name?.trim() || '').filter(Boolean)
  if (all.length < leastOf(interim)) out.push('few')
  if (all.length % 2 === 0) out.push('odd')
  if (2 * all.filter((s) => s.side === 'owner').length < all.length) out.push('owners')
  if (heads.length !== 1 || !(interim ? ['street', 'community'] : ['street']).includes(heads[0]!.side)) out.push(interim ? 'headInterim' : 'head')
  if (new Set(keys).size !== keys.length) out.push('twice')
  if (all.some((s) => !s.person && (s.side === 'owner' || interim || !s.name?.trim()))) out.push('named')
  return out
}

/** A person's name as the page of the committee has it. */
export const nameOf = (page: Pick<Page, 'members' | 'alternates' | 'former' | 'names'>, id?: string): string =>
  id ? (page.names[id] ?? [...page.members, ...page.alternates, ...page.former].find((x) => x.person === id)?.name ?? '…') : '—'

/** More than half of all members have to sign: so many are still missing. */
export const missing = (d: Pick<Decision, 'members' | 'signed'>): number => Math.max(0, Math.floor(d.members / 2) + 1 - d.signed)

/** The person who directs the committee now, empty where none was chosen yet. */
export const directorOf = (page: Pick<Page, 'members'>): string => page.members.find((m) => /director$/.test(m.post))?.person ?? ''
