// SM3 and SM2 signatures (GB/T 32905, GB/T 32918.2), as far as the second signature of a checkpoint needs them: browsers
// have neither. The arithmetic of points is @noble/curves', the rest is written from the standards.
import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import type { Key, Note, Signed } from './verify-note'
import { hex, join, utf8 } from './verify-tree'

const rotl = (x: number, n: number) => (x << (n & 31)) | (x >>> (32 - (n & 31)))

/** SM3 of bytes, 32 bytes. */
export function sm3(data: Uint8Array): Uint8Array {
  const length = data.length
  const blocks = new Uint8Array(Math.ceil((length + 9) / 64) * 64)
  blocks.set(data)
  blocks[length] = 0x80
  const view = new DataView(blocks.buffer)
  view.setUint32(blocks.length - 8, Math.floor(length / 0x20000000))
  view.setUint32(blocks.length - 4, (length << 3) >>> 0)
  const v = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]
  const w = new Int32Array(68)
  for (let at = 0; at < blocks.length; at += 64) {
    for (let j = 0; j < 16; j++) w[j] = view.getInt32(at + 4 * j)
    for (let j = 16; j < 68; j++) {
      const x = w[j - 16]! ^ w[j - 9]! ^ rotl(w[j - 3]!, 15)
      w[j] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[j - 13]!, 7) ^ w[j - 6]!
    }
    let [a, b, c, d, e, f, g, h] = v as [number, number, number, number, number, number, number, number]
    for (let j = 0; j < 64; j++) {
      const ss1 = rotl((rotl(a, 12) + e + rotl(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32)) | 0, 7)
      const ss2 = ss1 ^ rotl(a, 12)
      const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
      const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g)
      const tt1 = (ff + d + ss2 + (w[j]! ^ w[j + 4]!)) | 0
      const tt2 = (gg + h + ss1 + w[j]!) | 0
      d = c
      c = rotl(b, 9)
      b = a
      a = tt1
      h = g
      g = rotl(f, 19)
      f = e
      e = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17)
    }
    ;[a, b, c, d, e, f, g, h].forEach((x, i) => (v[i] = v[i]! ^ x))
  }
  const out = new Uint8Array(32)
  v.forEach((x, i) => new DataView(out.buffer).setUint32(4 * i, x >>> 0))
  return out
}

const CURVE = {
  p: BigInt('0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff'),
  n: BigInt('0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'),
  h: 1n,
  a: BigInt('0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc'),
  b: BigInt('0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93'),
  Gx: BigInt('0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7'),
  Gy: BigInt('0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0'),
}
const Point = weierstrass(CURVE)

const bytes32 = (x: bigint) => Uint8Array.from(x.toString(16).padStart(64, '0').match(/../g)!, (b) => parseInt(b, 16))
const number = (b: Uint8Array) => (b.length ? BigInt('0x' + hex(b)) : 0n)

/** Two positive whole numbers out of a DER sequence, in the one way to write them; null for anything else. */
export function derPair(b: Uint8Array): [bigint, bigint] | null {
  if (b[0] !== 0x30 || b[1] !== b.length - 2 || b.length > 80) return null
  const out: bigint[] = []
  let at = 2
  while (at < b.length) {
    const n = b[at + 1] ?? 0
    const v = b.subarray(at + 2, at + 2 + n)
    if (b[at] !== 2 || n === 0 || v.length !== n || v[0]! & 0x80 || (n > 1 && v[0] === 0 && !(v[1]! & 0x80))) return null
    out.push(number(v))
    at += 2 + n
  }
  return out.length === 2 ? [out[0]!, out[1]!] : null
}

/** Checks a signature over a digest e that already holds the signer's identity. */
export function verifySM2Digest(publicKey: Uint8Array, e: Uint8Array, der: Uint8Array): boolean {
  const pair = derPair(der)
  if (!pair || publicKey.length !== 65 || publicKey[0] !== 4) return false
  const [r, s] = pair
  const { n } = CURVE
  if (r < 1n || r >= n || s < 1n || s >= n) return false
  const t = (r + s) % n
  if (t === 0n) return false
  try {
    const key = Point.fromAffine({ x: number(publicKey.subarray(1, 33)), y: number(publicKey.subarray(33)) })
    key.assertValidity()
    const at = Point.BASE.multiply(s).add(key.multiply(t)).toAffine()
    return (number(e) + at.x) % n === r
  } catch {
    return false
  }
}

/** Checks a signature over a message by a key with the usual identity 1234567812345678. */
export function verifySM2(publicKey: Uint8Array, message: Uint8Array, der: Uint8Array): boolean {
  const id = utf8('1234567812345678')
  const z = sm3(join(Uint8Array.of(0, id.length * 8), id, bytes32(CURVE.a), bytes32(CURVE.b), bytes32(CURVE.Gx), bytes32(CURVE.Gy), publicKey.subarray(1)))
  return verifySM2Digest(publicKey, sm3(join(z, message)), der)
}

/** A key kind without a number of its own in signed notes, followed by the words that say what it is. */
export const SM2KIND = 0xff
const SM2WORDS = utf8('cuobian.sm2-sm3/v1')

export function signedBySM2(note: Note, key: Key): Signed {
  if (key.kind !== SM2KIND || hex(key.key.subarray(0, SM2WORDS.length)) !== hex(SM2WORDS)) return 'unknown'
  const lines = note.signatures.filter((s) => s.name === key.name && s.hash === key.hash)
  if (!lines.length) return 'unknown'
  return lines.every((s) => verifySM2(key.key.subarray(SM2WORDS.length), utf8(note.text), s.bytes)) ? 'good' : 'bad'
}
