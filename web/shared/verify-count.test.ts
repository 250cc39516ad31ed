import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { comparisons, count, hundredthsOf, metres, type Choice, type Elector } from './verify-count'

interface Case {
  id: string
  name: string
  kind: 'ordinary' | 'special'
  units: { unit: string; owner: string; area: string }[]
  ballots: Record<string, string>
  expected: Record<string, unknown>
}
const { cases } = JSON.parse(readFileSync(join(__dirname, 'testdata/civil_code_278_cases.json'), 'utf8')) as { cases: Case[] }

const cents = (s: string): bigint => {
  const [whole, part = ''] = s.split('.')
  return BigInt(whole!) * 100n + BigInt(part.padEnd(2, '0').slice(0, 2))
}

function decide(c: Case) {
  const owners = [...new Set(c.units.map((u) => u.owner))]
  const electors: Elector[] = owners.map((o, i) => ({ no: i + 1, area: c.units.filter((u) => u.owner === o).reduce((n, u) => n + cents(u.area), 0n), parking: 0n, spaces: false }))
  const said: Record<string, Choice> = { yes: 'agree', no: 'against', abstain: 'abstain' }
  const choices = new Map(Object.entries(c.ballots).map(([o, v]) => [owners.indexOf(o) + 1, said[v] ?? 'none']))
  return count({ rule: c.kind, countParking: true }, electors, choices)
}

describe('article 278', () => {
  it('has cases that pass and cases that do not', () => {
    expect(cases.some((c) => c.expected.passes) && cases.some((c) => !c.expected.passes)).toBe(true)
  })
  it.each(cases.map((c) => [c.id, c.name, c] as const))('%s %s', (_id, _name, c) => {
    const r = decide(c)
    const e = c.expected
    expect({
      passes: r.passed, participation_met: r.gate, total_persons: Number(r.total.heads), part_persons: Number(r.part.heads), yes_persons: Number(r.agree.heads),
      total_area: r.total.area, part_area: r.part.area, yes_area: r.agree.area,
    }).toEqual({ ...e, total_area: cents(String(e.total_area)), part_area: cents(String(e.part_area)), yes_area: cents(String(e.yes_area)) })
    const steps = comparisons(c.kind, r)
    expect(steps.every((s) => s.holds)).toBe(r.passed)
  })
})

describe('edges', () => {
  const of = (n: number, agree: number, part: number, rule: 'ordinary' | 'special' | 'unanimous' = 'ordinary') =>
    count({ rule, countParking: false }, Array.from({ length: n }, (_, i) => ({ no: i, area: 100n, parking: 5n, spaces: false })), new Map(Array.from({ length: part }, (_, i) => [i, i < agree ? 'agree' : 'against'] as const)))
  it('exactly two thirds take part, exactly a half agrees: not passed; three quarters is enough', () => {
    expect([of(3, 1, 2).gate, of(3, 1, 2).consent, of(3, 2, 2).passed]).toEqual([true, false, true])
    expect([of(4, 3, 4, 'special').passed, of(8, 5, 8, 'special').passed]).toEqual([true, false])
    expect([of(4, 4, 4, 'unanimous').passed, of(4, 3, 4, 'unanimous').passed]).toEqual([true, false])
  })
  it('nobody is no two thirds', () => expect(of(0, 0, 0).passed).toBe(false))
  it('parking counts only when it is said to; a space alone is then a right', () => {
    const e: Elector[] = [{ no: 1, area: 100n, parking: 20n, spaces: false }, { no: 2, area: 0n, parking: 20n, spaces: true }]
    expect(count({ rule: 'ordinary', countParking: false }, e, new Map()).total).toEqual({ heads: 1n, area: 100n })
    expect(count({ rule: 'ordinary', countParking: true }, e, new Map()).total).toEqual({ heads: 2n, area: 140n })
  })
  it('areas are written and read without floats', () => {
    expect([metres(9856n), metres(5n), hundredthsOf('98.56'), hundredthsOf('098.56'), hundredthsOf('98.5')]).toEqual(['98.56', '0.05', 9856n, null, null])
  })
})
