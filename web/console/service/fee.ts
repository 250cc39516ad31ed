import { thousands } from '@/shared/say'
import type { Contract } from '@/shared/shapes'

/** Hundredths of a fen per m² and month, as yuan without rounding: 8500 → "0.85". */
export function yuanOf(v: number): string {
  const whole = Math.floor(v / 10000)
  const rest = String(v % 10000).padStart(4, '0').replace(/0{1,2}$/, '')
  return `${thousands(whole)}.${rest}`
}

export function feeText(c: Pick<Contract, 'fee_low' | 'fee_high' | 'fee_text'>): string {
  if (!c.fee_low) return c.fee_text || '—'
  return yuanOf(c.fee_low) + (c.fee_high && c.fee_high !== c.fee_low ? '–' + yuanOf(c.fee_high) : '')
}

/** "0.85" → 8500; null when it is no amount with at most four decimals. */
export function feeOf(text: string): number | null {
  const m = /^(\d{1,4})(?:\.(\d{1,4}))?$/.exec(text.trim())
  return m ? Number(m[1]) * 10000 + Number((m[2] ?? '').padEnd(4, '0')) : null
}
