// The count of a matter, as the law has it, in exact integers: two counts, by heads and by area (0.01 m²), compared by
// products. Written from the rules (R01–R07, R26, docs/rules.md), not from the server's code; what the server printed as
// its derivation is compared with this.

export type Choice = 'agree' | 'against' | 'abstain' | 'invalid' | 'none'
export type Rule = 'ordinary' | 'special' | 'unanimous'

export const TAKES: readonly Choice[] = ['agree', 'against', 'abstain']

/** One right within the scope of a matter. */
export interface Elector {
  no: number
  area: bigint
  parking: bigint
  /** Has nothing but titled parking spaces: no right where these are not counted (R06). */
  spaces: boolean
}

export interface Sum {
  heads: bigint
  area: bigint
}

export interface Count {
  total: Sum
  part: Sum
  agree: Sum
  against: Sum
  abstain: Sum
  invalid: Sum
  unreturned: Sum
  gateHeads: boolean
  gateArea: boolean
  gate: boolean
  consent: boolean
  passed: boolean
}

const zero = (): Sum => ({ heads: 0n, area: 0n })
const add = (a: Sum, b: Sum): Sum => ({ heads: a.heads + b.heads, area: a.area + b.area })

export interface How {
  rule: Rule
  countParking: boolean
  /** Rights whose own part the work takes up: each must agree (R45). */
  touched?: number[]
}

/** Whether k × left stands in that relation to m × right, for heads and for area. */
const atLeast = (k: bigint, left: Sum, m: bigint, right: Sum) => ({ heads: k * left.heads >= m * right.heads, area: k * left.area >= m * right.area })
const moreThan = (k: bigint, left: Sum, m: bigint, right: Sum) => ({ heads: k * left.heads > m * right.heads, area: k * left.area > m * right.area })

export function agrees(rule: Rule, agree: Sum, part: Sum, total: Sum): boolean {
  if (total.heads === 0n) return false
  const { heads, area } =
    rule === 'special' ? atLeast(4n, agree, 3n, part)
    : rule === 'ordinary' ? moreThan(2n, agree, 1n, part)
    : { heads: agree.heads === total.heads, area: agree.area === total.area }
  return heads && area
}

/** Counts. A right without a choice did not return its ballot and does not take part (R26). */
export function count(how: How, electors: Elector[], choices: Map<number, Choice>): Count {
  const of: Record<Choice, Sum> = { agree: zero(), against: zero(), abstain: zero(), invalid: zero(), none: zero() }
  let total = zero()
  for (const e of electors) {
    if (e.spaces && !how.countParking) continue
    const one: Sum = { heads: 1n, area: e.area + (how.countParking ? e.parking : 0n) }
    total = add(total, one)
    const c = choices.get(e.no) ?? 'none'
    of[c] = add(of[c], one)
  }
  const part = add(add(of.agree, of.against), of.abstain)
  return weigh(how, total, part, of.agree, of, choices)
}

function weigh(how: How, total: Sum, part: Sum, agree: Sum, of: Record<Choice, Sum>, choices: Map<number, Choice>): Count {
  const gate = atLeast(3n, part, 2n, total)
  const gateHeads = gate.heads && total.heads > 0n
  const gateArea = gate.area && total.area > 0n
  const consent = agrees(how.rule, agree, part, total)
  const touched = (how.touched ?? []).every((no) => choices.get(no) === 'agree')
  return {
    total, part, agree, against: of.against, abstain: of.abstain, invalid: of.invalid, unreturned: of.none,
    gateHeads, gateArea, gate: gateHeads && gateArea, consent, passed: gateHeads && gateArea && consent && touched,
  }
}

/** Decides by sums alone: for the groups of a secret vote, where no choice stands with a right. */
export function weighSums(rule: Rule, total: Sum, agree: Sum, against: Sum, abstain: Sum, invalid: Sum): Count {
  const part = add(add(agree, against), abstain)
  const gone = { heads: total.heads - part.heads - invalid.heads, area: total.area - part.area - invalid.area }
  return weigh({ rule, countParking: true }, total, part, agree, { agree, against, abstain, invalid, none: gone }, new Map())
}

export const sameSum = (a: Sum, b: Sum): boolean => a.heads === b.heads && a.area === b.area
export const sumOf = (list: Sum[]): Sum => list.reduce(add, zero())

/** Square metres with two decimals out of 0.01 m², as a derivation prints them. */
export const metres = (a: bigint): string => `${a < 0n ? '-' : ''}${(a < 0n ? -a : a) / 100n}.${String((a < 0n ? -a : a) % 100n).padStart(2, '0')}`

/** 0.01 m² out of "98.56"; null for what is no such number. */
export function hundredthsOf(text: string): bigint | null {
  const m = /^(0|[1-9]\d*)\.(\d\d)$/.exec(text)
  return m ? BigInt(m[1]!) * 100n + BigInt(m[2]!) : null
}

/** One comparison of a derivation as people read it. */
export interface Step {
  rule: string
  left: string
  rel: string
  right: string
  holds: boolean
}

const times = (k: bigint, v: bigint, say: (v: bigint) => string) => (k === 1n ? say(v) : `${k}×${say(v)} = ${say(k * v)}`)

/** The comparisons that decide, in the order in which they are printed: the gate, then consent, by heads and by area. */
export function comparisons(rule: Rule, c: Pick<Count, 'total' | 'part' | 'agree'>): Step[] {
  const pair = (id: string, k: bigint, l: Sum, rel: '≥' | '>' | '=', m: bigint, r: Sum): Step[] =>
    (['heads', 'area'] as const).map((w) => {
      const say = w === 'area' ? metres : String
      const [a, b] = [k * l[w], m * r[w]]
      const holds = rel === '≥' ? a >= b : rel === '>' ? a > b : a === b
      return { rule: id, left: times(k, l[w], say), rel, right: times(m, r[w], say), holds: holds && (id !== 'R01' || c.total[w] > 0n) }
    })
  const consent =
    rule === 'special' ? pair('R03', 4n, c.agree, '≥', 3n, c.part)
    : rule === 'ordinary' ? pair('R02', 2n, c.agree, '>', 1n, c.part)
    : pair('R07', 1n, c.agree, '=', 1n, c.total)
  return [...pair('R01', 3n, c.part, '≥', 2n, c.total), ...consent]
}
