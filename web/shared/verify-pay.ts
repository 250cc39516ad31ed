// A company's pay by quality as a file, computed again here with this page's own code: base, score, coefficient and amounts to the
// fen out of the frozen inputs and the formula, each part against the hash it was frozen with, and every version against the public
// log. Nothing is asked of any server. Written from the form described in rooms/money/bundle and the rule in rooms/money/share.
import type { Check, FaultAt } from './verify-bundle'
import { needed, openLog, type SignedLog } from './verify-log'
import type { Checkpoint } from './verify-note'
import { canonical, inPool, poolOf, recordLeaf } from './verify-record'
import { micros } from './verify-statement'
import { hex, nodeHash, sha256, utf8 } from './verify-tree'

interface Share {
  n: number
  d: number
}
interface Weight {
  input: string
  zh: string
  en: string
  points: number
}
interface Band {
  from: number
  coef: Share
  breach: boolean
}
interface Formula {
  version: string
  weights: Weight[]
  bands: Band[]
  hold_back: Share
}
interface Input {
  input: string
  figure: Share
  source: string
  absent?: string
}
interface Step {
  rule: string
  zh: string
  en: string
  left: string
  rel: string
  right: string
  holds: boolean
}
export interface Pay {
  version: string
  base: number
  score: string
  shown: string
  coef: Share
  earned: number
  held: number
  now: number
  breach: boolean
  steps: Step[]
}
interface Published {
  compound: string
  quality: string
  from: string
  to: string
  version: number
  hash: string
  prev: string
  score: string
  earned: number
  held: number
}
export interface PayFile {
  format: string
  compound: string
  name: string
  quality: string
  contract: string
  company: string
  from: string
  to: string
  version: number
  prev: string
  why: string
  base: { collected: number; rate?: Share; fixed?: number; amount: number }
  formula: Formula
  inputs: Input[]
  pay: Pay
  frozen: string
  demo?: boolean
  parts: { name: string; hash: string }[]
  hash: string
  proof?: {
    path: string
    as_of: string
    records: { id: string; at: string; kind: string; body: Record<string, unknown>; leaf: number }[]
    log: SignedLog
  }
}

export interface PayReport {
  ok: boolean
  file: PayFile | null
  checkpoint: Checkpoint | null
  signer: string
  witnesses: { name: string; at: bigint }[]
  /** The newest version that the log knows. */
  later: number
  checks: Check[]
}

/** Names of the checks, in the order in which they are told; the same as those of `cuobian verify`. */
export const PAY_NAMES = ['form', 'parts', 'base', 'amount', 'hash', 'checkpoint_signature', 'in_log', 'published', 'versions'] as const
type Name = (typeof PAY_NAMES)[number]
type Bad = (name: Name, at: string, code: string, named?: Record<string, string | number>) => void
type Seen = (name: Name) => void

/** Checks a file. Never throws for what stands in it. known are keys of the log that the reader trusts. */
export function verifyPay(text: string, known: string[] = []): PayReport {
  const r: PayReport = { ok: false, file: null, checkpoint: null, signer: '', witnesses: [], later: 0, checks: [] }
  const by = new Map<Name, Check>(PAY_NAMES.map((n) => [n, { name: n, state: 'good', n: 0, faults: [] as FaultAt[] }]))
  const bad: Bad = (name, at, code, named) => {
    const c = by.get(name)!
    c.state = 'bad'
    c.faults.push({ at, code, ...(named ? { named } : {}) })
  }
  const seen: Seen = (name) => void by.get(name)!.n++
  const file = form(text, bad, seen)
  if (file) {
    try {
      content(file, bad, seen)
      proved(file, r, known, bad, seen)
      r.file = file
    } catch {
      bad('form', '', 'shape')
    }
  }
  r.checks = [...by.values()]
  r.ok = r.file !== null && r.checks.every((c) => c.state === 'good')
  return r
}

