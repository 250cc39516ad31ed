// A compound's published accounts as a file, checked here with this page's own code: every statement against the record of
// its posting, its sums, its seals, the chain from one to the next, and what was due against what was posted. Nothing is
// asked of any server. Written from the form described in rooms/money/statement.
import type { Check, FaultAt } from './verify-bundle'
import { needed, openLog, type SignedLog } from './verify-log'
import type { Checkpoint } from './verify-note'
import { canonical, inPool, poolOf, recordLeaf } from './verify-record'
import { verifySM2 } from './verify-sm'
import { hex, nodeHash, sha256, unbase64, utf8 } from './verify-tree'

export type Period = 'month' | 'quarter' | 'year'
const KINDS: readonly Period[] = ['month', 'quarter', 'year']

interface Sum {
  account: string
  zh: string
  en: string
  amount: number
}

export interface StatementWords {
  compound: string
  name: string
  fund: string
  kind: Period
  period: string
  from: string
  to: string
  version: number
  corrects?: string
  why?: string
  prev: string
  opening: number
  received: number
  spent: number
  closing: number
  totals: Sum[]
  balances: Sum[]
  lines: { no: number; entry: string; day: string; account: string; words: string; amount: number }[]
  demo?: boolean
}

interface Seal {
  stamp: string
  name: string
  public: string
  at: string
  sig: string
}

interface Due {
  compound: string
  fund: string
  kind: Period
  period: string
  n: number
  due: string
  shown: number
}

interface Posted {
  compound: string
  fund: string
  kind: Period
  period: string
  version: number
  hash: string
  prev: string
  corrects?: string
  until: string
  seals: Seal[] | null
}

export interface StatementFile {
  format: string
  compound: string
  name: string
  path: string
  fund: string
  as_of: string
  statements: StatementWords[]
  records: { id: string; at: string; kind: string; body: Record<string, unknown>; leaf: number }[]
  log: SignedLog
}

export interface StatementReport {
  ok: boolean
  file: StatementFile | null
  checkpoint: Checkpoint | null
  signer: string
  witnesses: { name: string; at: bigint }[]
  /** How many were due by the file's day. */
  due: number
  checks: Check[]
}

/** Names of the checks, in the order in which they are told; the same as those of `cuobian verify`. */
export const STATEMENT_NAMES = ['form', 'checkpoint_signature', 'in_log', 'statement_hash', 'statement_sums', 'chain', 'seal', 'changed', 'late', 'vanished', 'shown_days'] as const
type Name = (typeof STATEMENT_NAMES)[number]

const KEYS = ['as_of', 'compound', 'format', 'fund', 'log', 'name', 'path', 'records', 'statements']
const DAY = 86_400_000

/** Microseconds since 1970 of an RFC 3339 instant in UTC; null for anything else. */
export function micros(at: string): bigint | null {
  const m = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(at)
  const ms = m ? Date.parse(m[1] + 'Z') : NaN
  return m && !Number.isNaN(ms) ? BigInt(ms) * 1000n + BigInt((m[2] ?? '').padEnd(6, '0')) : null
}

/** A civil day as a whole number of days. */
const dayOf = (d: string): number => (/^\d{4}-\d\d-\d\d$/.test(d) ? Date.parse(d + 'T00:00:00Z') / DAY : NaN)
/** The civil day of an instant in China, eight hours ahead all year. */
export const dayAt = (m: bigint): number => Number((m + 28_800_000_000n) / 86_400_000_000n)
export const written = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)

export function span(kind: Period, period: string): [from: string, to: string] | null {
  if (kind === 'year') return /^\d{4}$/.test(period) ? [`${period}-01-01`, `${period}-12-31`] : null
  const m = kind === 'quarter' ? /^(\d{4})Q([1-4])$/.exec(period) : kind === 'month' ? /^(\d{4})-(0[1-9]|1[0-2])$/.exec(period) : null
  if (!m) return null
  const months = kind === 'quarter' ? 3 : 1
  const first = (Number(m[2]) - 1) * months
  const end = new Date(Date.UTC(Number(m[1]), first + months, 0))
  return [`${m[1]}-${String(first + 1).padStart(2, '0')}-01`, end.toISOString().slice(0, 10)]
}

