import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { payOf, pieces, verifyPay, wholeHash, type PayFile } from './verify-pay'
import { canonical } from './verify-record'
import { hex, sha256, utf8 } from './verify-tree'

// The files are those of the kernel's own tests (rooms/money/bundle/testdata); compound and company in them are invented.
const load = (name: string) => readFileSync(join(__dirname, `../../rooms/money/bundle/testdata/${name}.json`), 'utf8')
const wrongs = (text: string, known?: string[]) => verifyPay(text, known).checks.filter((c) => c.state === 'bad').map((c) => c.name)
const faults = (text: string) => verifyPay(text).checks.flatMap((c) => c.faults.map((f) => `${c.name} ${f.at}`))
const sound = load('sound')
const bent = (f: (x: PayFile) => void, from = sound): string => {
  const x = JSON.parse(from) as PayFile
  f(x)
  return canonical(x) + '\n'
}
/** All hashes made anew, as whoever forges a file would. */
const hashed = (x: PayFile): void => {
  x.parts = pieces(x).map(([name, v]) => ({ name, hash: hex(sha256(utf8(canonical(v)))) }))
  x.hash = wholeHash(x)
}
const input = (x: PayFile, name: string) => x.inputs.find((i) => i.input === name)!

describe('pay by quality as a file', () => {
  it('is computed again to the fen', () => {
    const r = verifyPay(sound)
    expect(r.checks.flatMap((c) => c.faults)).toEqual([])
    expect([r.ok, r.later, r.file?.pay.shown, r.file?.pay.earned, r.checks.every((c) => c.n > 0)]).toEqual([true, 2, '95.17', 3150000, true])
    expect(verifyPay(load('fixed')).ok).toBe(true)
  })
  it('an old version is sound, and the log knows the later one', () => {
    const r = verifyPay(load('old'))
    expect([r.ok, r.file?.version, r.later]).toEqual([true, 1, 2])
  })
  it('only by the key that the reader knows', () => {
    const key = (JSON.parse(sound) as PayFile).proof!.log.keys[0]!
    expect(wrongs(sound, [key])).toEqual([])
    expect(wrongs(sound, [key.replace('+', 'x+')])).toEqual(['checkpoint_signature'])
  })
  // What the house itself published wrongly: the same checks fail as in `cuobian verify` (TestGoldenPay).
  it.each([
    ['dropped-version', ['versions']],
    ['other-sum', ['published']],
    ['other-hash', ['published']],
    ['a-fen-more', ['amount']],
    ['a-better-score', ['amount']],
    ['a-bigger-base', ['base']],
    ['no-such-formula', ['amount']],
  ])('%s is found', (name, want) => expect(wrongs(load(name))).toEqual(want))

  const spoilt: [string, string, (x: PayFile) => void][] = [
    ['an input', 'parts inputs.on_time', (x) => input(x, 'on_time').figure.n++],
    ['where an input is from', 'parts inputs.patrols', (x) => (input(x, 'patrols').source = 'sheets/9')],
    ['a reason', 'parts inputs.stars', (x) => (input(x, 'stars').absent = '另有原因')],
    ['a weight', 'parts formula.weights.on_time', (x) => ((x.formula.weights[0]!.points = 40), (x.formula.weights[1]!.points = 20))],
    ['a band', 'parts formula.bands[0]', (x) => (x.formula.bands[0]!.from = 94)],
    ['the hold-back', 'parts formula.hold_back', (x) => (x.formula.hold_back.n = 5)],
    ["the formula's version", 'parts formula.version', (x) => (x.formula.version = 'quality-2')],
    ['the base', 'base base.amount', (x) => x.base.amount++],
    ['what was collected', 'parts base', (x) => (x.base.collected += 1000)],
    ['a fen earned', 'amount pay.earned', (x) => x.pay.earned++],
    ['a fen held back', 'amount pay.held', (x) => x.pay.held--],
    ['the score', 'amount pay.score', (x) => (x.pay.score = '100')],
    ['the score that is shown', 'amount pay.shown', (x) => (x.pay.shown = '99.00')],
    ['the coefficient', 'amount pay.coef', (x) => (x.pay.coef.n = 110)],
    ['a step', 'amount pay.steps', (x) => (x.pay.steps[0]!.right = '30')],
    ['the breach', 'amount pay.breach', (x) => (x.pay.breach = true)],
    ['a missing part', 'parts base', (x) => x.parts.shift()],
    ['a spare part', 'parts more', (x) => x.parts.push({ name: 'more', hash: '00' })],
    ['an input dropped', 'amount inputs', (x) => x.inputs.pop()],
    ['an input twice', 'amount inputs', (x) => (x.inputs[0] = x.inputs[1]!)],
    ['the period', 'hash hash', (x) => (x.to = '2026-10-01')],
    ['the company', 'hash hash', (x) => (x.company = '乙物业')],
    ['the reason of a version', 'hash hash', (x) => (x.why = '')],
    ['a spare field', 'form ', (x) => Object.assign(x, { more: 1 })],
    ['a spare field of a step', 'form pay.steps[0]', (x) => Object.assign(x.pay.steps[0]!, { more: 1 })],
    ['a spare field of the proof', 'form proof', (x) => Object.assign(x.proof!, { more: 1 })],
    ['no proof', 'in_log proof', (x) => delete x.proof],
    ['no records', 'published version', (x) => (x.proof!.records = [])],
    ['a record changed', 'in_log proof.records[1]', (x) => (x.proof!.records[1]!.body.earned = 1)],
    ['a record moved', 'in_log proof.records[1]', (x) => x.proof!.records.reverse()],
    ['a record dropped', 'versions proof.records[0]', (x) => x.proof!.records.shift()],
    ['the newest record dropped', 'published version', (x) => x.proof!.records.pop()],
    ['a spare hash', 'in_log proof.log.pool.99', (x) => (x.proof!.log.pool['99'] = Object.values(x.proof!.log.pool)[0]!)],
    ['another checkpoint', 'checkpoint_signature log.checkpoint', (x) => (x.proof!.log.checkpoint = x.proof!.log.checkpoint.replace('\n5\n', '\n6\n'))],
    ['another log', 'checkpoint_signature log.origin', (x) => (x.proof!.log.origin = 'cuobian/public/other')],
    ['a file made before its log', 'in_log proof.records[1]', (x) => (x.proof!.as_of = '1970-01-01T00:00:00.000001Z')],
    ['another place', 'in_log proof.records[0]', (x) => (x.proof!.path = '350503002/c2/c/')],
  ]
  it.each(spoilt)('%s is found', (_, where, f) => {
    const text = bent(f)
    expect(verifyPay(text).ok).toBe(false)
    expect(faults(text).some((x) => x.startsWith(where))).toBe(true)
  })
  // Who makes all hashes anew is found by the log, which knows another one.
  it.each([
    ['a better input', (x: PayFile) => (input(x, 'satisfaction').figure.n = 50)],
    ['more collected', (x: PayFile) => (x.base.collected += 1_000_000)],
    ['a softer formula', (x: PayFile) => (x.formula.bands[0]!.coef.n = 120)],
    ['another period', (x: PayFile) => (x.quality = 'q2')],
  ])('%s with every hash made anew is found', (_, f) => {
    const text = bent((x) => {
      f(x)
      const collected = x.base.rate ? Math.trunc((x.base.collected * x.base.rate.n) / x.base.rate.d) : x.base.fixed!
      x.base.amount = collected
      x.pay = payOf(x.formula, collected, x.inputs)
      hashed(x)
    })
    const bad = wrongs(text)
    expect(bad).not.toContain('hash')
    expect(bad).not.toContain('parts')
    expect(bad).not.toContain('amount')
    expect(bad.some((n) => n === 'published' || n === 'in_log')).toBe(true)
  })
  it('no bit is turned unseen, but for the day that the file says it is of', () => {
    const bytes = new TextEncoder().encode(sound)
    const day = new TextEncoder().encode(sound.slice(0, sound.indexOf('"as_of"'))).length
    for (let i = 1; i < bytes.length - 1; i += 31) {
      if (i >= day - 1 && i < day + 34) continue
      const other = Uint8Array.from(bytes)
      other[i]! ^= 1
      expect([i, verifyPay(new TextDecoder().decode(other)).ok]).toEqual([i, false])
    }
  }, 60_000)
  it('what is no such file', () => {
    for (const x of ['', 'null', '[]', '{}', '{"format":"cuobian.pay.1"}', '{"format":"cuobian.pay.1","formula":{"weights":[1]},"inputs":[],"pay":{},"parts":[]}', '{"format":"cuobian.pay.1","proof":{"records":7}}']) expect(verifyPay(x).ok).toBe(false)
  })
})
