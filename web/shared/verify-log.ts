// The signed log as a file carries it: origin, keys, one checkpoint, and the hashes by which its records are proved.
import { checkpointOf, COSIGNATURE, ED25519, keyOf, noteOf, signedBy, type Checkpoint, type Key } from './verify-note'
import { storedAt } from './verify-record'
import { signedBySM2, SM2KIND } from './verify-sm'

export interface SignedLog {
  origin: string
  keys: string[]
  checkpoint: string
  pool: Record<string, string>
}

export interface Opened {
  point: Checkpoint | null
  /** The log's key that signed, as text: to be compared with the one on the board. */
  signer: string
  witnesses: { name: string; at: bigint }[]
  /** How many keys were looked at. */
  keys: number
  faults: { name: 'checkpoint_signature' | 'cosignatures'; at: string; code: string }[]
}

/** Checks who signed a file's checkpoint. known are the keys that the reader trusts; none takes those of the file. */
export function openLog(log: SignedLog, known: string[]): Opened {
  const o: Opened = { point: null, signer: '', witnesses: [], keys: 0, faults: [] }
  const bad = (name: Opened['faults'][0]['name'], at: string, code: string): Opened => {
    o.faults.push({ name, at, code })
    return o
  }
  const keys: Key[] = []
  for (const [i, k] of log.keys.entries()) {
    const key = keyOf(k)
    if (!key) return bad('checkpoint_signature', `log.keys[${i}]`, 'bad_key')
    keys.push(key)
  }
  const note = noteOf(log.checkpoint)
  const point = note ? checkpointOf(note.text) : null
  if (!note || !point || point.more.length || point.size > 1n << 52n) return bad('checkpoint_signature', 'log.checkpoint', 'no_checkpoint')
  let signer = ''
  const signing = new Set<string>()
  const witnesses: Opened['witnesses'] = []
  for (const k of keys) {
    const said = k.kind === SM2KIND ? { state: signedBySM2(note, k) } : signedBy(note, k)
    if (said.state === 'bad') return bad('checkpoint_signature', `log.checkpoint ${k.name}`, 'bad_signature')
    if (said.state !== 'good') continue
    if (k.kind === ED25519) {
      if (k.name !== point.origin) continue
      signer = k.text
    } else if (k.kind === SM2KIND) {
      if (k.name !== point.origin + '/sm2') continue
    } else if (k.kind === COSIGNATURE && 'at' in said && said.at !== undefined) witnesses.push({ name: k.name, at: said.at })
    signing.add(k.text)
  }
  if (!signer) return bad('checkpoint_signature', 'log.checkpoint', 'bad_signature')
  if (point.origin !== log.origin) return bad('checkpoint_signature', 'log.origin', 'other_log')
  if (known.length && !known.includes(signer)) bad('checkpoint_signature', 'log.keys', 'other_key')
  Object.assign(o, { point, signer, witnesses, keys: keys.length })
  for (const s of note.signatures) if (!keys.some((k) => k.name === s.name && k.hash === s.hash)) bad('cosignatures', s.name, 'line_without_key')
  for (const k of keys) if (!signing.has(k.text)) bad('cosignatures', k.name, 'key_did_not_sign')
  return o
}

/** The stored hashes by which leaves at these places are shown to be in a tree of that size. */
export function needed(size: number, places: number[]): Set<number> {
  const out = new Set<number>()
  const list = [...new Set(places.filter((p) => p >= 0 && p < size))].sort((a, b) => a - b)
  const whole = (lo: number, hi: number) => {
    while (lo < hi) {
      let level = 0
      let k = 1
      while (k * 2 <= hi - lo) {
        level++
        k *= 2
      }
      out.add(storedAt(level, Math.floor(lo / k)))
      lo += k
    }
  }
  // The places from..to of the list lie in the leaves [lo, hi).
  const below = (lo: number, hi: number, from: number, to: number): void => {
    if (hi - lo <= 1 || from === to) return
    let k = 1
    while (k * 2 < hi - lo) k *= 2
    const mid = lo + k
    let cut = from
    for (let end = to; cut < end; ) {
      const m = (cut + end) >> 1
      if (list[m]! < mid) cut = m + 1
      else end = m
    }
    if (cut > from) {
      below(lo, mid, from, cut)
      whole(mid, hi)
    }
    if (cut < to) {
      below(mid, hi, cut, to)
      whole(lo, mid)
    }
  }
  below(0, size, 0, list.length)
  return out
}