const periodAt = (kind: Period, day: string): string => (kind === 'year' ? day.slice(0, 4) : kind === 'quarter' ? `${day.slice(0, 4)}Q${Math.ceil(Number(day.slice(5, 7)) / 3)}` : day.slice(0, 7))

/** The period after one (step 1) or before it (step −1); '' when it is none. */
export function beside(kind: Period, period: string, step: 1 | -1): string {
  const s = span(kind, period)
  return s ? periodAt(kind, written(step > 0 ? dayOf(s[1]) + 1 : dayOf(s[0]) - 1)) : ''
}

const nameOf = (kind: string, period: string, version: number): string => `${kind} ${period}${version > 1 ? ` v${version}` : ''}`
const hashOf = (w: StatementWords): string => {
  try {
    return hex(sha256(utf8(canonical(w))))
  } catch {
    return ''
  }
}

/** Checks a file. Never throws for what stands in it. known are keys of the log that the reader trusts. */
export function verifyStatement(text: string, known: string[] = []): StatementReport {
  const r: StatementReport = { ok: false, file: null, checkpoint: null, signer: '', witnesses: [], due: 0, checks: [] }
  const by = new Map<Name, Check>(STATEMENT_NAMES.map((n) => [n, { name: n, state: 'good', n: 0, faults: [] as FaultAt[] }]))
  const bad = (name: Name, at: string, code: string, named?: Record<string, string | number>): void => {
    const c = by.get(name)!
    c.state = 'bad'
    c.faults.push({ at, code, ...(named ? { named } : {}) })
  }
  const seen = (name: Name): void => void by.get(name)!.n++
  const file = form(text, bad, seen)
  if (file) {
    r.file = file
    try {
      new Look(file, r, known, bad, seen).all()
    } catch {
      bad('form', '', 'shape')
    }
  }
  r.checks = [...by.values()]
  r.ok = file !== null && r.checks.every((c) => c.state === 'good')
  return r
}

type Bad = (name: Name, at: string, code: string, named?: Record<string, string | number>) => void

function form(text: string, bad: Bad, seen: (name: Name) => void): StatementFile | null {
  seen('form')
  let f: StatementFile
  try {
    f = JSON.parse(text) as StatementFile
  } catch {
    bad('form', '', 'not_json')
    return null
  }
  if (typeof f !== 'object' || f === null || f.format !== 'cuobian.statement.1') {
    bad('form', 'format', 'not_format')
    return null
  }
  if (Object.keys(f).sort().join() !== KEYS.join()) bad('form', '', 'fields')
  let again = ''
  try {
    again = canonical(f) + '\n'
  } catch {
    // said below
  }
  if (again !== text) {
    let at = 0
    while (at < again.length && again[at] === text[at]) at++
    bad('form', /.*"([^"]*)":/s.exec(text.slice(0, at))?.[1] ?? '', 'not_canonical')
  }
  return f
}

class Look {
  private point: Checkpoint | null = null
  private asOf: bigint
  private dues: (Due & { at: bigint })[] = []
  private posted: (Posted & { made: bigint; words: StatementWords | null })[] = []
  constructor(private f: StatementFile, private r: StatementReport, private known: string[], private bad: Bad, private seen: (name: Name) => void) {
    const at = micros(f.as_of)
    if (at === null) bad('form', 'as_of', 'shape')
    this.asOf = at ?? 0n
  }

  all(): void {
    this.checkpoint()
    this.records()
    this.sums()
    this.chain()
    this.periods()
  }

  private checkpoint(): void {
    this.seen('checkpoint_signature')
    const o = openLog(this.f.log, this.known)
    for (const x of o.faults) this.bad('checkpoint_signature', x.at, x.code)
    this.point = this.r.checkpoint = o.point
    this.r.signer = o.signer
    this.r.witnesses = o.witnesses
  }

