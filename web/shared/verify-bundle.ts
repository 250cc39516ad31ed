// A vote as a file, checked here with this page's own code: the roll, every ballot, the count, the derivation, the public
// records and the signed log. Each check has a name and says what is wrong and where. Nothing is asked of any server.
import { commitment, effective } from './verify-ballot'
import { deviceKey, deviceSigned, hashOfSignatures } from './verify-device'
import { comparisons, count, metres, weighSums, type Choice, type Count, type Elector, type Rule, type Step, type Sum } from './verify-count'
import { needed, openLog, type SignedLog } from './verify-log'
import { type Checkpoint } from './verify-note'
import { canonical, inPool, poolOf, recordLeaf, type PublicRecord } from './verify-record'
import { electorate, hashOfText, rollOf, type Roll } from './verify-roll'
import { natural, publish, rangeText, type SecretVote, type Sums } from './verify-sums'
import { hex, nodeHash, sha256, utf8 } from './verify-tree'

export type State = 'good' | 'bad' | 'waits' | 'note'

export interface FaultAt {
  at: string
  code: string
  named?: Record<string, string | number>
}

export interface Check {
  name: string
  state: State
  /** How many things were looked at. */
  n: number
  faults: FaultAt[]
}

export interface BundleMeeting {
  id: string
  number: string
  path: string
  title: string
  purpose: string
  secret: boolean
  counts: 'first' | 'last'
  count_parking: boolean
  unreturned_clause: string
  opens: string
  closes: string
  group_min: number
  demo: boolean
}

export interface BundleMatter {
  no: number
  title: string
  text: string
  item: number
  rule: Rule
  kind: string
  scope: string
  paths: string[] | null
  /** Homes whose own part the work takes up (R45). */
  touched: string[] | null
}

export interface BundleBallot {
  right?: number
  n?: number
  choices?: Record<string, Choice>
  salt?: string
  commitment: string
  counted: boolean
  void: boolean
  late: boolean
  id: string
  at: string
  leaf: number
  /** Of the scrutineers' file: the public key of the voter's device, and its signature over the commitment. */
  key?: string
  signature?: string
}

interface Pair {
  heads: number
  area: number
}

interface Figures {
  total: Pair
  part: Pair
  agree: Pair
  against: Pair
  abstain: Pair
  invalid: Pair
  unreturned: Pair
  gate_heads: boolean
  gate_area: boolean
  gate: boolean
  consent: boolean
  passed: boolean
  second?: { side: Choice; part: Pair; agree: Pair; passed: boolean }
  parking?: { counted: boolean; total: Pair; part: Pair; agree: Pair; gate: boolean; passed: boolean; differs: boolean }
}

export interface BundleStep extends Step {
  zh: string
  en: string
}

export interface BundleResult {
  matter: number
  passed: boolean
  figures?: Figures
  derivation: BundleStep[]
}

interface BundleRecord {
  id: string
  at: string
  kind: string
  body: Record<string, unknown>
  leaf: number
}

export interface Bundle {
  format: string
  kind: 'public' | 'scrutineers'
  meeting: BundleMeeting
  matters: BundleMatter[]
  roll: { version: number; hash: string; text: string; earlier: { version: number; hash: string }[] | null }
  ballots: BundleBallot[]
  groups: { matter: number; sums: Sums }[]
  results: BundleResult[]
  records: BundleRecord[]
  log: SignedLog
}

export interface Report {
  ok: boolean
  bundle: Bundle | null
  roll: Roll | null
  checkpoint: Checkpoint | null
  /** The log's key that signed, as text: to be compared with the one on the board. */
  signer: string
  witnesses: { name: string; at: bigint }[]
  checks: Check[]
}

