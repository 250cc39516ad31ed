import { describe, expect, it } from 'vitest'
import { remainder } from './lot'

describe('the draw', () => {
  // printf 'cuobian-draw-2\\np1\\nroot\\n' | sha256sum
  it('is the first eight bytes of SHA-256 modulo d', () => {
    expect(remainder('cuobian-draw-2\np1\nroot\n', 5)).toBe(Number(0x8c5771290cee25a8n % 5n))
    expect(remainder('cuobian-draw-2\np1\nroot\n', 1)).toBe(0)
  })
  it('changes with the root and with the payment', () => {
    const of = (p: string, root: string) => remainder(`cuobian-draw-2\n${p}\n${root}\n`, 1_000_000_007)
    expect(new Set([of('p1', 'a'), of('p1', 'b'), of('p2', 'a')]).size).toBe(3)
  })
})
