// Shapes of meetings as the server's document has them, and the small orders that pages share.
import type { components } from '@/shared/paths'
import { tongue } from '@/shared/words'
import type { Figures } from '@/shared/outcome'

type S = components['schemas']
export type File = S['AssemblyFile']
export type Meeting = S['AssemblyMeeting']
export type Matter = S['AssemblyMatter']
export type Wording = S['AssemblyWording']
export type Plan = S['AssemblyPlan']
export type Timetable = S['AssemblyTimetable']
export type Violation = S['CourseViolation']
export type Roll = S['AssemblyRollPage']
export type RollLine = S['AssemblyRollLine']
export type Objection = S['AssemblyObjection']
export type Service = S['AssemblyService']
export type Hand = S['AssemblyHand']
export type Mandate = S['AssemblyMandate']
export type Gap = S['AssemblyGapView']
export type Turnout = S['AssemblyTurnout']
export type Sheet = S['AssemblySheet']
export type Box = S['AssemblyBox']
export type SheetPage = S['AssemblySheetPage']
export type Printing = S['AssemblyPrinting']
export type Election = S['AssemblyElection']
export type Candidate = S['AssemblyCandidate']
export type ElectionResult = S['AssemblyElectionResult']
export type Paper = S['AssemblyPaper']
export type Moment = S['AssemblyMoment']
export type Demand = S['AssemblyDemand']
export type DemandFile = S['AssemblyDemandFile']
/** The city's file has no operation in the document: it is an upload. */
export interface CityResult {
  rows: number
  taken: number
  same: number
  refused: { row: number; zh: string; en: string }[] | null
}
export type MyMeeting = S['AssemblyMyMeeting']
export type Count = Figures['total']

/** The fields of a timetable in their order. */
export const DAYS = ['drafts_on', 'roll_on', 'roll_until', 'provisional_on', 'final_list_on', 'notice_on', 'opens_on', 'closes_on', 'preliminary_on', 'preliminary_until', 'final_on'] as const
export type DayKey = (typeof DAYS)[number]

export const STATES = ['draft', 'posted', 'noticed', 'voting', 'closed', 'preliminary', 'final'] as const
export const PURPOSES = ['decision', 'election', 'first', 'by_election', 'recall'] as const
export const CHANNELS = ['phone', 'paper', 'door', 'proxy', 'city'] as const
export const PAPERS = ['roll', 'notice', 'ballot', 'proxy', 'sign-in', 'preliminary', 'final'] as const

/** How far a meeting has come among its steps; an annulled one stands where the street ended it. */
export function reachedStep(m: { state: string; final_on: string }, today: string): number {
  if (m.state === 'annulled') return m.final_on && m.final_on <= today ? 6 : 5
  return STATES.indexOf(m.state as (typeof STATES)[number])
}

/** What may be decided: the items of Civil Code 278, the lift and the dwelling that becomes business premises. */
export const KINDS: { code: string; item: number; rule: 'ordinary' | 'special' | 'unanimous'; ids: string; scope: string }[] = [
  { code: 'rules', item: 1, rule: 'ordinary', ids: 'R01 R02', scope: 'compound' },
  { code: 'covenant', item: 2, rule: 'ordinary', ids: 'R01 R02', scope: 'compound' },
  { code: 'committee', item: 3, rule: 'ordinary', ids: 'R01 R02', scope: 'compound' },
  { code: 'manager', item: 4, rule: 'ordinary', ids: 'R01 R02', scope: 'compound' },
  { code: 'fund_use', item: 5, rule: 'ordinary', ids: 'R01 R02 R39', scope: 'compound' },
  { code: 'fund_raise', item: 6, rule: 'special', ids: 'R01 R03', scope: 'compound' },
  { code: 'rebuild', item: 7, rule: 'special', ids: 'R01 R03', scope: 'compound' },
  { code: 'common_use', item: 8, rule: 'special', ids: 'R01 R03 R35', scope: 'compound' },
  { code: 'other', item: 9, rule: 'ordinary', ids: 'R01 R02', scope: 'compound' },
  { code: 'lift', item: 7, rule: 'special', ids: 'R01 R03 R45', scope: 'unit' },
  { code: 'dwelling_business', item: 0, rule: 'unanimous', ids: 'R07', scope: 'building' },
]

/** The law that a matter rests on; its articles have the same numbers in both languages. */
export const lawOf = (x: { law: string }): string => (tongue() === 'en' ? x.law.replace('民法典', 'Civil Code') : x.law)
/** Whether what stands on a ballot is complete: of an election only when the candidates' list is final. */
export const printable = (m: { purpose: string; matters: { candidate?: string }[] | null }): boolean => !['election', 'first', 'by_election'].includes(m.purpose) || Boolean(m.matters?.some((x) => x.candidate))
export const elects = (m: { purpose: string }): boolean => m.purpose !== 'decision'
export const GROUNDS = ['capacity', 'law', 'regulation', 'arrears', 'company', 'illegal_building', 'dishonest', 'time', 'other'] as const