/** Names of the checks, in the order in which they are told; the same as those of `cuobian verify`. */
export const NAMES = [
  'form', 'checkpoint_signature', 'cosignatures', 'records_in_log', 'ballot_in_log', 'pool', 'records', 'opening', 'roll_hash', 'ballot_order',
  'ballot_commitment', 'ballot_signature', 'ballot_count', 'ballot_counted', 'ballot_void', 'count', 'derivation', 'groups', 'core_hash',
] as const
export type Name = (typeof NAMES)[number]

const KEYS = ['ballots', 'format', 'groups', 'kind', 'log', 'matters', 'meeting', 'records', 'results', 'roll']

class Findings {
  private by = new Map<string, Check>()
  constructor() {
    for (const n of NAMES) this.by.set(n, { name: n, state: 'good', n: 0, faults: [] })
  }
  seen(name: Name, n = 1): void {
    this.by.get(name)!.n += n
  }
  bad(name: Name, at: string, code: string, named?: Record<string, string | number>): void {
    const c = this.by.get(name)!
    c.state = 'bad'
    c.faults.push({ at, code, ...(named ? { named } : {}) })
  }
  list(): Check[] {
    return [...this.by.values()].filter((c) => c.n > 0 || c.faults.length)
  }
  get ok(): boolean {
    return [...this.by.values()].every((c) => c.state !== 'bad')
  }
}

const short = (s: string) => s.slice(0, 12)
const nameOf = (x: BundleBallot) => (x.right ? `ballot ${x.right}/${x.n} (${short(x.commitment)})` : `ballot ${short(x.commitment)}`)
const hashOf = (v: unknown): string | null => {
  try {
    return hex(sha256(utf8(canonical(v))))
  } catch {
    return null
  }
}
/** Without the fields that are absent, as an omitted field is in the file. */
const only = <T extends object, K extends keyof T>(o: T, keys: K[]): Partial<T> => Object.fromEntries(keys.filter((k) => o[k] !== undefined).map((k) => [k, o[k]])) as unknown as Partial<T>

/** Root over commitments: sorted, a line each. */
export const rootOfWords = (words: string[]): string => hex(sha256(utf8([...words].sort().map((w) => w + '\n').join(''))))

export interface Options {
  /** Keys of the log that the reader trusts; none takes those of the file. */
  known?: string[]
  /** Told now and then, from 0 to 1; a pause in which the page may draw. */
  progress?: (part: number) => Promise<void> | void
}

/** Checks a file. Never throws for what stands in it. */
export async function verifyBundle(text: string, o: Options = {}): Promise<Report> {
  const f = new Findings()
  const report: Report = { ok: false, bundle: null, roll: null, checkpoint: null, signer: '', witnesses: [], checks: [] }
  const b = form(text, f)
  if (b) {
    report.bundle = b
    try {
      await new Look(b, f, report, o).all()
    } catch {
      // A field of the wrong shape somewhere: the file is not what it says it is.
      f.bad('form', '', 'shape')
    }
  }
  report.checks = f.list()
  report.ok = f.ok && b !== null
  return report
}

function form(text: string, f: Findings): Bundle | null {
  f.seen('form')
  let b: Bundle
  try {
    b = JSON.parse(text) as Bundle
  } catch {
    f.bad('form', '', 'not_json')
    return null
  }
  if (typeof b !== 'object' || b === null || b.format !== 'cuobian.vote.1') {
    f.bad('form', 'format', 'not_format')
    return null
  }
  if (b.kind !== 'public' && b.kind !== 'scrutineers') f.bad('form', 'kind', 'not_kind')
  if (Object.keys(b).sort().join() !== KEYS.join()) f.bad('form', Object.keys(b).filter((k) => !KEYS.includes(k)).join() || KEYS.filter((k) => !(k in b)).join(), 'fields')
  let again = ''
  try {
    again = canonical(b) + '\n'
  } catch {
    f.bad('form', '', 'not_canonical')
    return b
  }
  if (again !== text) {
    let at = 0
    while (at < again.length && at < text.length && again[at] === text[at]) at++
    const head = text.slice(0, at)
    f.bad('form', /.*"([^"]*)":/s.exec(head)?.[1] ?? '', 'not_canonical')
  }
  return b
}