/** Fields of each kind of thing in the file; those after the bar may be left out. */
const FIELDS = {
  file: 'base company compound contract format formula from frozen hash inputs name parts pay prev quality to version why proof|demo',
  base: 'amount collected|fixed rate',
  share: 'd n',
  formula: 'bands hold_back version weights',
  weight: 'en input points zh',
  band: 'breach coef from',
  input: 'figure input source|absent',
  pay: 'base breach coef earned held now score shown steps version',
  step: 'en holds left rel right rule zh',
  part: 'hash name',
  proof: 'as_of log path records',
  log: 'checkpoint keys origin pool',
  record: 'at body id kind leaf',
} as const

function form(text: string, bad: Bad, seen: Seen): PayFile | null {
  seen('form')
  let f: PayFile
  try {
    f = JSON.parse(text) as PayFile
  } catch {
    bad('form', '', 'not_json')
    return null
  }
  if (typeof f !== 'object' || f === null || f.format !== 'cuobian.pay.1') {
    bad('form', 'format', 'not_format')
    return null
  }
  let again = ''
  try {
    again = canonical(f) + '\n'
  } catch {
    // said below
  }
  if (again !== text) bad('form', '', 'not_canonical')
  const fields = (kind: keyof typeof FIELDS, x: unknown, where: string): void => {
    const [must = '', may = ''] = FIELDS[kind].split('|')
    const has = typeof x === 'object' && x !== null && !Array.isArray(x) ? Object.keys(x) : []
    const needs = must.split(' ').filter((k) => k !== 'proof')
    if (needs.some((k) => !has.includes(k)) || has.some((k) => !must.split(' ').includes(k) && !may.split(' ').includes(k))) bad('form', where, 'fields')
  }
  const each = (kind: keyof typeof FIELDS, list: unknown, where: string): void => {
    if (!Array.isArray(list)) bad('form', where, 'shape')
    else list.forEach((x, i) => fields(kind, x, `${where}[${i}]`))
  }
  fields('file', f, '')
  fields('base', f.base, 'base')
  if (f.base?.rate) fields('share', f.base.rate, 'base.rate')
  fields('formula', f.formula, 'formula')
  each('weight', f.formula?.weights, 'formula.weights')
  each('band', f.formula?.bands, 'formula.bands')
  each('input', f.inputs, 'inputs')
  fields('pay', f.pay, 'pay')
  each('step', f.pay?.steps, 'pay.steps')
  each('part', f.parts, 'parts')
  if (f.proof) {
    fields('proof', f.proof, 'proof')
    fields('log', f.proof.log, 'proof.log')
    each('record', f.proof.records, 'proof.records')
  }
  return f
}

const hashOf = (v: unknown): string => {
  try {
    return hex(sha256(utf8(canonical(v))))
  } catch {
    return ''
  }
}

/** The parts that were hashed each for itself, in their order. */
export function pieces(f: PayFile): [name: string, value: unknown][] {
  return [
    ['base', f.base],
    ['formula.version', f.formula.version],
    ...f.formula.weights.map((w): [string, unknown] => ['formula.weights.' + w.input, w]),
    ...f.formula.bands.map((b, i): [string, unknown] => [`formula.bands[${i}]`, b]),
    ['formula.hold_back', f.formula.hold_back],
    ...f.inputs.map((x): [string, unknown] => ['inputs.' + x.input, x]),
    ['pay', f.pay],
  ]
}

/** The hash over all but itself and the proof. */
export function wholeHash(f: PayFile): string {
  const { proof: _, ...rest } = f
  return hashOf({ ...rest, hash: '' })
}

function content(f: PayFile, bad: Bad, seen: Seen): void {
  const list = pieces(f)
  for (const [name, value] of list) {
    seen('parts')
    if (f.parts.find((p) => p.name === name)?.hash !== hashOf(value)) bad('parts', name, 'not_as_frozen')
  }
  for (const p of f.parts) if (!list.some(([name]) => name === p.name)) bad('parts', p.name, 'part_gone')

  seen('base')
  seen('amount')
  try {
    const base = baseOf(f)
    const want = payOf(f.formula, base, f.inputs)
    if (f.base.amount !== base || f.pay.base !== base) bad('base', 'base.amount', 'figure', { is: plain(base), said: plain(f.base.amount) })
    for (const k of ['version', 'score', 'shown', 'coef', 'earned', 'held', 'now', 'breach', 'steps'] as const) {
      if (canonical(f.pay[k]) !== canonical(want[k])) bad('amount', 'pay.' + k, 'counts_otherwise')
    }
  } catch {
    bad('amount', 'inputs', 'cannot_count')
  }
  seen('hash')
  if (wholeHash(f) !== f.hash) bad('hash', 'hash', 'content_changed')
}

