import { describe, expect, it } from 'vitest'
import { ballotText, commitment, effective, type Ballot } from './verify-ballot'

const b: Ballot = { meeting: 'm1', right: 7, choices: { '10': 'against', '2': 'agree', '3': 'none' }, salt: '00'.repeat(32) }

describe('the canonical text', () => {
  it('matters by number, those without a choice left out', () => {
    expect(ballotText(b)).toBe(`cuobian ballot 1\nmeeting\tm1\nright\t7\nchoice\t2\tagree\nchoice\t10\tagainst\nsalt\t${'00'.repeat(32)}\n`)
  })
  it('every field changes the commitment', () => {
    const all = [b, { ...b, meeting: 'm2' }, { ...b, right: 8 }, { ...b, choices: { ...b.choices, '2': 'abstain' as const } }, { ...b, salt: '01'.repeat(32) }].map(commitment)
    expect(new Set(all).size).toBe(5)
    expect(commitment({ ...b, choices: { '2': 'agree', '10': 'against' } })).toBe(all[0])
  })
})

describe('which ballot counts', () => {
  const list = [{ right: 1, n: 2 }, { right: 1, n: 1 }, { right: 1, n: 3, void: true }, { right: 2, n: 1, void: true }]
  it('first and last by their number, void ones never, in any order', () => {
    for (const l of [list, [...list].reverse()]) {
      expect(effective(l, 'first').get(1)!.n).toBe(1)
      expect(effective(l, 'last').get(1)!.n).toBe(2)
      expect(effective(l, 'last').has(2)).toBe(false)
    }
  })
})
