// Signed notes and checkpoints (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature): a text, an empty line, and lines
// "— name base64". Ed25519 by @noble/curves, because WeChat's engines and pages without TLS have no Ed25519 of their own.
import { ed25519 } from '@noble/curves/ed25519.js'
import { join, sha256, unbase64, utf8, type Hash } from './verify-tree'

/** A key that a note is checked with: name+hash+base64 of kind and public key. */
export interface Key {
  name: string
  hash: number
  kind: number
  key: Uint8Array
  /** What comes after the key in its text, not of interest to the check. */
  text: string
}

export const ED25519 = 1
export const COSIGNATURE = 4

const big = (b: Uint8Array, at = 0): number => new DataView(b.buffer, b.byteOffset, b.byteLength).getUint32(at)

/** First four bytes of the hash over name, newline, kind and key, as a number. */
export const keyHash = (name: string, kindAndKey: Uint8Array): number => big(sha256(join(utf8(name + '\n'), kindAndKey)))

export function keyOf(text: string): Key | null {
  const m = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim())
  if (!m) return null
  const b = unbase64(m[3]!)
  if (!b || b.length < 2) return null
  const hash = parseInt(m[2]!, 16)
  if (keyHash(m[1]!, b) !== hash) return null
  return { name: m[1]!, hash, kind: b[0]!, key: b.subarray(1), text: text.trim() }
}

export interface Signature {
  name: string
  hash: number
  bytes: Uint8Array
}

export interface Note {
  /** With its last newline: these bytes are what was signed. */
  text: string
  signatures: Signature[]
}

export function noteOf(note: string): Note | null {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0 || !note.endsWith('\n')) return null
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) return null
  const signatures: Signature[] = []
  for (const line of note.slice(cut + 2, -1).split('\n')) {
    const m = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/.exec(line)
    const b = m ? unbase64(m[2]!) : null
    if (!m || !b || b.length < 5) return null
    signatures.push({ name: m[1]!, hash: big(b), bytes: b.subarray(4) })
  }
  return signatures.length ? { text: note.slice(0, cut + 1), signatures } : null
}

function good(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false
  try {
    return ed25519.verify(signature, message, key, { zip215: false })
  } catch {
    return false
  }
}

export const verifyEd25519 = good

/** unknown: no line of this key; bad: a line of this key that does not verify. */
export type Signed = 'good' | 'bad' | 'unknown'

/** A cosignature carries the time (seconds) at which the witness saw the checkpoint. */
export function signedBy(note: Note, key: Key): { state: Signed; at?: bigint } {
  const lines = note.signatures.filter((s) => s.name === key.name && s.hash === key.hash)
  if (!lines.length) return { state: 'unknown' }
  let at: bigint | undefined
  for (const s of lines) {
    if (key.kind === ED25519) {
      if (!good(key.key, utf8(note.text), s.bytes)) return { state: 'bad' }
    } else if (key.kind === COSIGNATURE) {
      if (s.bytes.length !== 72) return { state: 'bad' }
      at = new DataView(s.bytes.buffer, s.bytes.byteOffset, 8).getBigUint64(0)
      if (!good(key.key, utf8(`cosignature/v1\ntime ${at}\n${note.text}`), s.bytes.subarray(8))) return { state: 'bad' }
    } else return { state: 'unknown' }
  }
  return at === undefined ? { state: 'good' } : { state: 'good', at }
}

export interface Checkpoint {
  origin: string
  size: bigint
  root: Hash
  /** Further lines, as they stand. */
  more: string[]
}

/** Origin, size without leading zeros, root in base64, perhaps more lines. */
export function checkpointOf(text: string): Checkpoint | null {
  if (!text.endsWith('\n')) return null
  const [origin, size, root, ...more] = text.slice(0, -1).split('\n')
  if (!origin || !size || !root || !/^(0|[1-9][0-9]{0,18})$/.test(size)) return null
  const hash = unbase64(root)
  if (hash?.length !== 32) return null
  return { origin, size: BigInt(size), root: hash, more }
}