// Fractions are exact: numerators and denominators are whole numbers of any size.

interface Rat {
  n: bigint
  d: bigint
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b))
const rat = (n: bigint, d: bigint): Rat => {
  const g = gcd(n, d) || 1n
  return { n: n / g, d: d / g }
}
const said = (r: Rat): string => (r.d === 1n ? String(r.n) : `${r.n}/${r.d}`)
const whole = (x: number): bigint => {
  if (!Number.isSafeInteger(x)) throw new Error('no whole number')
  return BigInt(x)
}
const of = (s: Share): Rat => rat(whole(s.n), whole(s.d))
const fraction = (s: Share): string => `${s.n}/${s.d}`
/** A fraction from 0 to 1. */
const unit = (s: Share): boolean => whole(s.d) > 0n && s.n >= 0 && whole(s.n) <= whole(s.d)
/** Whether one fraction is less than another; a fraction of nothing is less than any other. */
const less = (a: Share, b: Share): boolean => (a.d <= 0 || b.d <= 0 ? a.d <= 0 && b.d > 0 : whole(a.n) * whole(b.d) < whole(b.n) * whole(a.d))
/** Fen as yuan without signs: 1234.50. */
function plain(fen: number): string {
  const a = Math.abs(fen)
  return `${fen < 0 ? '-' : ''}${Math.trunc(a / 100)}.${String(a % 100).padStart(2, '0')}`
}
/** Amount × fraction in whole fen, the rest of a fen left out. */
const cut = (fen: number, r: Rat): number => Number((whole(fen) * r.n) / r.d)

function baseOf(f: PayFile): number {
  const b = f.base
  if (!b.rate) return b.fixed ?? 0
  if (b.collected < 0 || !unit(b.rate)) throw new Error('no base')
  return cut(b.collected, of(b.rate))
}

/** A formula that can be one: weights add up to 100, bands fall to 0, and no more is held back than the worst score earns. */
function sound(f: Formula): boolean {
  if (!f.version || !unit(f.hold_back) || f.bands.at(-1)?.from !== 0) return false
  const names = new Set(f.weights.map((w) => w.input))
  if (names.size !== f.weights.length || f.weights.some((w) => !w.input || !(w.points > 0 && w.points <= 100)) || f.weights.reduce((n, w) => n + whole(w.points), 0n) !== 100n) return false
  return f.bands.every((b, i) => {
    const above = f.bands[i - 1]
    return b.coef.d > 0 && b.coef.n >= 0 && b.from <= 100 && (!above || (b.from < above.from && !less(above.coef, b.coef))) && !less(b.coef, f.hold_back)
  })
}

