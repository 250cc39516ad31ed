// The browser's own verifier: bundles of votes and voters' receipts, checked on this device with this code alone. What the
// server says is never believed for itself: every answer is worth what its signatures and proofs are worth.
import { get } from './api'
import type { Receipt } from './assembly'
import { commitment } from './verify-ballot'
import type { Choice } from './verify-count'
import type { Check, FaultAt, State } from './verify-bundle'
import { checkpointOf, ED25519, keyOf, noteOf, signedBy, verifyEd25519, type Checkpoint } from './verify-note'
import { canonical, type PublicRecord } from './verify-record'
import { signedBySM2, SM2KIND } from './verify-sm'
import { base64, consistent, hex, included, leafHash, unbase64, unhex, utf8 } from './verify-tree'

export { verifyBundle, NAMES, type Bundle, type Check, type FaultAt, type Report, type State } from './verify-bundle'

/** What the server answers about a commitment: its record and, once the log has taken it in, its place with a proof. */
export interface Placed {
  commitment: string
  meeting: string
  number: string
  at: string
  leaf: string
  waiting: boolean
  void: boolean
  /** The record's exact text, whose hash is the leaf. */
  text?: string
  proof?: { n: number; size: number; leaf: string; proof: string[]; checkpoint: string }
}

export interface Said {
  right: number
  choices: Record<string, Choice>
}

export interface KnownLog {
  origin: string
  size: string
  root: string
  key: string
}

/** What this device saw of the log before, with the proof from there. */
export type Before = { known: KnownLog; proof: string[] | null } | null

const make = (name: string, state: State, ...faults: FaultAt[]): Check => ({ name, state, n: 1, faults })

/** The text under the signature of a receipt. */
export const receiptText = (r: Receipt): string => `cuobian receipt 1\nmeeting\t${r.meeting}\nnumber\t${r.number}\ncommitment\t${r.commitment}\nat\t${r.at}\nleaf\t${r.leaf}\n`

export function receiptSigned(r: Receipt): boolean {
  const key = keyOf(r.key)
  const s = unbase64(r.signature)
  return key?.kind === ED25519 && s !== null && verifyEd25519(key.key, utf8(receiptText(r)), s)
}

/** A record out of its text, if that is written in its one form. */
function recordIn(text: string | undefined): PublicRecord | null {
  try {
    const r = JSON.parse(text ?? '') as PublicRecord
    return canonical(r) === text ? r : null
  } catch {
    return null
  }
}

/**
 * Checks a receipt: signed by the log's key; its record carries the commitment; the record is in the signed log; the log
 * goes on from what this device saw before; and, where the choices are kept here, the commitment is to them.
 */
export function checkReceipt(r: Receipt, p: Placed, said: Said | null, before: Before): Check[] {
  const out: Check[] = []
  const key = keyOf(r.key)
  const known = !before || before.known.key === key?.text
  out.push(!receiptSigned(r) ? make('signature', 'bad', { at: 'receipt', code: 'bad_signature' }) : !known ? make('signature', 'bad', { at: 'receipt.key', code: 'other_key' }) : make('signature', 'good'))

  const record = recordIn(p.text)
  const body = (record?.body ?? {}) as { meeting?: unknown; commitment?: unknown }
  const ours = record !== null && hex(leafHash(utf8(p.text!))) === r.leaf && record.kind === 'assembly.ballot' && record.ref === 'assemblies/' + r.meeting && body.meeting === r.number && body.commitment === r.commitment
  out.push(ours ? make('record', 'good') : make('record', 'bad', { at: 'record', code: 'record_differs' }))

  const note = p.proof ? noteOf(p.proof.checkpoint) : null
  const point = note ? checkpointOf(note.text) : null
  const hash = unhex(r.leaf)
  if (!p.proof) out.push(make('in_log', 'waits'))
  else {
    const proof = p.proof.proof.map(unbase64)
    const signed = note && key ? signedBy(note, key).state === 'good' && point?.origin === key.name : false
    if (!note || !point || !signed) out.push(make('in_log', 'bad', { at: 'checkpoint', code: 'bad_signature' }))
    else if (!hash || proof.some((h) => !h) || !included(BigInt(p.proof.n), point.size, hash, point.root, proof as Uint8Array[])) out.push(make('in_log', 'bad', { at: `log ${p.proof.n}`, code: 'not_in_log' }))
    else out.push(make('in_log', 'good'))
  }
  if (p.void) out.push(make('counts', 'note'))
  const g = grows(point, before)
  if (g) out.push(g)
  if (said) {
    const same = commitment({ meeting: r.meeting, right: said.right, choices: said.choices, salt: r.salt }) === r.commitment
    out.push(same ? make('choices', 'good') : make('choices', 'bad', { at: 'receipt', code: 'choices_differ' }))
  } else out.push(make('choices', 'note'))
  return out
}