  /** Every record is proved in the log; each statement must be the one whose hash its record says. */
  private records(): void {
    const { f, bad } = this
    const texts = new Map(f.statements.map((w) => [hashOf(w), w]))
    const used = new Set<string>()
    const pool = poolOf(f.log.pool)
    if (!pool) bad('in_log', 'log.pool', 'bad_hash')
    for (const [i, x] of f.records.entries()) {
      const where = `records[${i}] ${x.kind}`
      this.seen('in_log')
      const leaf = recordLeaf({ id: x.id, at: x.at, kind: x.kind, path: f.path, ref: `funds/${f.compound}/${f.fund}`, body: x.body })
      const proved = leaf && pool && this.point && Number.isSafeInteger(x.leaf) && inPool(pool, Number(this.point.size), x.leaf, leaf, this.point.root, nodeHash)
      if (this.point && !proved) bad('in_log', where, 'not_in_log')
      if (i > 0 && f.records[i - 1]!.leaf >= x.leaf) bad('in_log', where, 'order')
      const at = micros(x.at)
      if (at === null || at > this.asOf) bad('in_log', where, 'after_file')
      if (x.body.compound !== f.compound || x.body.fund !== f.fund || !KINDS.includes(x.body.kind as Period)) bad('in_log', where, 'other_fund')
      else if (x.kind === 'money.due') {
        const d = x.body as unknown as Due
        const due = micros(d.due)
        if (due === null) bad('in_log', where, 'shape')
        else this.dues.push({ ...d, at: due })
      } else if (x.kind === 'money.statement') {
        const p = x.body as unknown as Posted
        const words = texts.get(p.hash) ?? null
        used.add(p.hash)
        this.seen('statement_hash')
        if (words && (words.kind !== p.kind || words.period !== p.period || words.version !== p.version || words.prev !== p.prev || (words.corrects ?? '') !== (p.corrects ?? '') || words.compound !== p.compound || words.fund !== p.fund)) bad('statement_hash', nameOf(p.kind, p.period, p.version), 'other_statement')
        this.posted.push({ ...p, made: at ?? 0n, words })
      } else bad('in_log', where, 'record_spare')
    }
    for (const w of f.statements) {
      if (used.has(hashOf(w))) continue
      const where = nameOf(w.kind, w.period, w.version)
      if (this.posted.some((p) => p.kind === w.kind && p.period === w.period && p.version === w.version)) bad('statement_hash', where, 'statement_changed')
      else bad('in_log', where, 'statement_unposted')
    }
    const last = f.statements.at(-1)
    if (last && last.name !== f.name) bad('statement_hash', 'name', 'other_statement')
    if (this.point && pool) {
      const need = needed(Number(this.point.size), f.records.map((x) => x.leaf).filter((n) => Number.isSafeInteger(n)))
      for (const n of need) if (!pool.has(n)) bad('in_log', `log.pool.${n}`, 'hash_missing')
      for (const n of pool.keys()) if (!need.has(n)) bad('in_log', `log.pool.${n}`, 'hash_spare')
    }
  }

  /** Every statement is added up again, in whole fen. */
  private sums(): void {
    const { bad } = this
    for (const w of this.f.statements) {
      const where = nameOf(w.kind, w.period, w.version)
      this.seen('statement_sums')
      const s = span(w.kind, w.period)
      if (!s || s[0] !== w.from || s[1] !== w.to) {
        bad('statement_sums', where, 'period')
        continue
      }
      let [received, spent] = [0n, 0n]
      const accounts = new Map<string, bigint>()
      for (const [i, l] of w.lines.entries()) {
        const amount = BigInt(l.amount)
        if (amount < 0n) spent -= amount
        else received += amount
        accounts.set(l.account, (accounts.get(l.account) ?? 0n) + amount)
        if (l.no !== i + 1 || !(dayOf(l.day) >= dayOf(w.from) && dayOf(l.day) <= dayOf(w.to))) bad('statement_sums', `${where} ${i + 1}`, 'line_order')
      }
      const whole = (list: Sum[]) => list.reduce((n, x) => n + BigInt(x.amount), 0n)
      const fits = BigInt(w.received) === received && BigInt(w.spent) === spent && BigInt(w.closing) === BigInt(w.opening) + received - spent && w.totals.every((t) => BigInt(t.amount) === (accounts.get(t.account) ?? 0n))
      if (!fits) bad('statement_sums', where, 'sums_differ')
      if (whole(w.totals) !== received - spent || whole(w.balances) !== BigInt(w.closing)) bad('statement_sums', where, 'accounts_differ')
    }
    // What one period ended with, the next begins with, as it was known then.
    const last = new Map<string, StatementWords>()
    for (const { words: w } of this.posted) {
      if (!w || !span(w.kind, w.period)) continue
      const before = last.get(beside(w.kind, w.period, -1))
      if (before && before.closing !== w.opening && w.version === 1) bad('statement_sums', nameOf(w.kind, w.period, w.version), 'opening_differs')
      last.set(w.period, w)
    }
  }