class Look {
  private point: Checkpoint | null = null
  private roll: Roll | null = null
  private leaves = new Map<string, string>()
  private result: BundleRecord | null = null
  private open: boolean
  constructor(private b: Bundle, private f: Findings, private r: Report, private o: Options) {
    this.open = !b.meeting.secret || b.kind === 'scrutineers'
  }

  async all(): Promise<void> {
    this.checkpoint()
    await this.inLog()
    this.records()
    this.checkRoll()
    this.ballots()
    await this.signatures()
    this.counted()
    this.count()
    this.core()
  }

  private checkpoint(): void {
    const { f } = this
    f.seen('checkpoint_signature')
    const o = openLog(this.b.log, this.o.known ?? [])
    f.seen('cosignatures', o.keys)
    for (const x of o.faults) f.bad(x.name, x.at, x.code)
    this.point = this.r.checkpoint = o.point
    this.r.signer = o.signer
    this.r.witnesses = o.witnesses
  }

  private record(x: { id: string; at: string; kind: string; body: Record<string, unknown> }): PublicRecord {
    return { id: x.id, at: x.at, kind: x.kind, path: this.b.meeting.path, ref: 'assemblies/' + this.b.meeting.id, body: x.body }
  }

  private async inLog(): Promise<void> {
    const { b, f } = this
    const pool = poolOf(b.log.pool)
    if (!pool) {
      f.seen('pool')
      f.bad('pool', 'log.pool', 'bad_hash')
    }
    const places = new Set<number>()
    const prove = (name: 'records_in_log' | 'ballot_in_log', at: string, leaf: number, r: PublicRecord): void => {
      f.seen(name)
      if (places.has(leaf)) f.bad(name, at, 'same_place')
      places.add(leaf)
      const h = recordLeaf(r)
      if (!h || !Number.isSafeInteger(leaf) || leaf < 0) f.bad(name, at, 'not_in_log')
      else if (this.point && pool && !inPool(pool, Number(this.point.size), leaf, h, this.point.root, nodeHash)) f.bad(name, at, 'not_in_log')
      if (h && name === 'records_in_log') this.leaves.set(hex(h), r.kind)
    }
    for (const [i, x] of b.records.entries()) {
      prove('records_in_log', `records[${i}] ${x.kind}`, x.leaf, this.record(x))
      if (i > 0 && b.records[i - 1]!.leaf >= x.leaf) f.bad('records_in_log', `records[${i}]`, 'order')
      if (x.kind === 'assembly.ballot') f.bad('records_in_log', `records[${i}]`, 'ballot_among_records')
    }
    for (const [i, x] of b.ballots.entries()) {
      prove('ballot_in_log', nameOf(x), x.leaf, this.record({ id: x.id, at: x.at, kind: 'assembly.ballot', body: { meeting: b.meeting.number, commitment: x.commitment } }))
      if (i % 200 === 199) await this.o.progress?.(i / b.ballots.length)
    }
    if (!this.point || !pool) return
    const need = needed(Number(this.point.size), [...places].filter((n) => Number.isSafeInteger(n)))
    f.seen('pool', need.size)
    for (const n of need) if (!pool.has(n)) f.bad('pool', `log.pool.${n}`, 'hash_missing')
    for (const n of pool.keys()) if (!need.has(n)) f.bad('pool', `log.pool.${n}`, 'hash_spare')
  }

  private last(...kinds: string[]): BundleRecord | null {
    return [...this.b.records].reverse().find((x) => kinds.includes(x.kind)) ?? null
  }

