// Shapes of the money pages, from the operations' document, and how accounts, papers and decisions are called.
import type { components } from '@/shared/paths'
import { t, tongue } from '@/shared/words'

/** The document allows null for every list; the server sends lists. */
type Sure<T> = T extends readonly (infer U)[] ? Sure<U>[] : T extends object ? { [K in keyof T]: Sure<Exclude<T[K], null>> } : T
type S = components['schemas']
export type BookLine = Sure<S['MoneyBookLine']>
export type BookView = Sure<S['MoneyBookView']>
export type Account = Sure<S['LedgerAccount']>
export type Entry = Sure<S['MoneyEntryLine']>
export type EntryFile = Sure<S['MoneyEntryFile']>
export type Closed = Sure<S['MoneyClosed']>
export type Accounts = Sure<S['MoneyBookStatement']>
export type Proofs = Sure<S['MoneyProofs']>
export type Handover = Sure<S['MoneyHandover']>
export type HandItem = Sure<S['MoneyHandItem']>
export type Trail = Sure<S['MoneyTrail']>
export type NewPayment = S['MoneyNewPayment']
export type Source = Sure<S['MoneySource']>
export type Income = Sure<S['MoneyIncome']>
export type Role = Sure<S['MoneyRole']>
export type OfficeHolder = Sure<S['MoneyOfficeHolder']>
export type Statement = Sure<S['MoneyStatement']>
export type Question = Sure<S['MoneyQuestion']>
export type Publishing = Sure<S['MoneyPublishing']>
export type Cluster = Sure<S['MoneyCluster']>
export type Bench = Sure<S['MoneyBench']>
export type Sample = Sure<S['MoneySample']>
export type Work = Sure<S['MoneyProjectBrief']>
export type WorkFile = Sure<S['MoneyProjectFile']>
export type Use = Sure<S['MoneyUse']>
export type UseFile = Sure<S['MoneyUseFile']>
export type Budget = Sure<S['MoneyBudget']>
export type Step = Sure<S['TallyStep']>
export type BudgetAccounts = Sure<S['MoneyAccounts']>
export type Filed = Sure<S['MoneyAccountsPage']>
export type Period = Sure<S['MoneyQuality']>
export type PeriodFile = Sure<S['MoneyQualityFile']>

export const FUNDS = ['fees', 'company', 'income', 'maintenance', 'works', 'petty'] as const
export const STATES = ['committee', 'community', 'drawing', 'street', 'sealing', 'sealed_1', 'sealed', 'paid', 'published', 'refused', 'lapsed', 'withdrawn'] as const
export const KINDS = ['lift_ads', 'parking', 'base_station', 'venue', 'other'] as const
export const EVERY = ['month', 'quarter', 'half', 'year', 'once'] as const
export const ROLES = ['keeper_committee', 'keeper_community', 'review_community', 'review_street', 'keeper_street'] as const

/** Colour of a payment's state; the word says the same. */
export const TONES: Record<string, string> = {
  committee: 'due', community: 'due', drawing: 'busy', street: 'due', sealing: 'busy', sealed_1: 'busy', sealed: 'busy', paid: 'well', published: 'well', refused: 'over', lapsed: 'over', withdrawn: 'plain',
}

/** The kernel's word in the reader's language. */
export const both = (x: { zh?: string; en?: string } | undefined): string => (x ? (tongue() === 'en' ? x.en || x.zh : x.zh || x.en) || '' : '')

/** A voucher by its kind: payments/0k… is a payment. */
export function documentOf(ref: string): { words: string; to: string; blob: string } {
  const [kind = '', id = ''] = ref.split('/')
  const known = ['bills', 'bank', 'payments', 'blobs', 'receipts', 'incomes', 'openings', 'hand', 'projects', 'fund-uses', 'refunds', 'mirrors', 'quality', 'deposits', 'counts', 'bank-lines', 'year-ends']
  return {
    words: known.includes(kind) ? t('money-desk.document.' + kind) : ref,
    to: kind === 'payments' && id ? '/money/payments/' + id : '',
    blob: kind === 'blobs' ? id : '',
  }
}

/** What a payment or an entry stands on. */
export function decisionOf(ref: string): { words: string; to: string; blob: string } {
  const [kind = '', id = '', no = ''] = ref.split('/')
  const known = ['assemblies', 'decisions', 'contracts', 'budgets', 'tariffs', 'roles', 'blobs', 'projects', 'fund-uses']
  return {
    words: kind === 'law' ? t('money-desk.decision.law') : known.includes(kind) ? t('money-desk.decision.' + kind, { no }) : ref,
    to: kind === 'assemblies' ? '/assemblies/' + id : kind === 'contracts' ? '/service?open=' + id : '',
    blob: kind === 'blobs' ? id : '',
  }
}

/** First and last day of a month "2026-10", quarter "2026Q3" or year "2026". */
export function spanOf(period: string): { from: string; to: string } | null {
  const m = /^(\d{4})(?:-(\d\d)|Q([1-4]))?$/.exec(period)
  if (!m) return null
  const [a, b] = m[2] ? [Number(m[2]), Number(m[2])] : m[3] ? [Number(m[3]) * 3 - 2, Number(m[3]) * 3] : [1, 12]
  const two = (n: number) => String(n).padStart(2, '0')
  return { from: `${m[1]}-${two(a)}-01`, to: `${m[1]}-${two(b)}-${two(new Date(Date.UTC(Number(m[1]), b, 0)).getUTCDate())}` }
}

/** The latest periods of a kind up to a day, the latest first. */
export function periods(kind: 'month' | 'quarter' | 'year', today: string, n: number): string[] {
  let [y, m] = today.split('-').map(Number) as [number, number]
  const out: string[] = []
  for (let i = 0; i < n; i++) {
    if (kind === 'year') out.push(String(y - i))
    else if (kind === 'month') {
      out.push(`${y}-${String(m).padStart(2, '0')}`)
      if (--m === 0) [y, m] = [y - 1, 12]
    } else {
      const q = Math.ceil(m / 3)
      out.push(`${y}Q${q}`)
      ;[y, m] = q === 1 ? [y - 1, 12] : [y, q * 3 - 3]
    }
  }
  return out
}
