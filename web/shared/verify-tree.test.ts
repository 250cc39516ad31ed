import { readFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkpointOf, keyOf, noteOf, signedBy } from './verify-note'
import { base64, consistent, hex, included, leafHash, rootOf, unbase64, unhex } from './verify-tree'

interface Inclusion {
  index: number
  size: number
  leaf_hash: string
  root: string
  proof: string[]
  valid: boolean
  why?: string
}
interface Consistency {
  size1: number
  size2: number
  root1: string
  root2: string
  proof: string[]
  valid: boolean
  why?: string
}
const load = (f: string) => JSON.parse(readFileSync(path(__dirname, 'testdata', f), 'utf8'))
const b = (s: string) => unhex(s)!

describe.each(['merkle_rfc6962_ct8.json', 'merkle_300.json'])('%s', (file) => {
  const v = load(file) as { leaves_hex: string[] | null; roots: { size: number; root: string }[]; inclusion: Inclusion[]; consistency: Consistency[] }
  it('has proofs of both kinds, good and spoilt', () => {
    expect(v.inclusion.some((x) => x.valid) && v.inclusion.some((x) => !x.valid)).toBe(true)
    expect(v.consistency.some((x) => x.valid) && v.consistency.some((x) => !x.valid)).toBe(true)
  })
  it('inclusion', () => {
    for (const x of v.inclusion) expect([x.index, x.size, x.why, included(BigInt(x.index), BigInt(x.size), b(x.leaf_hash), b(x.root), x.proof.map(b))]).toEqual([x.index, x.size, x.why, x.valid])
  })
  it('consistency', () => {
    for (const x of v.consistency) expect([x.size1, x.size2, x.why, consistent(BigInt(x.size1), BigInt(x.size2), b(x.root1), b(x.root2), x.proof.map(b))]).toEqual([x.size1, x.size2, x.why, x.valid])
  })
  it('roots of the published leaves', () => {
    if (!v.leaves_hex) return
    for (const r of v.roots) expect(hex(rootOf(v.leaves_hex.slice(0, r.size).map((l) => leafHash(b(l)))))).toBe(r.root)
  })
  it('one flipped bit anywhere in a proof is found', () => {
    const x = v.inclusion.find((i) => i.valid && i.proof.length > 2)!
    for (let i = 0; i < x.proof.length; i++) {
      const bent = x.proof.map(b)
      bent[i]![31]! ^= 1
      expect(included(BigInt(x.index), BigInt(x.size), b(x.leaf_hash), b(x.root), bent)).toBe(false)
    }
  })
})

describe('notes', () => {
  const v = load('signed_notes.json')
  const key = keyOf(v.signed_note.verifier_key)!
  it('a published note verifies, and no other text does', () => {
    const n = noteOf(v.signed_note.note)!
    expect(signedBy(n, key).state).toBe('good')
    expect(signedBy({ ...n, text: n.text.replace('answer', 'Answer') }, key).state).toBe('bad')
    expect(signedBy(n, { ...key, name: 'Somebody' }).state).toBe('unknown')
  })
  it('a key whose hash does not fit is none', () => {
    expect(keyOf(v.signed_note.verifier_key.replace('c74f20a3', 'c74f20a4'))).toBeNull()
    expect(keyOf('no key')).toBeNull()
  })
  it('a checkpoint is read', () => {
    const c = checkpointOf(v.tree_note.text)!
    expect(c.size).toBe(BigInt(v.tree_note.size))
    expect(base64(c.root)).toBe(v.tree_note.root_b64)
    for (const bad of v.tree_notes_invalid.slice(1)) expect(checkpointOf(bad)).toBeNull()
    expect(checkpointOf(v.tree_notes_invalid[0])!.origin).not.toBe(c.origin)
  })
  it('a cosignature gives its time', () => {
    const s = unbase64(v.cosignature_v1_timestamp.signature_b64)!
    expect(new DataView(s.buffer, s.byteOffset + 4, 8).getBigUint64(0)).toBe(BigInt(v.cosignature_v1_timestamp.unix))
  })
  it('base64 is taken only as it is written by everybody', () => {
    expect(unbase64('TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=')!.length).toBe(32)
    expect(unbase64('TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb1=')).toBeNull()
    expect(unbase64('a')).toBeNull()
  })
})