  private records(): void {
    const { b, f } = this
    for (const kind of ['assembly.roll', 'assembly.notice', 'assembly.opened', 'assembly.closed']) {
      f.seen('records')
      if (!this.last(kind)) f.bad('records', kind, 'record_missing')
    }
    f.seen('records')
    this.result = this.last('assembly.final') ?? this.last('assembly.preliminary')
    if (!this.result) f.bad('records', 'assembly.preliminary', 'record_missing')
    for (const leaf of (this.result?.body.records as string[] | undefined) ?? []) {
      f.seen('records')
      if (!this.leaves.has(leaf)) f.bad('records', `${this.result!.kind} ${short(leaf)}`, 'record_not_here')
    }
    f.seen('opening')
    const opened = this.last('assembly.opened')
    if (!opened) return
    const said = opened.body
    const same = (at: string, is: boolean) => is || f.bad('opening', at, 'not_as_opened')
    same('meeting.number', said.meeting === b.meeting.number)
    same('meeting.counts', said.counts === b.meeting.counts)
    same('meeting.secret', said.secret === b.meeting.secret)
    // The closing may be moved by an extension; all else of the question stands from the opening.
    same('matters', said.matters === hashOf({ meeting: { ...b.meeting, closes: '' }, matters: b.matters }))
    same('roll', said.roll === b.roll.hash || (b.roll.earlier ?? []).some((v) => v.hash === said.roll))
  }

  private checkRoll(): void {
    const { b, f } = this
    f.seen('roll_hash')
    const roll = rollOf(b.roll.text)
    if (!roll) f.bad('roll_hash', 'roll.text', 'roll_text')
    else {
      this.roll = roll
      this.r.roll = roll
    }
    if (hashOfText(b.roll.text) !== b.roll.hash) f.bad('roll_hash', 'roll.text', 'roll_changed')
    if (roll && roll.version !== b.roll.version) f.bad('roll_hash', 'roll.version', 'roll_version')
    const said = new Map<number, string>()
    for (const x of b.records) if (x.kind === 'assembly.roll' || x.kind === 'assembly.roll_changed') said.set(Number(x.body.version), String(x.body.hash))
    const versions = [...(b.roll.earlier ?? []), { version: b.roll.version, hash: b.roll.hash }]
    for (const [i, v] of versions.entries()) {
      f.seen('roll_hash')
      const at = `roll version ${v.version}`
      if (v.version !== i + 1) f.bad('roll_hash', at, 'roll_order')
      if (!said.has(v.version)) f.bad('roll_hash', at, 'roll_not_published')
      else if (said.get(v.version) !== v.hash) f.bad('roll_hash', at, 'roll_not_as_published')
    }
    for (const v of said.keys()) if (v < 1 || v > versions.length) f.bad('roll_hash', `roll version ${v}`, 'roll_not_here')
  }

  private before(x: BundleBallot, y: BundleBallot): boolean {
    if (!this.open) return x.commitment < y.commitment
    return x.right !== y.right ? x.right! < y.right! : x.n! < y.n!
  }

  private ballots(): void {
    const { b, f } = this
    const seen = new Set<string>()
    const next = new Map<number, number>()
    for (const [i, x] of b.ballots.entries()) {
      f.seen('ballot_order')
      if (seen.has(x.commitment)) f.bad('ballot_order', nameOf(x), 'twice')
      seen.add(x.commitment)
      if (i > 0 && !this.before(b.ballots[i - 1]!, x)) f.bad('ballot_order', nameOf(x), 'moved')
      if (!this.open) {
        if (x.right !== undefined || x.n !== undefined || x.choices !== undefined || x.salt !== undefined) f.bad('ballot_order', nameOf(x), 'content_in_public')
        continue
      }
      const n = (next.get(x.right!) ?? 0) + 1
      if (x.n !== n) f.bad('ballot_order', nameOf(x), 'n_missing', { n })
      next.set(x.right!, x.n!)
      f.seen('ballot_commitment')
      if (!sane(x) || commitment({ meeting: b.meeting.id, right: x.right!, choices: x.choices ?? {}, salt: x.salt ?? '' }) !== x.commitment) f.bad('ballot_commitment', nameOf(x), 'ballot_changed')
    }
    const compare = (at: string, said: Record<string, unknown>, late: boolean) => {
      f.seen('ballot_count')
      const words = b.ballots.filter((x) => late || !x.late)
      const entered = late ? words.filter((x) => x.late).length : 0
      const n = Number(said.ballots)
      if (n > words.length) f.bad('ballot_count', at, 'dropped', { said: n, here: words.length })
      else if (n < words.length || !Number.isSafeInteger(n)) f.bad('ballot_count', at, 'added', { said: n, here: words.length })
      else if (said.root !== rootOfWords(words.map((x) => x.commitment))) f.bad('ballot_count', at, 'exchanged')
      else if (Number(said.late ?? 0) !== entered) f.bad('ballot_count', at, 'late_other')
    }
    const closed = this.last('assembly.closed')
    if (closed) compare(closed.kind, closed.body, false)
    if (this.result) compare(this.result.kind, this.result.body, true)
  }