/** Checks a ballot's place in the log for somebody who has no receipt, only its code. keys are the log's, as it says itself. */
export function checkPlaced(p: Placed, word: string, keys: string[], before: Before): Check[] {
  const out: Check[] = []
  const record = recordIn(p.text)
  const body = (record?.body ?? {}) as { commitment?: unknown }
  const leaf = p.text ? leafHash(utf8(p.text)) : null
  out.push(record && record.kind === 'assembly.ballot' && body.commitment === word && p.commitment === word && leaf && hex(leaf) === p.leaf ? make('record', 'good') : make('record', 'bad', { at: 'record', code: 'record_differs' }))
  if (!p.proof) return [...out, make('in_log', 'waits')]
  const { checks, point } = checkLog(p.proof.checkpoint, keys, before)
  const proof = p.proof.proof.map(unbase64)
  if (!point || checks.some((c) => c.state === 'bad')) return [...out, ...checks]
  const good = leaf && !proof.some((h) => !h) && included(BigInt(p.proof.n), point.size, leaf, point.root, proof as Uint8Array[])
  out.push(good ? make('in_log', 'good') : make('in_log', 'bad', { at: `log ${p.proof.n}`, code: 'not_in_log' }))
  if (p.void) out.push(make('counts', 'note'))
  return [...out, ...checks]
}

/** Checks a signed checkpoint by keys, and that it goes on from what this device saw before. */
export function checkLog(checkpoint: string, keys: string[], before: Before): { checks: Check[]; point: Checkpoint | null; signer: string } {
  const note = noteOf(checkpoint)
  const point = note ? checkpointOf(note.text) : null
  const known = keys.map(keyOf)
  const bad = (code: string) => ({ checks: [make('checkpoint', 'bad', { at: 'checkpoint', code })], point: null, signer: '' })
  if (!note || !point || known.some((k) => !k)) return bad('no_checkpoint')
  const said = known.map((k) => ({ k: k!, state: k!.kind === SM2KIND ? signedBySM2(note, k!) : signedBy(note, k!).state }))
  const by = said.find((x) => x.state === 'good' && x.k.kind === ED25519 && x.k.name === point.origin)
  if (!by || said.some((x) => x.state === 'bad')) return bad('bad_signature')
  if (before && before.known.origin === point.origin && before.known.key !== by.k.text) return bad('other_key')
  const checks = [make('checkpoint', 'good')]
  if (said.some((x) => x.state === 'good' && x.k.kind === SM2KIND)) checks.push(make('sm2', 'good'))
  const g = grows(point, before)
  if (g) checks.push(g)
  return { checks, point, signer: by.k.text }
}

/** Whether a log goes on from what was seen before; null when there is nothing to compare with. */
function grows(point: Checkpoint | null, before: Before): Check | null {
  if (!point || !before || before.known.origin !== point.origin) return null
  const [older, newer] = [BigInt(before.known.size), point.size]
  const root = unbase64(before.known.root)
  const proof = before.proof?.map(unbase64) ?? null
  if (!root || older > newer || (older < newer && !proof)) return null
  const goes = older === newer ? consistent(older, newer, root, point.root, []) : !proof!.some((h) => !h) && consistent(older, newer, root, point.root, proof as Uint8Array[])
  return goes ? make('grows', 'good') : make('grows', 'bad', { at: `log ${older} → ${newer}`, code: 'split' })
}

const KEPT = 'cuobian.logs'

function logs(): Record<string, KnownLog> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, KnownLog>
  } catch {
    return {}
  }
}

/** What this device saw of a log before, by origin. */
export const knownLog = (origin: string): KnownLog | null => logs()[origin] ?? null
export const knownLogs = (): KnownLog[] => Object.values(logs())

/** The checkpoint kept from before, and the proof from it to this one. */
export async function keptCheckpoint(p: Placed): Promise<Before> {
  return p.proof ? sinceKept(p.proof.checkpoint) : null
}

export async function sinceKept(checkpoint: string): Promise<Before> {
  const note = noteOf(checkpoint)
  const point = note ? checkpointOf(note.text) : null
  const known = point ? knownLog(point.origin) : null
  if (!point || !known) return null
  if (BigInt(known.size) >= point.size) return { known, proof: null }
  const proof = await get<{ proof: string[] }>('/api/public/log/consistency', { from: known.size, to: String(point.size) }, { strangerStays: true }).then((x) => x.proof, () => null)
  return { known, proof }
}

/** Remembers the newest checkpoint whose signature held: the first is believed, the later must follow from it. */
export function keepCheckpoint(p: Placed, checks: Check[], key: string): void {
  if (p.proof && !checks.some((c) => c.state === 'bad')) remember(p.proof.checkpoint, key)
}

export function remember(checkpoint: string, keyText: string): void {
  const note = noteOf(checkpoint)
  const point = note ? checkpointOf(note.text) : null
  const key = keyOf(keyText)
  if (!note || !point || key?.kind !== ED25519 || key.name !== point.origin || signedBy(note, key).state !== 'good') return
  const known = knownLog(point.origin)
  if (known && BigInt(known.size) > point.size) return
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...logs(), [point.origin]: { origin: point.origin, size: String(point.size), root: base64(point.root), key: key.text } satisfies KnownLog }))
  } catch {
    // not remembered: the next look begins anew
  }
}
