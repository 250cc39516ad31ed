import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonical } from './verify-record'
import { beside, micros, span, verifyStatement, type StatementFile } from './verify-statement'

// The files are those of the kernel's own tests (rooms/money/statement/testdata); the compound in them is invented.
const load = (name: string) => readFileSync(join(__dirname, `../../rooms/money/statement/testdata/${name}.json`), 'utf8')
const wrongs = (text: string, known?: string[]) => verifyStatement(text, known).checks.filter((c) => c.state === 'bad').map((c) => c.name)
const sound = load('sound')
const bent = (f: (x: StatementFile) => void): string => {
  const x = JSON.parse(sound) as StatementFile
  f(x)
  return canonical(x) + '\n'
}

describe('published accounts as a file', () => {
  it('are sound', () => {
    const r = verifyStatement(sound)
    expect(r.checks.flatMap((c) => c.faults)).toEqual([])
    expect(r.ok).toBe(true)
    expect(r.checks.every((c) => c.n > 0)).toBe(true)
    expect(r.due).toBe(5)
  })
  it('only by the key that the reader knows', () => {
    const key = (JSON.parse(sound) as StatementFile).log.keys[0]!
    expect(wrongs(sound, [key])).toEqual([])
    expect(wrongs(sound, [key.replace('+', 'x+')])).toEqual(['checkpoint_signature'])
  })
  it('one that came late is named', () => expect(wrongs(load('late'))).toEqual(['late']))
  it('one that never came is named', () => expect(wrongs(load('missing'))).toContain('vanished'))

  const spoilt: [string, string, (x: StatementFile) => void][] = [
    ['a changed fen', 'statement_hash', (x) => x.statements[0]!.lines[0]!.amount++],
    ['a changed sum', 'statement_sums', (x) => x.statements[1]!.received++],
    ['a dropped statement', 'vanished', (x) => x.statements.splice(1, 1)],
    ['an added statement', 'in_log', (x) => x.statements.push({ ...x.statements[0]!, period: '2026-05' })],
    ['a changed record', 'in_log', (x) => (x.records[0]!.body.shown = 1)],
    ['a moved record', 'in_log', (x) => x.records.reverse()],
    ['a dropped due record', 'vanished', (x) => x.records.splice(2, 1)],
    ['a dropped posting', 'chain', (x) => x.records.splice(3, 1)],
    ['an altered seal', 'seal', (x) => ((x.records[1]!.body.seals as { stamp: string }[])[0]!.stamp = 'other')],
    ['no seal', 'seal', (x) => (x.records[1]!.body.seals = [])],
    ['a shorter time on the board', 'shown_days', (x) => (x.records[1]!.body.until = '2026-02-07')],
    ['a second statement of a period', 'changed', (x) => (x.records[3]!.body.period = x.records[1]!.body.period)],
    ['an earlier day of the file', 'in_log', (x) => (x.as_of = '2026-03-01T00:00:00Z')],
    ['a later day of the file', 'vanished', (x) => (x.as_of = '2026-08-01T00:00:00Z')],
    ['another checkpoint', 'checkpoint_signature', (x) => (x.log.checkpoint = x.log.checkpoint.replace('\n20\n', '\n21\n'))],
    ['a hash too few', 'in_log', (x) => delete x.log.pool['0']],
    ['another compound', 'in_log', (x) => (x.path = '350503002/c1/k2/')],
    ['a field more', 'form', (x) => Object.assign(x, { more: 1 })],
  ]
  it.each(spoilt)('%s is found: %s', (_what, name, f) => expect(wrongs(bent(f))).toContain(name))

  it('one turned bit anywhere, but for the day that the file gives itself', () => {
    const bytes = new TextEncoder().encode(sound)
    for (let i = sound.indexOf('"compound"'); i < bytes.length - 1; i += 67) {
      const other = Uint8Array.from(bytes)
      other[i]! ^= 1
      expect([i, verifyStatement(new TextDecoder().decode(other)).ok]).toEqual([i, false])
    }
  }, 60_000)
  it('what is no such file', () => {
    for (const x of ['', 'null', '[]', '{}', '{"format":"cuobian.statement.1"}', '{"format":"cuobian.statement.1","statements":[1],"records":[{}],"log":{}}']) expect(verifyStatement(x).ok).toBe(false)
  })
})

it('periods and instants', () => {
  expect(span('month', '2028-02')).toEqual(['2028-02-01', '2028-02-29'])
  expect([span('year', '2026'), beside('year', '2026', 1), span('year', '2026-01')]).toEqual([['2026-01-01', '2026-12-31'], '2027', null])
  expect(span('quarter', '2026Q4')).toEqual(['2026-10-01', '2026-12-31'])
  expect([span('month', '2026Q1'), span('quarter', '2026Q5'), span('month', '2026-13')]).toEqual([null, null, null])
  expect([beside('month', '2026-12', 1), beside('quarter', '2026Q1', -1), beside('month', '2026-01', -1)]).toEqual(['2027-01', '2025Q4', '2025-12'])
  expect([micros('2026-02-04T16:00:00Z'), micros('1970-01-01T00:00:00.000001Z'), micros('2026-02-04')]).toEqual([1770220800000000n, 1n, null])
})
