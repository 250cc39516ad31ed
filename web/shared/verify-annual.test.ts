import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyAnnual, type AnnualFile } from './verify-annual'
import { canonical } from './verify-record'

// The files are those of the kernel's own tests (rooms/money/statement/testdata); the compound in them is invented.
const load = (name: string) => readFileSync(join(__dirname, `../../rooms/money/statement/testdata/${name}.json`), 'utf8')
const wrongs = (text: string, known?: string[]) => verifyAnnual(text, known).checks.filter((c) => c.state === 'bad').map((c) => c.name)
const sound = load('annual-sound')
const bent = (f: (x: AnnualFile) => void): string => {
  const x = JSON.parse(sound) as AnnualFile
  f(x)
  return canonical(x) + '\n'
}

describe("a year's accounts as a file", () => {
  it('are sound', () => {
    const r = verifyAnnual(sound)
    expect(r.checks.flatMap((c) => c.faults)).toEqual([])
    expect([r.ok, r.due, r.checks.every((c) => c.n > 0)]).toEqual([true, 3, true])
  })
  it('only by the key that the reader knows', () => {
    const key = (JSON.parse(sound) as AnnualFile).log.keys[0]!
    expect(wrongs(sound, [key])).toEqual([])
    expect(wrongs(sound, [key.replace('+', 'x+')])).toEqual(['checkpoint_signature'])
  })
  it('late ones are named', () => expect(wrongs(load('annual-late'))).toEqual(['late']))
  it('those that never came are named', () => expect(wrongs(load('annual-missing'))).toEqual(['vanished']))

  const spoilt: [string, string, (x: AnnualFile) => void][] = [
    ['a changed fen', 'accounts_hash', (x) => x.accounts[0]!.lines[0]!.actual++],
    ['a changed sum', 'accounts_sums', (x) => x.accounts[1]!.actual++],
    ["the owners' money changed", 'accounts_hash', (x) => x.accounts[3]!.owners++],
    ['dropped accounts', 'vanished', (x) => x.accounts.splice(0, 1)],
    ['added accounts', 'in_log', (x) => x.accounts.push({ ...x.accounts[0]!, year: 2026 })],
    ['a changed record', 'in_log', (x) => (x.records[1]!.body.actual = 1)],
    ['a record of other sums', 'accounts_sums', (x) => (x.records[1]!.body.actual = 1)],
    ['a moved record', 'in_log', (x) => x.records.reverse()],
    ['a dropped due record', 'vanished', (x) => x.records.splice(0, 1)],
    ['a dropped version', 'changed', (x) => x.records.splice(3, 1)],
    ['a spare hash', 'in_log', (x) => (x.log.pool['9999'] = Object.values(x.log.pool)[0]!)],
    ['a spare field', 'form', (x) => Object.assign(x, { more: 1 })],
    ['another compound', 'in_log', (x) => (x.compound = 'k2')],
  ]
  it.each(spoilt)('%s is found', (_, name, f) => expect(wrongs(bent(f))).toContain(name))
  it('no bit is turned unseen, but for the day that the file says it is of', () => {
    const bytes = new TextEncoder().encode(sound)
    const day = sound.indexOf('"as_of"')
    for (let i = 1; i < bytes.length - 1; i += 101) {
      if (i >= day - 1 && i < day + 34) continue
      const other = Uint8Array.from(bytes)
      other[i]! ^= 1
      expect([i, verifyAnnual(new TextDecoder().decode(other)).ok]).toEqual([i, false])
    }
  }, 60_000)
  it('what is no such file', () => {
    for (const x of ['', 'null', '[]', '{}', '{"format":"cuobian.accounts.1"}', '{"format":"cuobian.accounts.1","accounts":[1],"records":[{}],"log":{}}']) expect(verifyAnnual(x).ok).toBe(false)
  })
})
