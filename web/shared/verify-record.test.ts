import { describe, expect, it } from 'vitest'
import { canonical, inPool, recordLeaf, storedAt, type Pool } from './verify-record'
import { leafHash, nodeHash, rootOf, utf8, type Hash } from './verify-tree'

describe('canonical records', () => {
  it('one form only', () => {
    expect(canonical({ b: [1, 'a<&>"\n', null, true], a: { é: 1 }['x' as never] ?? {} })).toBe('{"a":{},"b":[1,"a<&>\\"\\n",null,true]}')
    expect(canonical('\u2028')).toBe('"\\u2028"')
    for (const bad of [1.5, 2 ** 53, -0, NaN, { 名: 1 }]) expect(() => canonical(bad)).toThrow()
  })
  it('a record that cannot be written has no leaf', () => {
    expect(recordLeaf({ id: '1', at: '', kind: 'k', path: '', ref: '', body: { n: 0.5 } })).toBeNull()
  })
})

describe('the pool', () => {
  it('places as tlog numbers them', () => {
    // The first tree of four leaves: 0 1 [01] 2 3 [23] [0123].
    expect([storedAt(0, 0), storedAt(0, 1), storedAt(1, 0), storedAt(0, 2), storedAt(0, 3), storedAt(1, 1), storedAt(2, 0)]).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
  it('shows every leaf of trees of many sizes, and no other', () => {
    for (const size of [1, 2, 3, 5, 8, 13, 100]) {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(utf8('leaf ' + i)))
      const pool: Pool = new Map()
      let row: Hash[] = leaves
      for (let level = 0; row.length; level++) {
        row.forEach((h, n) => pool.set(storedAt(level, n), h))
        row = Array.from({ length: Math.floor(row.length / 2) }, (_, n) => nodeHash(row[2 * n]!, row[2 * n + 1]!))
      }
      const root = rootOf(leaves)
      for (let i = 0; i < size; i++) {
        expect(inPool(pool, size, i, leaves[i]!, root, nodeHash)).toBe(true)
        if (size > 1) expect(inPool(pool, size, (i + 1) % size, leaves[i]!, root, nodeHash)).toBe(false)
      }
      expect(inPool(pool, size, size, leaves[0]!, root, nodeHash)).toBe(false)
    }
  })
})
