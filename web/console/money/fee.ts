// Shapes and words of the cashier's desk and the bank pages.
import type { components } from '@/shared/paths'
import { t, tongue } from '@/shared/words'

/** The document allows null for every list; the server sends lists. */
type Sure<T> = T extends readonly (infer U)[] ? Sure<U>[] : T extends object ? { [K in keyof T]: Sure<Exclude<T[K], null>> } : T
type S = components['schemas']
export type DeskHome = Sure<S['MoneyDeskHome']>
export type HomeAccount = Sure<S['MoneyAccount']>
export type Bill = Sure<S['MoneyBill']>
export type Receipt = Sure<S['MoneyReceipt']>
export type Printed = Sure<S['MoneyPrintedReceipt']>
export type Run = Sure<S['MoneyRun']>
export type Preview = Sure<S['MoneyPreview']>
export type Tariff = Sure<S['MoneyTariff']>
export type Discount = Sure<S['MoneyDiscount']>
export type Meter = Sure<S['MoneyMeterRow']>
export type Arrear = Sure<S['MoneyArrear']>
export type Rate = Sure<S['MoneyRate']>
export type DeskOrder = Sure<S['MoneyDeskOrder']>
export type Difference = Sure<S['MoneyDifference']>
export type BankAccount = Sure<S['MoneyBankAccount']>
export type BankFile = Sure<S['MoneyBankFile']>
export type BankLine = Sure<S['MoneyBankLine']>
export type Candidate = Sure<S['MoneyCandidate']>
export type Month = Sure<S['MoneyReconciliation']>
export type TillView = Sure<S['MoneyTillView']>
export type TillFund = Sure<S['MoneyTillFund']>
export type Deposit = Sure<S['MoneyDeposit']>
export type Space = Sure<S['MoneySpaceRow']>
export type SharedSum = Sure<S['MoneySharedRow']>
export type ProviderDay = Sure<S['MoneyProviderDay']>
export type Automatched = Sure<S['MoneyAutomatched']>

export const KINDS = ['property', 'parking', 'utility'] as const
export const ALL_KINDS = [...KINDS, 'shortfall', 'pledge', 'other'] as const
export const STATES = ['open', 'part', 'paid', 'waived', 'void', 'overdue'] as const
export const WAYS = ['cash', 'qr', 'transfer', 'prepaid'] as const
export const FUNDS = ['fees', 'company', 'income', 'works', 'maintenance'] as const
export const BILL_TONE: Record<string, string> = { open: 'due', part: 'busy', paid: 'well', waived: 'plain', void: 'plain' }

/** A thing's words in the reader's language. */
export const said = (x: { zh?: string; en?: string } | undefined): string => (x ? (tongue() === 'en' ? x.en || x.zh : x.zh || x.en) || '' : '')
export const toneOf = (b: Bill): string => (b.overdue ? 'over' : (BILL_TONE[b.state] ?? 'plain'))
export const stateOf = (b: Bill): string => t('money-fees.state.' + (b.overdue ? 'overdue' : b.state))

/** Integers kept in thousandths ("12.345" → 12345) or ten-thousandths, read and said without floating point. */
export function fixed(text: string, places: number): number | null {
  const m = new RegExp(`^(\\d{1,9})(?:\\.(\\d{1,${places}}))?$`).exec(text.normalize('NFKC').replace(/[\s,]/g, ''))
  return m ? Number(BigInt(m[1]!) * 10n ** BigInt(places) + BigInt((m[2] ?? '').padEnd(places, '0'))) : null
}
export function loose(v: number, places: number): string {
  const s = String(v).padStart(places + 1, '0')
  const tail = s.slice(-places).replace(/0+$/, '')
  return s.slice(0, -places) + (tail ? '.' + tail : '')
}
/** A price in hundredths of a fen: 8500 → "0.85". */
export const rate = (v: number | undefined): string => loose(v ?? 0, 4)

/** How an amount is spread over bills in their order. */
export function spread(amount: number, bills: { id: string; rest: number }[]): { paid: Record<string, number>; ahead: number } {
  const paid: Record<string, number> = {}
  let left = amount
  for (const b of bills) {
    const x = Math.min(left, b.rest)
    if (x > 0) paid[b.id] = x
    left -= x
    if (left <= 0) break
  }
  return { paid, ahead: Math.max(left, 0) }
}
