// The public log's tree, checked without asking anybody: leaf and node hashes, proofs that a leaf is in a tree (inclusion)
// and that an older tree is the beginning of a newer one (consistency), after RFC 6962 and RFC 9162, 2.1. Written here
// from the RFC; nothing of the server's code is used. Sizes and places are bigint, hashes 32 bytes.
import { sha256 } from '@noble/hashes/sha2.js'

export type Hash = Uint8Array

export { sha256 }

const encoder = new TextEncoder()
export const utf8 = (s: string): Uint8Array => encoder.encode(s)

export function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  return out
}

export const hex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')

/** Bytes of lower-case or upper-case hex; null for anything else. */
export function unhex(s: string): Uint8Array | null {
  if (s.length % 2 || !/^[0-9a-fA-F]*$/.test(s)) return null
  const out = new Uint8Array(s.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = parseInt(s.slice(2 * i, 2 * i + 2), 16)
  return out
}

/** Bytes of standard base64 with its padding, and only of the one way to write them; null for anything else. */
export function unbase64(s: string): Uint8Array | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(s)) return null
  const out = Uint8Array.from(atob(s), (c) => c.charCodeAt(0))
  return base64(out) === s ? out : null
}

export function base64(b: Uint8Array): string {
  let s = ''
  for (let i = 0; i < b.length; i += 0x8000) s += String.fromCharCode(...b.subarray(i, i + 0x8000))
  return btoa(s)
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export const leafHash = (data: Uint8Array): Hash => sha256(join(Uint8Array.of(0), data))
const pair = new Uint8Array(65) // one for all: a bundle hashes some hundred thousand of them
pair[0] = 1
export function nodeHash(left: Hash, right: Hash): Hash {
  pair.set(left, 1)
  pair.set(right, 33)
  return sha256(pair)
}

/** Root of a tree over leaf hashes; of no leaves the hash of nothing. */
export function rootOf(leaves: Hash[]): Hash {
  if (!leaves.length) return sha256(new Uint8Array(0))
  let row = leaves
  // Pairs from the left; one that is left over goes up as it is. That is the tree of RFC 6962.
  while (row.length > 1) {
    const up: Hash[] = []
    for (let i = 0; i < row.length; i += 2) up.push(i + 1 < row.length ? nodeHash(row[i]!, row[i + 1]!) : row[i]!)
    row = up
  }
  return row[0]!
}

/** Whether the leaf stands at index in the tree of that size and root (RFC 9162, 2.1.3.2). */
export function included(index: bigint, size: bigint, leaf: Hash, root: Hash, proof: Hash[]): boolean {
  if (index < 0n || index >= size || leaf.length !== 32 || root.length !== 32) return false
  let at = index
  let last = size - 1n
  let r = leaf
  for (const p of proof) {
    if (p.length !== 32 || last === 0n) return false
    if (at & 1n || at === last) {
      r = nodeHash(p, r)
      while (!(at & 1n) && at !== 0n) {
        at >>= 1n
        last >>= 1n
      }
    } else r = nodeHash(r, p)
    at >>= 1n
    last >>= 1n
  }
  return last === 0n && same(r, root)
}

/** Whether the tree of size1 is the beginning of the tree of size2 (RFC 9162, 2.1.4.2). */
export function consistent(size1: bigint, size2: bigint, root1: Hash, root2: Hash, proof: Hash[]): boolean {
  if (size1 < 0n || size1 > size2 || root1.length !== 32 || root2.length !== 32 || proof.some((p) => p.length !== 32)) return false
  if (size1 === size2) return proof.length === 0 && same(root1, root2)
  if (size1 === 0n) return proof.length === 0 && same(root1, sha256(new Uint8Array(0)))
  const path = (size1 & (size1 - 1n)) === 0n ? [root1, ...proof] : proof
  if (!path.length) return false
  let at = size1 - 1n
  let last = size2 - 1n
  while (at & 1n) {
    at >>= 1n
    last >>= 1n
  }
  let older = path[0]!
  let newer = path[0]!
  for (const p of path.slice(1)) {
    if (last === 0n) return false
    if (at & 1n || at === last) {
      older = nodeHash(p, older)
      newer = nodeHash(p, newer)
      while (!(at & 1n) && at !== 0n) {
        at >>= 1n
        last >>= 1n
      }
    } else newer = nodeHash(newer, p)
    at >>= 1n
    last >>= 1n
  }
  return last === 0n && same(older, root1) && same(newer, root2)
}
