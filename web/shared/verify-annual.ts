// A compound's yearly accounts as a file, checked here with this page's own code: every version against the record of its filing,
// its sums, versions that name the one before, and what was due against what was filed. Nothing is asked of any server. Written
// from the form described in rooms/money/statement (annual.go).
import type { Check, FaultAt } from './verify-bundle'
import { needed, openLog, type SignedLog } from './verify-log'
import type { Checkpoint } from './verify-note'
import { canonical, inPool, poolOf, recordLeaf } from './verify-record'
import { dayAt, micros, written } from './verify-statement'
import { hex, nodeHash, sha256, utf8 } from './verify-tree'

export interface Annual {
  compound: string
  name: string
  year: number
  version: number
  prev?: string
  why?: string
  lines: { account: string; zh: string; en: string; planned: number; actual: number }[]
  planned: number
  actual: number
  collected: number
  held: number
  owners: number
}

interface Due {
  compound: string
  year: number
  n: number
  due: string
}

interface Filed {
  compound: string
  year: number
  version: number
  hash: string
  prev: string
  planned: number
  actual: number
  collected: number
  owners: number
}

export interface AnnualFile {
  format: string
  compound: string
  name: string
  path: string
  as_of: string
  accounts: Annual[]
  records: { id: string; at: string; kind: string; body: Record<string, unknown>; leaf: number }[]
  log: SignedLog
}

export interface AnnualReport {
  ok: boolean
  file: AnnualFile | null
  checkpoint: Checkpoint | null
  signer: string
  witnesses: { name: string; at: bigint }[]
  /** How many years were due by the file's day. */
  due: number
  checks: Check[]
}

/** Names of the checks, in the order in which they are told; the same as those of `cuobian verify`. */
export const ANNUAL_NAMES = ['form', 'checkpoint_signature', 'in_log', 'accounts_hash', 'accounts_sums', 'changed', 'late', 'vanished'] as const
type Name = (typeof ANNUAL_NAMES)[number]
type Bad = (name: Name, at: string, code: string, named?: Record<string, string | number>) => void
const KEYS = ['accounts', 'as_of', 'compound', 'format', 'log', 'name', 'path', 'records']
const nameOf = (year: number, version: number): string => `year ${year}${version > 1 ? ` v${version}` : ''}`
const hashOf = (a: Annual): string => {
  try {
    return hex(sha256(utf8(canonical(a))))
  } catch {
    return ''
  }
}

/** Checks a file. Never throws for what stands in it. known are keys of the log that the reader trusts. */
export function verifyAnnual(text: string, known: string[] = []): AnnualReport {
  const r: AnnualReport = { ok: false, file: null, checkpoint: null, signer: '', witnesses: [], due: 0, checks: [] }
  const by = new Map<Name, Check>(ANNUAL_NAMES.map((n) => [n, { name: n, state: 'good', n: 0, faults: [] as FaultAt[] }]))
  const bad: Bad = (name, at, code, named) => {
    const c = by.get(name)!
    c.state = 'bad'
    c.faults.push({ at, code, ...(named ? { named } : {}) })
  }
  const seen = (name: Name): void => void by.get(name)!.n++
  const file = form(text, bad, seen)
  if (file) {
    r.file = file
    try {
      look(file, r, known, bad, seen)
    } catch {
      bad('form', '', 'shape')
    }
  }
  r.checks = [...by.values()]
  r.ok = file !== null && r.checks.every((c) => c.state === 'good')
  return r
}

