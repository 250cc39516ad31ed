// What the money pages of the phone read, as the operations send it. Money is whole fen.
import type { components } from '@/shared/paths'

type S = components['schemas']
export type Mine = S['MoneyMine']
export type Bill = S['MoneyBill']
export type Order = S['MoneyOrder']
export type Receipt = S['MoneyPrintedReceipt']
export type Sub = S['MoneyMySub']
export type MyWork = S['MoneyMyProject']
export type Work = S['MoneyProjectFile']
export type Home = S['MoneyProjectHome']
export type Trail = S['MoneyTrail']
export type Step = S['TallyStep']
export type Board = S['MoneyBoardMoney']
export type Posted = S['MoneyStatement']
export type Line = S['MoneyBoardLine']
export type Question = S['MoneyQuestion']

/** Days of a period in words: a whole month by its name. */
export function span(from: string, to: string, day: (d: string) => string): string {
  if (from === to) return day(from)
  const [y = 0, m = 0] = from.split('-').map(Number)
  const last = `${from.slice(0, 8)}${String(new Date(Date.UTC(y, m, 0)).getUTCDate()).padStart(2, '0')}`
  return from.endsWith('-01') && to === last ? day(from.slice(0, 7)) : `${day(from)} – ${day(to)}`
}

/** Compounds where somebody lives or owns: a resident's grant lies on the compound or on a home in it. */
export const compoundsOf = (grants: readonly { post: string; path: string }[]): string[] =>
  [...new Set(grants.filter((g) => g.post === 'resident').map((g) => compoundOf(g.path)).filter(Boolean))]

/** street/community/compound/… → compound. */
export const compoundOf = (path: string): string => path.split('/').filter(Boolean)[2] ?? ''