/** What a period earned, with its derivation. Throws where it cannot be counted. */
export function payOf(f: Formula, base: number, inputs: Input[]): Pay {
  if (!sound(f) || !(base >= 0) || inputs.length !== f.weights.length) throw new Error('cannot be counted')
  const steps: Step[] = []
  const step = (zh: string, en: string, left: string, rel: string, right: string) => void steps.push({ rule: 'R30', zh, en, left, rel, right, holds: true })
  let sum: Rat = { n: 0n, d: 1n }
  let points = 0
  for (const w of f.weights) {
    const x = inputs.find((i) => i.input === w.input)
    if (!x) throw new Error('an input is missing')
    if (x.figure.n === 0 && x.figure.d === 0 && x.absent) step(w.zh, w.en, '–', '', `权重 ${w.points} 不计`)
    else if (unit(x.figure) && !x.absent) {
      const part = rat(whole(x.figure.n) * whole(w.points), whole(x.figure.d))
      sum = rat(sum.n * part.d + part.n * sum.d, sum.d * part.d)
      points += w.points
      step(w.zh, w.en, `${w.points}×${fraction(x.figure)}`, '=', said(part))
    } else throw new Error('an input is wrong')
  }
  if (points === 0) throw new Error('nothing was measured')
  const score = rat(sum.n * 100n, sum.d * BigInt(points))
  step('得分（百分制）', 'score, of 100', `100×(${said(sum)})÷${points}`, '=', said(score))
  const band = f.bands.find((b) => score.n >= whole(b.from) * score.d)!
  step(`适用系数 ${fraction(band.coef)}`, `coefficient ${fraction(band.coef)}`, said(score), '≥', String(band.from))
  const earned = cut(base, of(band.coef))
  const held = cut(base, of(f.hold_back))
  step('本期酬金', 'remuneration of the period', `${plain(base)}×${fraction(band.coef)}`, '=', plain(earned))
  step('暂扣至年度星级结果', 'held back until the yearly star result', `${plain(base)}×${fraction(f.hold_back)}`, '=', plain(held))
  step('本期应付', 'to be paid now', `${plain(earned)}−${plain(held)}`, '=', plain(earned - held))
  return { version: f.version, base, score: said(score), shown: plain(Number((score.n * 100n) / score.d)), coef: band.coef, earned, held, now: earned - held, breach: band.breach, steps }
}

/** The records of the period in the log: this version is the one that was published, and none between is missing. */
function proved(f: PayFile, r: PayReport, known: string[], bad: Bad, seen: Seen): void {
  const p = f.proof
  seen('checkpoint_signature')
  if (!p) {
    seen('in_log')
    seen('published')
    seen('versions')
    bad('in_log', 'proof', 'no_proof')
    return
  }
  const until = micros(p.as_of)
  if (until === null) bad('form', 'proof.as_of', 'shape')
  const o = openLog(p.log, known)
  for (const x of o.faults) bad('checkpoint_signature', x.at, x.code)
  const point = (r.checkpoint = o.point)
  r.signer = o.signer
  r.witnesses = o.witnesses
  const pool = poolOf(p.log.pool)
  if (!pool) bad('in_log', 'proof.log.pool', 'bad_hash')
  let before = ''
  let here = false
  seen('published')
  for (const [i, x] of p.records.entries()) {
    const where = `proof.records[${i}]`
    seen('in_log')
    seen('versions')
    const leaf = recordLeaf({ id: x.id, at: x.at, kind: x.kind, path: p.path, ref: 'quality/' + f.quality, body: x.body })
    if (!(leaf && pool && point && Number.isSafeInteger(x.leaf) && inPool(pool, Number(point.size), x.leaf, leaf, point.root, nodeHash))) bad('in_log', where, 'not_in_log')
    if (i > 0 && p.records[i - 1]!.leaf >= x.leaf) bad('in_log', where, 'order')
    const at = micros(x.at)
    if (at === null || at > (until ?? 0n)) bad('in_log', where, 'after_file')
    const b = x.body as unknown as Published
    if (x.kind !== 'money.quality' || b.quality !== f.quality || b.compound !== f.compound) {
      bad('in_log', where, 'record_spare')
      continue
    }
    if (b.version !== r.later + 1 || b.prev !== before) bad('versions', where, 'version_break')
    r.later = b.version
    before = b.hash
    if (b.version !== f.version) continue
    here = true
    if (b.hash !== f.hash) bad('published', 'hash', 'other_published')
    if (b.prev !== f.prev || b.from !== f.from || b.to !== f.to || b.score !== f.pay.shown || b.earned !== f.pay.earned || b.held !== f.pay.held) bad('published', where, 'other_published')
  }
  if (!p.records.length) {
    seen('in_log')
    seen('versions')
  }
  if (!here) bad('published', 'version', 'not_published')
  if (point && pool) {
    const need = needed(Number(point.size), p.records.map((x) => x.leaf).filter((n) => Number.isSafeInteger(n)))
    for (const n of need) if (!pool.has(n)) bad('in_log', `proof.log.pool.${n}`, 'hash_missing')
    for (const n of pool.keys()) if (!need.has(n)) bad('in_log', `proof.log.pool.${n}`, 'hash_spare')
  }
}