  /** What devices signed: in the scrutineers' file alone. Results published before have no hash over the signatures. */
  private async signatures(): Promise<void> {
    const { b, f } = this
    const inside = b.kind === 'scrutineers'
    for (const [i, x] of b.ballots.entries()) {
      if (x.key === undefined && x.signature === undefined) continue
      f.seen('ballot_signature')
      const key = typeof x.key === 'string' ? deviceKey(x.key) : null
      if (!inside) f.bad('ballot_signature', nameOf(x), 'signature_in_public')
      else if (!key) f.bad('ballot_signature', nameOf(x), 'device_key')
      else if (typeof x.signature !== 'string' || !deviceSigned(key, x.commitment, x.signature)) f.bad('ballot_signature', nameOf(x), 'device_signature')
      if (i % 100 === 99) await this.o.progress?.(i / b.ballots.length)
    }
    const said = (this.result?.body.bundle as Record<string, string> | undefined)?.signatures
    if (!inside || said === undefined) return
    f.seen('ballot_signature')
    if (said !== hashOfSignatures(b.ballots)) f.bad('ballot_signature', this.result!.kind, 'signatures_other')
  }

  private casts(): Map<number, BundleBallot> {
    const rights = new Set(this.roll!.rights.map((x) => x.no))
    return effective(this.b.ballots.filter((x) => rights.has(x.right!) && sane(x)) as (BundleBallot & { right: number; n: number })[], this.b.meeting.counts)
  }

  private counted(): void {
    const { b, f } = this
    const voids = new Set(b.records.filter((x) => x.kind === 'assembly.ballot_void').map((x) => String(x.body.commitment)))
    f.seen('ballot_void', voids.size)
    for (const x of b.ballots) {
      if (x.void !== voids.has(x.commitment)) f.bad('ballot_void', nameOf(x), 'void_differs')
      if (x.void && x.counted) f.bad('ballot_void', nameOf(x), 'void_counted')
    }
    if (!this.open || !this.roll) return
    const holds = this.casts()
    const known = new Set([...this.roll.rights.map((x) => x.no), ...this.roll.ended])
    for (const x of b.ballots) {
      f.seen('ballot_counted')
      const counts = holds.get(x.right!) === x
      if (counts && !x.counted) f.bad('ballot_counted', nameOf(x), 'left_out')
      if (!counts && x.counted) f.bad('ballot_counted', nameOf(x), 'should_not_count')
      if (!known.has(x.right!)) f.bad('ballot_counted', nameOf(x), 'no_such_right')
    }
  }

  /** Rights whose own part the work takes up. */
  private touched(x: BundleMatter): number[] {
    const homes = new Set(x.touched ?? [])
    return homes.size ? this.roll!.rights.filter((r) => r.places.some((p) => homes.has(p.id))).map((r) => r.no) : []
  }

  private electors(x: BundleMatter): Elector[] {
    return electorate(this.roll!, x.paths ?? [])
  }

