import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NAMES, rootOfWords, verifyBundle, type Bundle } from './verify-bundle'
import { canonical } from './verify-record'
import { hashOfText, rollOf, rollText } from './verify-roll'

const load = (name: string) => readFileSync(join(__dirname, `testdata/vote_${name}.json`), 'utf8')
const bent = (text: string, f: (b: Bundle) => void): string => {
  const b = JSON.parse(text) as Bundle
  f(b)
  return canonical(b) + '\n'
}
const wrongs = async (text: string, known?: string[]) => (await verifyBundle(text, known ? { known } : {})).checks.filter((c) => c.state === 'bad').map((c) => c.name)

const kinds = ['open', 'secret', 'held', 'scrutineers'] as const

describe.each(kinds)('a sound bundle: %s', (kind) => {
  const text = load(kind)
  it('everything fits', async () => {
    const r = await verifyBundle(text)
    expect(r.checks.filter((c) => c.state === 'bad')).toEqual([])
    expect(r.ok).toBe(true)
    expect(r.witnesses.map((w) => w.name)).toEqual(['law.example'])
    const opened = kind !== 'secret' && kind !== 'held'
    const made = r.checks.map((c) => c.name)
    for (const n of NAMES) {
      const not = opened ? (kind === 'open' ? ['groups', 'ballot_signature'] : []) : ['ballot_commitment', 'ballot_signature', 'ballot_counted', 'count']
      expect([n, made.includes(n)]).toEqual([n, !not.includes(n)])
    }
  })
  it('only by the key that the reader knows', async () => {
    const key = (JSON.parse(text) as Bundle).log.keys.find((k) => !k.startsWith('law'))!
    expect(await wrongs(text, [key])).toEqual([])
    expect(await wrongs(text, [key.replace('+', 'x+')])).toContain('checkpoint_signature')
  })
})

