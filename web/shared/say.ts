// How instants, civil days, figures, areas and money are said. Instants come as microseconds UTC (number or
// text) or RFC 3339; they are always shown in the street's time. Civil days come as "2026-11-21".
import { clock } from './clock'

export type Instant = number | string | null | undefined

const ZONE = 'Asia/Shanghai'

export type Tongue = 'zh-CN' | 'en'

/** Date of an instant, or null when there is none. */
export function dateOf(v: Instant): Date | null {
  if (v === null || v === undefined || v === '' || v === 0) return null
  if (typeof v === 'number') return new Date(v / 1000)
  if (/^\d+$/.test(v)) return new Date(Number(v) / 1000)
  const d = new Date(v)
  return Number.isNaN(d.getTime()) ? null : d
}

/** The civil day of a moment in the street's time, "2026-11-21". */
export function dayOf(d: Date): string {
  const p = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })
  return p.format(d)
}

/** The street's day now. */
export const houseDay = (): string => dayOf(clock())

/** Instant with clock time; the year only when it is not this one. */
export function instant(v: Instant, tongue: Tongue, now = clock()): string {
  const d = dateOf(v)
  if (!d) return '—'
  const day = dayOf(d)
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).format(d)
  if (day === dayOf(now)) return (tongue === 'en' ? 'today ' : '今天 ') + clock
  return sayDay(day, tongue, day.slice(0, 4) !== dayOf(now).slice(0, 4)) + ' ' + clock
}

/** Instant for paper: the whole day, so that it still says when it is read next year. */
export function onPaper(v: Instant, tongue: Tongue): string {
  const d = dateOf(v)
  if (!d) return '—'
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(d)
  return sayDay(dayOf(d), tongue) + ' ' + clock
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Civil day in words; a month "2025-03" is said as a month. */
export function sayDay(day: string | null | undefined, tongue: Tongue, withYear = true): string {
  if (!day) return '—'
  const [y, m, d] = day.split('-').map(Number)
  if (!y || !m) return day
  if (tongue === 'en') {
    return [d || '', MONTHS[m - 1], withYear || !d ? y : ''].filter((x) => x !== '').join(' ')
  }
  return (withYear || !d ? `${y}年` : '') + `${m}月` + (d ? `${d}日` : '')
}

/** n/N in hundredths of a percent, truncated; null when N is 0. Exact: no floating point. */
export function basisPoints(n: number | bigint, of: number | bigint): bigint | null {
  const N = BigInt(of)
  return N === 0n ? null : (BigInt(n) * 10000n) / N
}

/** "98.37%" truncated to two decimals, never rounded up; "—" without a denominator. */
export function percent(n: number | bigint, of: number | bigint): string {
  const b = basisPoints(n, of)
  return b === null ? '—' : hundredths(b) + '%'
}

/** Change from a base in percent: change(110, 4) = "−96.36%". */
export function change(from: number | bigint, to: number | bigint): string {
  const b = basisPoints(BigInt(to) - BigInt(from), from)
  if (b === null) return '—'
  return (b > 0n ? '+' : '') + hundredths(b) + '%'
}

/** Whole hundredths as decimal text: 9856n → "98.56". A minus is the typographic one. */
export function hundredths(v: number | bigint): string {
  let b = BigInt(v)
  const sign = b < 0n ? '−' : ''
  if (b < 0n) b = -b
  return sign + thousands(b / 100n) + '.' + String(b % 100n).padStart(2, '0')
}

export function thousands(v: number | bigint): string {
  return String(v).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Area held in 0.01 m². */
export function area(v: number | null | undefined): string {
  return v === null || v === undefined ? '—' : hundredths(v) + ' m²'
}

/** Money held in fen. */
export function yuan(v: number | null | undefined): string {
  return v === null || v === undefined ? '—' : '¥' + hundredths(v)
}

export interface Left {
  state: 'none' | 'calm' | 'soon' | 'over'
  text: string
}

/** How long until a deadline, or how long past it. "soon" is within a day, or within a quarter hour of a minute clock. */
export function left(due: Instant, tongue: Tongue, now = clock()): Left {
  const d = dateOf(due)
  if (!d) return { state: 'none', text: '' }
  const ms = d.getTime() - now.getTime()
  const span = spanOf(Math.abs(ms), tongue)
  if (ms < 0) return { state: 'over', text: tongue === 'en' ? `${span} overdue` : `超期 ${span}` }
  return { state: ms < 86_400_000 ? 'soon' : 'calm', text: tongue === 'en' ? `${span} left` : `还剩 ${span}` }
}

/** A span of milliseconds in its largest fitting unit. */
export function spanOf(ms: number, tongue: Tongue): string {
  const minutes = Math.floor(ms / 60_000)
  const zh = tongue !== 'en'
  if (minutes < 60) return zh ? `${minutes} 分钟` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return zh ? `${hours} 小时` : `${hours} h`
  const days = Math.floor(hours / 24)
  return zh ? `${days} 天` : days === 1 ? '1 day' : `${days} days`
}