function form(text: string, bad: Bad, seen: (name: Name) => void): AnnualFile | null {
  seen('form')
  let f: AnnualFile
  try {
    f = JSON.parse(text) as AnnualFile
  } catch {
    bad('form', '', 'not_json')
    return null
  }
  if (typeof f !== 'object' || f === null || f.format !== 'cuobian.accounts.1') {
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
  if (again !== text) bad('form', '', 'not_canonical')
  return f
}

function look(f: AnnualFile, r: AnnualReport, known: string[], bad: Bad, seen: (name: Name) => void): void {
  const asOf = micros(f.as_of)
  if (asOf === null) bad('form', 'as_of', 'shape')
  const until = asOf ?? 0n
  seen('checkpoint_signature')
  const o = openLog(f.log, known)
  for (const x of o.faults) bad('checkpoint_signature', x.at, x.code)
  const point = (r.checkpoint = o.point)
  r.signer = o.signer
  r.witnesses = o.witnesses

  const texts = new Map(f.accounts.map((a) => [hashOf(a), a]))
  const used = new Set<string>()
  const dues: (Due & { at: bigint })[] = []
  const filed: (Filed & { made: bigint; text: Annual | null })[] = []
  const pool = poolOf(f.log.pool)
  if (!pool) bad('in_log', 'log.pool', 'bad_hash')
  for (const [i, x] of f.records.entries()) {
    const where = `records[${i}] ${x.kind}`
    seen('in_log')
    const leaf = recordLeaf({ id: x.id, at: x.at, kind: x.kind, path: f.path, ref: `accounts/${f.compound}`, body: x.body })
    const proved = leaf && pool && point && Number.isSafeInteger(x.leaf) && inPool(pool, Number(point.size), x.leaf, leaf, point.root, nodeHash)
    if (point && !proved) bad('in_log', where, 'not_in_log')
    if (i > 0 && f.records[i - 1]!.leaf >= x.leaf) bad('in_log', where, 'order')
    const at = micros(x.at)
    if (at === null || at > until) bad('in_log', where, 'after_file')
    if (x.body.compound !== f.compound) bad('in_log', where, 'other_fund')
    else if (x.kind === 'money.accounts_due') {
      const d = x.body as unknown as Due
      const due = micros(d.due)
      if (due === null) bad('in_log', where, 'shape')
      else dues.push({ ...d, at: due })
    } else if (x.kind === 'money.accounts') {
      const p = x.body as unknown as Filed
      const a = texts.get(p.hash) ?? null
      used.add(p.hash)
      seen('accounts_hash')
      if (a && (a.compound !== p.compound || a.year !== p.year || a.version !== p.version || (a.prev ?? '') !== p.prev)) bad('accounts_hash', nameOf(p.year, p.version), 'other_statement')
      if (a && (a.planned !== p.planned || a.actual !== p.actual || a.collected !== p.collected || a.owners !== p.owners)) bad('accounts_sums', nameOf(p.year, p.version), 'sums_differ')
      filed.push({ ...p, made: at ?? 0n, text: a })
    } else bad('in_log', where, 'record_spare')
  }
  for (const a of f.accounts) {
    const where = nameOf(a.year, a.version)
    seen('accounts_sums')
    const add = (of: (l: Annual['lines'][number]) => number): bigint => a.lines.reduce((n, l) => n + BigInt(of(l)), 0n)
    if (add((l) => l.planned) !== BigInt(a.planned) || add((l) => l.actual) !== BigInt(a.actual)) bad('accounts_sums', where, 'sums_differ')
    if (used.has(hashOf(a))) continue
    if (filed.some((p) => p.year === a.year && p.version === a.version)) bad('accounts_hash', where, 'statement_changed')
    else bad('in_log', where, 'statement_unposted')
  }
  const last = f.accounts.at(-1)
  if (last && last.name !== f.name) bad('accounts_hash', 'name', 'other_statement')
  if (point && pool) {
    const need = needed(Number(point.size), f.records.map((x) => x.leaf).filter((n) => Number.isSafeInteger(n)))
    for (const n of need) if (!pool.has(n)) bad('in_log', `log.pool.${n}`, 'hash_missing')
    for (const n of pool.keys()) if (!need.has(n)) bad('in_log', `log.pool.${n}`, 'hash_spare')
  }

  const latest = new Map<number, Filed>()
  for (const p of filed) {
    const where = nameOf(p.year, p.version)
    seen('changed')
    const before = latest.get(p.year)
    if (!before ? p.version !== 1 || p.prev !== '' : p.version !== before.version + 1 || p.prev !== before.hash || (p.text !== null && !p.text.why)) bad('changed', where, before ? 'second_statement' : 'version_missing')
    latest.set(p.year, p)
    if (!p.text) bad('vanished', where, 'statement_gone')
    if (!dues.some((d) => d.year === p.year)) bad('vanished', where, 'due_missing')
  }
  for (const [i, d] of dues.entries()) {
    const where = nameOf(d.year, 1)
    seen('vanished')
    if (d.n !== i + 1) bad('vanished', where, 'due_gap', { period: String(d.year) })
    if (d.at < until) r.due++
    const p = filed.find((x) => x.year === d.year)
    if (!p) {
      if (d.at < until) bad('vanished', where, 'not_posted')
      continue
    }
    seen('late')
    if (p.made > d.at) bad('late', where, 'posted_late', { day: written(dayAt(p.made)), due: written(dayAt(d.at - 1n)) })
  }
}
