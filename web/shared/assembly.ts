// Shapes and words of meetings as owners and the public see them. Instants RFC 3339, days "2026-11-21", areas 0.01 m².
import { inTongue } from './me'
import { instant, sayDay, type Tongue } from './say'
import type { Rule } from './verify-count'
import { t, term, tongue } from './words'

export interface Scope {
  kind: string
  paths: string[]
  words?: string
}

export interface Topic {
  no: number
  title: string
  text: string
  item: number
  rule: Rule
  scope: Scope
  candidate?: string
  rule_zh?: string
  rule_en?: string
  kind_zh?: string
  kind_en?: string
}

export interface Meeting {
  id: string
  number: string
  path: string
  title: string
  purpose: string
  convener: string
  convener_zh?: string
  convener_en?: string
  secret: boolean
  counts: 'first' | 'last'
  channels: string[]
  sign: 'device' | 'agreed' | 'none'
  sign_clause?: string
  count_parking?: boolean
  roll_on?: string
  roll_until?: string
  notice_on?: string
  opens?: string
  closes?: string
  preliminary_on?: string
  preliminary_until?: string
  final_on?: string
  state: string
  state_zh?: string
  state_en?: string
  where?: string
  roll_version?: number
  ended_why?: string
  demo?: boolean
}

export interface Receipt {
  format: string
  meeting: string
  number: string | number
  commitment: string
  salt: string
  at: string
  leaf: string
  key: string
  signature: string
}

export const STATES: Record<string, string> = { draft: '', posted: 'due', noticed: 'due', voting: 'busy', closed: 'due', preliminary: 'due', final: 'well', cancelled: 'plain', annulled: 'over' }

export const stateOf = (m: Pick<Meeting, 'state'> & Partial<Meeting>): string => inTongue(m, 'state') || term('vote.state.' + m.state, m.state)

/** Time decides, not the timer that writes it down. */
export function taking(m: Pick<Meeting, 'state' | 'opens' | 'closes'>, now: Date): boolean {
  return (m.state === 'noticed' || m.state === 'voting') && Boolean(m.opens && m.closes) && new Date(m.opens!) <= now && now < new Date(m.closes!)
}

/** The last moment that counts, said as people say it: the exclusive 00:00 is 24:00 of the day before. */
export function until(closes: string | undefined, tg: Tongue = tongue()): string {
  if (!closes) return '—'
  const d = new Date(closes)
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(d)
  if (clock !== '00:00') return instant(closes, tg)
  const before = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date(d.getTime() - 1000))
  return sayDay(before, tg, false) + ' 24:00'
}

export const ruleWords = (m: Pick<Topic, 'rule'>): string => t('vote.rule.' + m.rule)
export const choiceName = (c: string): string => term('vote.choice.' + c, c)