  /** Rights that vote in a secret matter, with the building that each is counted with. */
  private votes(x: BundleMatter, choices: Map<number, Choice>): SecretVote[] {
    const paths = x.paths ?? []
    const by = new Map(this.roll!.rights.map((r) => [r.no, r]))
    return this.electors(x).filter((e) => this.b.meeting.count_parking || !e.spaces).map((e) => ({
      right: e.no, area: e.area + (this.b.meeting.count_parking ? e.parking : 0n), choice: choices.get(e.no) ?? 'none',
      group: by.get(e.no)!.places.find((p) => !paths.length || paths.some((q) => p.path.startsWith(q)))?.building ?? '',
    }))
  }

  private count(): void {
    const { b, f } = this
    if (b.results.length !== b.matters.length) return f.bad('count', 'results', 'results_number')
    for (const [i, x] of b.matters.entries()) {
      if (i > 0 && b.matters[i - 1]!.no >= x.no) f.bad('count', `matter ${x.no}`, 'matters_order')
      if (b.results[i]!.matter !== x.no) f.bad('count', `matter ${x.no}`, 'results_swapped')
    }
    if (!this.roll) return
    if ((b.meeting.secret && b.groups.length !== b.matters.length) || (!b.meeting.secret && b.groups.length > 0)) return f.bad('groups', 'groups', 'groups_number')
    const holds = this.open ? this.casts() : new Map<number, BundleBallot>()
    for (const [i, x] of b.matters.entries()) {
      const at = `matter ${x.no}`
      const said = b.results[i]!
      if (!this.open) {
        f.seen('groups')
        f.seen('derivation')
        if (said.figures !== undefined) f.bad('count', at, 'exact_areas')
        if (b.groups[i]!.matter !== x.no) f.bad('groups', at, 'groups_other')
        else this.sums(x, b.groups[i]!.sums, said, at)
        continue
      }
      f.seen('count')
      f.seen('derivation')
      const electors = this.electors(x)
      const inside = new Set(electors.map((e) => e.no))
      const choices = new Map<number, Choice>()
      for (const [no, c] of holds) {
        const v = c.choices?.[String(x.no)]
        if (v && v !== 'none' && inside.has(no)) choices.set(no, v)
      }
      const how = { rule: x.rule, countParking: b.meeting.count_parking, touched: this.touched(x) }
      const c = count(how, electors, choices)
      this.figures(x, c, said, electors, choices, at)
      this.steps(x, c, said, choices, at)
      if (b.meeting.secret) {
        f.seen('groups')
        if (b.groups[i]!.matter !== x.no || !sameSums(publish(this.votes(x, choices), b.meeting.group_min), b.groups[i]!.sums)) f.bad('groups', at, 'groups_not_of_ballots')
      }
    }
  }

  private figures(x: BundleMatter, c: Count, said: BundleResult, electors: Elector[], choices: Map<number, Choice>, at: string): void {
    const { f, b } = this
    const g = said.figures
    if (said.passed !== c.passed) f.bad('count', at, 'passed_differs')
    if (!g) return f.bad('count', at, 'no_figures')
    for (const k of ['total', 'part', 'agree', 'against', 'abstain', 'invalid', 'unreturned'] as const)
      if (!samePair(c[k], g[k])) f.bad('count', `${at} ${k}`, 'figure', { is: `${c[k].heads} · ${metres(c[k].area)} m²`, said: `${g[k]?.heads} · ${metres(BigInt(g[k]?.area ?? 0))} m²` })
    if (g.gate_heads !== c.gateHeads || g.gate_area !== c.gateArea || g.gate !== c.gate || g.consent !== c.consent || g.passed !== c.passed) f.bad('count', at, 'passed_differs')
    const how = { rule: x.rule, countParking: b.meeting.count_parking, touched: this.touched(x) }
    const spaces = electors.some((e) => e.parking > 0n || e.spaces)
    if (spaces !== (g.parking !== undefined)) f.bad('count', `${at} parking`, 'figure_missing')
    else if (g.parking) {
      const p = count({ ...how, countParking: !how.countParking }, electors, choices)
      if (g.parking.counted === how.countParking || !samePair(p.total, g.parking.total) || !samePair(p.part, g.parking.part) || !samePair(p.agree, g.parking.agree) || g.parking.gate !== p.gate || g.parking.passed !== p.passed || g.parking.differs !== (p.passed !== c.passed || p.gate !== c.gate))
        f.bad('count', `${at} parking`, 'figures_differ')
    }
    const second = b.meeting.unreturned_clause !== '' && x.rule !== 'unanimous' ? silence(x.rule, c) : null
    if (!second !== !g.second) f.bad('count', `${at} second`, 'figure_missing')
    else if (second && g.second && (g.second.side !== second.side || !samePair(second.part, g.second.part) || !samePair(second.agree, g.second.agree) || g.second.passed !== second.passed)) f.bad('count', `${at} second`, 'figures_differ')
  }