  /** What each posting says of the one before, of the version it corrects, and the seals under it. */
  private chain(): void {
    const { bad } = this
    let prev = ''
    const latest = new Map<string, Posted>()
    for (const p of this.posted) {
      const where = nameOf(p.kind, p.period, p.version)
      this.seen('chain')
      if (p.prev !== prev) bad('chain', where, 'chain_broken')
      prev = p.hash
      this.seen('seal')
      if (!p.seals?.length) bad('seal', where, 'no_seal')
      for (const s of p.seals ?? []) if (!sealed(s, p.hash)) bad('seal', `${where} ${s.name}`, 'bad_seal')
      this.seen('changed')
      const before = latest.get(p.period)
      if (before ? p.version !== before.version + 1 || p.corrects !== before.hash : p.version !== 1 || p.corrects) bad('changed', where, before ? 'second_statement' : 'version_missing')
      latest.set(p.period, p)
      this.seen('shown_days')
      const shown = [...this.dues].reverse().find((d) => d.kind === p.kind && d.period === p.period)?.shown ?? 0
      if (!(dayOf(p.until) >= dayAt(p.made) + shown)) bad('shown_days', where, 'shown_short', { n: shown })
    }
  }

  /** What was due against what was posted, and when. */
  private periods(): void {
    const { bad } = this
    for (const p of this.posted) {
      const where = nameOf(p.kind, p.period, p.version)
      if (!p.words) bad('vanished', where, 'statement_gone')
      if (!this.dues.some((d) => d.kind === p.kind && d.period === p.period)) bad('vanished', where, 'due_missing')
    }
    for (const kind of KINDS) {
      let [n, next] = [0, '']
      for (const d of this.dues.filter((x) => x.kind === kind)) {
        n++
        if (d.n !== n || (next && d.period !== next)) {
          bad('vanished', `${kind} ${next}`, 'due_gap', { period: d.period })
          n = d.n
        }
        next = beside(kind, d.period, 1)
        this.seen('vanished')
        if (d.at < this.asOf) this.r.due++
        const p = this.posted.find((x) => x.kind === kind && x.period === d.period)
        if (!p) {
          if (d.at < this.asOf) bad('vanished', nameOf(kind, d.period, 1), 'not_posted')
          continue
        }
        this.seen('late')
        if (p.made > d.at) bad('late', nameOf(kind, d.period, 1), 'posted_late', { day: written(dayAt(p.made)), due: written(dayAt(d.at - 1n)) })
      }
      // A period that ended two days before the file's day has its record, unless the fund was empty at the last.
      const end = [...this.posted].reverse().find((p) => p.kind === kind && p.words)?.words
      const s = next ? span(kind, next) : null
      if (s && !(end && end.closing === 0 && end.balances.length === 0) && dayOf(s[1]) + 2 < dayAt(this.asOf)) bad('vanished', `${kind} ${next}`, 'due_unwritten')
    }
  }
}

/** Whether a seal stands under a hash: SM2 over four lines. */
function sealed(s: Seal, hash: string): boolean {
  const [key, sig, at] = [unbase64(s.public), unbase64(s.sig), micros(s.at)]
  return key !== null && sig !== null && at !== null && /^[0-9a-f]{64}$/.test(hash) && verifySM2(key, utf8(`cuobian-stamp-1\n${s.stamp}\n${at}\n${hash}\n`), sig)
}
