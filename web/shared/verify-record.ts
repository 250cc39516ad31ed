// Public records: one canonical JSON text each, whose hash is the leaf in the log; and the pool of hashes by which many
// leaves are shown to be in one tree. Written from the description in platform/audit/tree.
import { included, leafHash, unbase64, utf8, type Hash } from './verify-tree'

/** JSON in one form: keys by their bytes, no space, whole numbers within ±(2^53−1). Throws for what cannot be written so. */
export function canonical(v: unknown): string {
  if (v === null || typeof v === 'boolean') return String(v)
  if (typeof v === 'number') {
    if (!Number.isSafeInteger(v) || Object.is(v, -0)) throw new Error('numbers are whole and within 2^53')
    return String(v)
  }
  // The two line separators are written as escapes, everything else as JSON has it.
  if (typeof v === 'string') return JSON.stringify(v).replace(/[\u2028\u2029]/g, (c) => '\\u' + c.charCodeAt(0).toString(16))
  if (Array.isArray(v)) return '[' + v.map(canonical).join(',') + ']'
  if (typeof v === 'object') {
    const o = v as Record<string, unknown>
    return '{' + Object.keys(o).sort().map((k) => {
      if (!/^[\x20-\x7e]*$/.test(k)) throw new Error('keys are ASCII')
      return JSON.stringify(k) + ':' + canonical(o[k])
    }).join(',') + '}'
  }
  throw new Error('no JSON')
}

export interface PublicRecord {
  id: string
  at: string
  kind: string
  path: string
  ref: string
  body: Record<string, unknown>
}

export function recordText(r: PublicRecord): string {
  return canonical({ id: r.id, at: r.at, kind: r.kind, path: r.path, ref: r.ref, body: r.body })
}

/** The hash of a record in the log; null when it cannot be written canonically. */
export function recordLeaf(r: PublicRecord): Hash | null {
  try {
    return leafHash(utf8(recordText(r)))
  } catch {
    return null
  }
}

/**
 * Where a tree's hash of a level stands in the row of all stored hashes (x/mod sumdb/tlog, StoredHashIndex). Places here
 * are numbers, exact to 2^53: the log's own bound is 2^52.
 */
export function storedAt(level: number, n: number): number {
  for (let l = level; l > 0; l--) n = 2 * n + 1
  let i = 0
  for (; n > 0; n = Math.floor(n / 2)) i += n
  return i + level
}

/** Hashes by their stored place. */
export type Pool = Map<number, Hash>

export function poolOf(x: Record<string, string> | null | undefined): Pool | null {
  const p: Pool = new Map()
  for (const [k, v] of Object.entries(x ?? {})) {
    const h = unbase64(v)
    if (!/^\d+$/.test(k) || !Number.isSafeInteger(Number(k)) || h?.length !== 32) return null
    p.set(Number(k), h)
  }
  return p
}

/** Hash of the leaves [lo, hi) out of whole subtrees in the pool; null if one is missing. */
function below(pool: Pool, lo: number, hi: number, node: (l: Hash, r: Hash) => Hash): Hash | null {
  const parts: Hash[] = []
  while (lo < hi) {
    let level = 0
    let k = 1
    while (k * 2 <= hi - lo) {
      level++
      k *= 2
    }
    const h = pool.get(storedAt(level, Math.floor(lo / k)))
    if (!h) return null
    parts.push(h)
    lo += k
  }
  return parts.reduceRight((right, left) => node(left, right))
}

/** The proof that a leaf stands at a place, out of the pool; null when a hash is missing. */
export function proofFrom(pool: Pool, size: number, index: number, node: (l: Hash, r: Hash) => Hash): Hash[] | null {
  const proof: Hash[] = []
  let [lo, hi] = [0, size]
  while (hi - lo > 1) {
    let k = 1
    while (k * 2 < hi - lo) k *= 2
    const mid = lo + k
    const h = index < mid ? below(pool, mid, hi, node) : below(pool, lo, mid, node)
    if (!h) return null
    proof.push(h)
    if (index < mid) hi = mid
    else lo = mid
  }
  return proof.reverse()
}

export const inPool = (pool: Pool, size: number, index: number, leaf: Hash, root: Hash, node: (l: Hash, r: Hash) => Hash): boolean => {
  if (!(index >= 0 && index < size)) return false
  const proof = proofFrom(pool, size, index, node)
  return proof !== null && included(BigInt(index), BigInt(size), leaf, root, proof)
}