  private steps(x: BundleMatter, c: Count, said: BundleResult, choices: Map<number, Choice>, at: string): void {
    const { f } = this
    const told = (rule: string, s: Sum): Step => ({ rule, left: String(s.heads), rel: '', right: metres(s.area), holds: true })
    const gone = { heads: c.unreturned.heads + c.invalid.heads, area: c.unreturned.area + c.invalid.area }
    const first = x.kind === 'fund_use' ? 'R39' : x.kind === 'lift' ? 'R45' : 'R05'
    const touched = this.touched(x).map((no): Step => ({ rule: 'R45', left: choices.get(no) ?? 'none', rel: '=', right: 'agree', holds: choices.get(no) === 'agree' }))
    compareSteps(f, at, [told(first, c.total), told('R01', c.part), told('R26', gone), ...comparisons(x.rule, c), ...touched], said.derivation)
  }

  /** What a secret vote publishes of a matter, against itself, the roll and the number of ballots. */
  private sums(x: BundleMatter, s: Sums, said: BundleResult, at: string): void {
    const { f, b } = this
    const bad = (code: string) => f.bad('groups', at, code)
    const none = publish(this.votes(x, new Map()), b.meeting.group_min)
    if (s.min !== none.min || s.total !== none.total || s.total_area !== none.total_area) bad('not_of_roll')
    const counted = b.ballots.filter((y) => y.counted).length
    if (s.part < 0 || s.part > s.total || s.part > counted || s.part_percent < 0 || s.part_percent > 100) bad('more_than_ballots')
    if (s.shape === 'held') {
      if (s.groups.length || s.agree) bad('should_be_none')
    } else {
      let sum = { groups: [] as string[], total: 0, part: 0, agree: 0, against: 0, abstain: 0, rest: 0 }
      for (const c of s.groups) {
        if (c.agree < s.min || c.part - c.agree < s.min) bad('too_small')
        if ((s.shape === 'split' && c.agree + c.against + c.abstain !== c.part) || c.agree + c.rest !== c.part || c.part > c.total) bad('not_add_up')
        sum = { groups: [...sum.groups, ...c.groups], total: sum.total + c.total, part: sum.part + c.part, agree: sum.agree + c.agree, against: sum.against + c.against, abstain: sum.abstain + c.abstain, rest: sum.rest + c.rest }
      }
      if (canonical(sum) !== canonical(s.all) || sum.total !== s.total || sum.part !== s.part) bad('not_add_up')
      const names = [...none.all.groups].sort(natural)
      if (canonical([...sum.groups].sort(natural)) !== canonical(names)) bad('not_of_roll')
    }
    const heads = (n: number): Sum => ({ heads: BigInt(n), area: 0n })
    const c = weighSums(x.rule, heads(s.total), heads(s.all.agree), heads(s.part - s.all.agree), heads(0), heads(0))
    const [partHeads, , agreeHeads] = comparisons(x.rule, c)
    const held = s.shape === 'held'
    const is: Step[] = [
      partHeads!,
      { rule: 'R01', left: `${s.part_percent}%`, rel: '≥', right: '2/3', holds: said.derivation[1]?.holds ?? false },
      held ? { ...agreeHeads!, left: '', rel: '', right: '', holds: said.derivation[2]?.holds ?? false } : agreeHeads!,
      { rule: agreeHeads!.rule, left: rangeText(s.agree), rel: '', right: '', holds: said.derivation[3]?.holds ?? false },
    ]
    compareSteps(f, at, is, said.derivation)
    // Whole per cent leave only 66 open.
    if ((s.part_percent >= 67 && !is[1]!.holds) || (s.part_percent < 66 && is[1]!.holds)) f.bad('derivation', `${at} step 2 (R01)`, 'step')
    if (said.derivation.every((y) => y.holds) !== said.passed && !(x.touched ?? []).length) f.bad('derivation', at, 'passed_not_so')
  }