describe.each(kinds)('what is spoilt is found and named: %s', (kind) => {
  const text = load(kind)
  const open = kind === 'open' || kind === 'scrutineers'
  const order = (b: Bundle) => b.ballots.sort((x, y) => (open ? x.right! - y.right! || x.n! - y.n! : x.commitment < y.commitment ? -1 : 1))
  const size = /\n(\d+)\n/.exec((JSON.parse(text) as Bundle).log.checkpoint)![1]!
  const cases: [string, string[], (b: Bundle) => void][] = [
    ['one ballot added', ['ballot_in_log', 'ballot_count'], (b) => {
      const x = { ...b.ballots[4]!, commitment: 'cd'.repeat(32), ...(open ? { n: b.ballots[4]!.n! + 1, salt: 'ab'.repeat(32) } : {}) }
      b.ballots.push(x)
      order(b)
    }],
    ['one ballot dropped', ['ballot_count'], (b) => void b.ballots.splice(9, 1)],
    ['one ballot twice', ['ballot_order'], (b) => void b.ballots.splice(9, 0, b.ballots[9]!)],
    ['ballots moved', ['ballot_order'], (b) => void ([b.ballots[3], b.ballots[9]] = [b.ballots[9]!, b.ballots[3]!])],
    ['places in the log exchanged', ['ballot_in_log'], (b) => void ([b.ballots[3]!.leaf, b.ballots[9]!.leaf] = [b.ballots[9]!.leaf, b.ballots[3]!.leaf])],
    ['a commitment changed', ['ballot_in_log'], (b) => void (b.ballots[7]!.commitment = '0'.repeat(64))],
    ['an uncounted one counted', ['core_hash'], (b) => void (b.ballots.find((x) => !x.counted)!.counted = true)],
    ['a ballot voided', ['ballot_void'], (b) => void (b.ballots[11]!.void = true)],
    ['an area in the roll', ['roll_hash'], (b) => void (b.roll.text = b.roll.text.replace('80.37', '90.37'))],
    ['the roll written anew with its own hash', ['roll_hash'], (b) => {
      const r = rollOf(b.roll.text)!
      r.rights.pop()
      b.roll.text = rollText(r)
      b.roll.hash = hashOfText(b.roll.text)
    }],
    ['results swapped', ['count'], (b) => void b.results.reverse()],
    ['results exchanged', ['count', 'derivation'], (b) => b.results.forEach((x) => (x.passed = !x.passed))],
    ['a step of the derivation', ['derivation'], (b) => void (b.results[0]!.derivation[2]!.left = '3×1 = 3')],
    ['a record removed', ['records'], (b) => void b.records.splice(1, 1)],
    ['the opening removed', ['records'], (b) => void b.records.splice(2, 1)],
    ['a record changed', ['records_in_log'], (b) => void (b.records[1]!.body = { meeting: '2026-000002' })],
    ['a record added', ['records_in_log'], (b) => void b.records.splice(2, 0, { ...b.records[1]!, leaf: b.records[1]!.leaf + 1 })],
    ['the result’s record removed', ['records'], (b) => void b.records.pop()],
    ['a matter’s words', ['opening'], (b) => void (b.matters[0]!.text = '从公共收益列支')],
    ['a matter’s rule', ['opening'], (b) => void (b.matters[1]!.rule = 'ordinary')],
    ['first for last', ['opening'], (b) => void (b.meeting.counts = 'first')],
    ['another meeting', ['opening'], (b) => void (b.meeting.number = '2026-000009')],
    ['a forged checkpoint', ['checkpoint_signature'], (b) => void (b.log.checkpoint = b.log.checkpoint.replace(`\n${size}\n`, `\n${Number(size) + 1}\n`))],
    ['another origin', ['checkpoint_signature'], (b) => void (b.log.origin = 'elsewhere')],
    ['a witness’s line gone', ['cosignatures'], (b) => void (b.log.checkpoint = b.log.checkpoint.slice(0, b.log.checkpoint.lastIndexOf('— law.example')))],
    ['a witness’s key gone', ['cosignatures'], (b) => void (b.log.keys = b.log.keys.filter((k) => !k.startsWith('law')))],
    ['a hash out of the pool', ['pool'], (b) => void delete b.log.pool[Object.keys(b.log.pool)[0]!]],
    ['a hash more in the pool', ['pool'], (b) => void (b.log.pool['1073741824'] = Object.values(b.log.pool)[0]!)],
    ['a kind that is none', ['form'], (b) => void ((b as { kind: string }).kind = 'other')],
    ['a field more', ['form'], (b) => void ((b as unknown as Record<string, unknown>).extra = 1)],
    ['a field less', ['form'], (b) => void delete (b as unknown as Record<string, unknown>).groups],
    ['a field of the wrong shape', ['form'], (b) => void ((b as unknown as Record<string, unknown>).ballots = 'none')],
  ]
  if (open)
    cases.push(
      ['a choice changed', ['ballot_commitment'], (b) => void (b.ballots[5]!.choices!['1'] = b.ballots[5]!.choices!['1'] === 'against' ? 'agree' : 'against')],
      ['a ballot given to another right', ['ballot_commitment'], (b) => void (b.ballots[5]!.right = 58)],
      ['a second ballot dropped and the first counted', ['ballot_count'], (b) => {
        b.ballots[0]!.counted = true
        b.ballots.splice(1, 1)
      }],
      ['a first ballot dropped', ['ballot_order'], (b) => void b.ballots.shift()],
      ['figures changed', ['count'], (b) => void (b.results[0]!.figures!.agree.heads += 1)],
      ['an area of the figures changed', ['count'], (b) => void (b.results[0]!.figures!.part.area -= 1)],
      ['counted exchanged', ['ballot_counted'], (b) => void ((b.ballots[0]!.counted = true), (b.ballots[1]!.counted = false))],
    )
  const signed = (b: Bundle) => b.ballots.filter((x) => x.key)
  if (kind === 'scrutineers')
    cases.push(
      ['a signature of another ballot', ['ballot_signature'], (b) => void (signed(b)[3]!.signature = signed(b)[4]!.signature!)],
      ['a key exchanged', ['ballot_signature'], (b) => void (signed(b)[3]!.key = signed(b).find((x) => x.right !== signed(b)[3]!.right)!.key!)],
      ['a key without its signature', ['ballot_signature'], (b) => void delete signed(b)[3]!.signature],
      ['a signature without its key', ['ballot_signature'], (b) => void delete signed(b)[3]!.key],
      ['a signature dropped with its key', ['ballot_signature'], (b) => {
        const x = signed(b)[3]!
        delete x.key
        delete x.signature
      }],
      ['a signature spoilt', ['ballot_signature'], (b) => {
        const x = signed(b)[5]!
        x.signature = (x.signature![20] === 'A' ? 'B' : 'A') + x.signature!.slice(1)
      }],
    )
  else cases.push(['a device’s signature in a public file', ['ballot_signature'], (b) => Object.assign(b.ballots[0]!, { key: signed(JSON.parse(load('scrutineers')) as Bundle)[0]!.key, signature: 'AA==' })])
  if (kind !== 'open')
    cases.push(
      ['groups changed', ['groups'], (b) => void (b.groups[0]!.sums.part += 1)],
      ['a group left out', ['groups'], (b) => void b.groups.pop()],
    )
  if (kind === 'secret')
    cases.push(
      ['heads moved between groups', ['groups', 'core_hash'], (b) => {
        const s = b.groups[0]!.sums
        s.groups[0]!.agree -= 1
        s.groups[1]!.agree += 1
      }],
      ['a ballot with its right', ['ballot_order'], (b) => void (b.ballots[0]!.right = 1)],
      ['exact figures', ['count'], (b) => void (b.results[0]!.figures = (JSON.parse(load('scrutineers')) as Bundle).results[0]!.figures!)],
    )
  it.each(cases)('%s', async (_name, want, f) => {
    const forged = bent(text, f)
    expect(forged).not.toBe(text)
    const got = await wrongs(forged)
    expect(got.some((g) => want.includes(g)), `found by ${got.join()}, want one of ${want.join()}`).toBe(true)
  })
  it('one turned bit anywhere', { timeout: 20_000 }, async () => {
    const bytes = new TextEncoder().encode(text)
    const step = Math.floor(bytes.length / 24)
    for (let at = 1; at < bytes.length; at += step) {
      const b = bytes.slice()
      b[at]! ^= 1 << (at % 7)
      const r = await verifyBundle(new TextDecoder().decode(b))
      expect([at, r.ok]).toEqual([at, false])
      expect(r.checks.find((c) => c.state === 'bad')).toBeTruthy()
    }
  })
})

describe('a forger who also writes the seals anew', () => {
  it('cannot drop a ballot: the record of the closing is in the signed log', async () => {
    const got = await wrongs(bent(load('open'), (b) => {
      b.ballots.splice(20, 1)
      const closed = b.records.find((r) => r.kind === 'assembly.closed')!
      closed.body = { ...closed.body, ballots: b.ballots.length, root: rootOfWords(b.ballots.map((x) => x.commitment)) }
    }))
    expect(got).toContain('records_in_log')
  })
})

it('what is no bundle is said to be none', async () => {
  for (const t of ['', '{}', 'null', '[]', '{"format":"cuobian.vote.2"}', '{"format":"cuobian.vote.1"}', load('open').slice(0, -20)]) expect((await verifyBundle(t)).ok).toBe(false)
})
