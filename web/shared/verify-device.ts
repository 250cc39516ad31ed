// What a voter's device signed: ECDSA with SHA-256 on P-256 over a commitment's hex text. By @noble/curves, since pages without
// TLS have no WebCrypto.
import { p256 } from '@noble/curves/nist.js'
import { derPair } from './verify-sm'
import { hex, sha256, unbase64, utf8 } from './verify-tree'

/** Up to the point of a P-256 key in SPKI (RFC 5480). */
const SPKI = '3059301306072a8648ce3d020106082a8648ce3d030107034200'

/** The point of a key in SPKI and base64, uncompressed; null for anything else. */
export function deviceKey(text: string): Uint8Array | null {
  const b = unbase64(text)
  if (b?.length !== 91 || hex(b.subarray(0, 26)) !== SPKI || b[26] !== 4) return null
  return b.subarray(26)
}

/** Checks a signature in base64: the two numbers one after the other, 64 bytes, or their DER. */
export function deviceSigned(key: Uint8Array, text: string, signature: string): boolean {
  let b = unbase64(signature)
  if (!b) return false
  if (b.length !== 64) {
    const pair = derPair(b)
    if (!pair || pair.some((x) => x >> 256n)) return false
    b = Uint8Array.from(pair.map((x) => x.toString(16).padStart(64, '0')).join('').match(/../g)!, (x) => parseInt(x, 16))
  }
  try {
    return p256.verify(b, utf8(text), key, { lowS: false })
  } catch {
    return false
  }
}

/** Hash over the ballots that a device signed, in their order, a line "commitment TAB key TAB signature" each. */
export const hashOfSignatures = (list: { commitment: string; key?: string; signature?: string }[]): string =>
  hex(sha256(utf8(list.filter((x) => x.key !== undefined || x.signature !== undefined).map((x) => `${x.commitment}\t${x.key ?? ''}\t${x.signature ?? ''}\n`).join(''))))