  private core(): void {
    const { b, f } = this
    if (!this.result) return
    f.seen('core_hash')
    const is = hashOf({
      format: b.format, kind: b.kind, meeting: b.meeting, matters: b.matters, roll: b.roll, groups: b.groups, results: b.results,
      ballots: b.ballots.map((x) => only(x, ['right', 'n', 'choices', 'salt', 'commitment', 'counted', 'void', 'late'])),
    })
    if (!is || (this.result.body.bundle as Record<string, string> | undefined)?.[b.kind] !== is) f.bad('core_hash', this.result.kind, 'content_changed')
  }
}

function sane(x: BundleBallot): x is BundleBallot & Required<Pick<BundleBallot, 'right' | 'n' | 'salt'>> {
  const known: Choice[] = ['agree', 'against', 'abstain', 'invalid', 'none']
  return Number.isSafeInteger(x.right) && x.right! > 0 && /^(?:[0-9a-f]{2}){16,}$/.test(x.salt ?? '') && Object.entries(x.choices ?? {}).every(([k, c]) => /^[1-9]\d*$/.test(k) && known.includes(c))
}

const samePair = (s: Sum, p: Pair | undefined): boolean => p !== undefined && s.heads === BigInt(p.heads) && s.area === BigInt(p.area)

function sameSums(a: Sums, b: Sums): boolean {
  const plain = (s: Sums) => canonical(only(s, ['shape', 'min', 'total', 'total_area', 'part', 'part_percent', 'all', 'groups', 'agree']))
  try {
    return plain(a) === plain(b)
  } catch {
    return false
  }
}

function compareSteps(f: Findings, at: string, is: Step[], said: BundleStep[]): void {
  if (is.length !== said.length) return f.bad('derivation', at, 'steps_number', { is: is.length, said: said.length })
  is.forEach((s, i) => {
    const x = said[i]!
    if (s.rule !== x.rule || s.left !== x.left || s.rel !== x.rel || s.right !== x.right || s.holds !== x.holds) f.bad('derivation', `${at} step ${i + 1} (${s.rule})`, 'step')
  })
}

/** Silence added to the majority where a clause is on file (从多, R26); it never counts toward the gate. */
function silence(rule: Rule, c: Count): { side: Choice; part: Sum; agree: Sum; passed: boolean } {
  const sides = [['agree', c.agree], ['against', c.against], ['abstain', c.abstain]] as const
  const side = sides.find(([k, s]) => sides.every(([l, o]) => k === l || (s.heads > o.heads && s.area > o.area)))?.[0] ?? 'none'
  const plus = (a: Sum, b: Sum): Sum => ({ heads: a.heads + b.heads, area: a.area + b.area })
  const part = side === 'none' ? c.part : plus(c.part, c.unreturned)
  const agree = side === 'agree' ? plus(c.agree, c.unreturned) : c.agree
  const [, , h, a] = comparisons(rule, { total: c.total, part, agree })
  return { side, part, agree, passed: c.gate && h!.holds && a!.holds }
}
