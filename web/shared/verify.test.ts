import { readFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { ed25519 } from '@noble/curves/ed25519.js'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Receipt } from './assembly'
import { checkLog, checkPlaced, checkReceipt, knownLog, receiptSigned, receiptText, remember, verifyBundle, type Placed } from './verify'
import { commitment, type Ballot } from './verify-ballot'
import { keyHash } from './verify-note'
import { canonical, proofFrom, recordText, storedAt, type Pool } from './verify-record'
import { base64, hex, join, leafHash, nodeHash, rootOf, utf8, type Hash } from './verify-tree'

// A small house of its own: a key, a log of nine records, of which the fourth is the ballot. All invented.
const secret = new Uint8Array(32).fill(7)
const origin = 'test/log'
const kindAndKey = join(Uint8Array.of(1), ed25519.getPublicKey(secret))
const id = new Uint8Array(4)
new DataView(id.buffer).setUint32(0, keyHash(origin, kindAndKey))
const key = `${origin}+${hex(id)}+${base64(kindAndKey)}`

const ballot: Ballot = { meeting: 'm1', right: 7, choices: { '1': 'agree' }, salt: 'ab'.repeat(32) }
const word = commitment(ballot)
const text = recordText({ id: 'r1', at: '2026-11-21T10:00:00.5Z', kind: 'assembly.ballot', path: 's/c/k/', ref: 'assemblies/m1', body: { meeting: '2026-000001', commitment: word } })
const leaves = Array.from({ length: 9 }, (_, i) => (i === 3 ? leafHash(utf8(text)) : leafHash(utf8('another ' + i))))

function note(n: number, by = secret): string {
  const t = `${origin}\n${n}\n${base64(rootOf(leaves.slice(0, n)))}\n`
  return `${t}\n\u2014 ${origin} ${base64(join(id, ed25519.sign(utf8(t), by)))}\n`
}
function pool(n: number): Pool {
  const p: Pool = new Map()
  let row: Hash[] = leaves.slice(0, n)
  for (let level = 0; row.length; level++) {
    row.forEach((h, i) => p.set(storedAt(level, i), h))
    row = Array.from({ length: Math.floor(row.length / 2) }, (_, i) => nodeHash(row[2 * i]!, row[2 * i + 1]!))
  }
  return p
}
const proof = (n: number, at = 3) => proofFrom(pool(n), n, at, nodeHash)!.map(base64)

function signed(r: Omit<Receipt, 'signature'>): Receipt {
  return { ...r, signature: base64(ed25519.sign(utf8(receiptText({ ...r, signature: '' })), secret)) }
}
const receipt = signed({ format: 'cuobian.receipt.1', meeting: 'm1', number: '2026-000001', commitment: word, salt: ballot.salt, at: '2026-11-21T10:00:00.5Z', leaf: hex(leaves[3]!), key })
const placed: Placed = { commitment: word, meeting: 'm1', number: '2026-000001', at: receipt.at, leaf: receipt.leaf, waiting: false, void: false, text, proof: { n: 3, size: 9, leaf: base64(leaves[3]!), proof: proof(9), checkpoint: note(9) } }
const said = { right: 7, choices: ballot.choices }
const states = (l: { name: string; state: string }[]) => Object.fromEntries(l.map((c) => [c.name, c.state]))

beforeEach(() => localStorage.clear())

describe('a receipt', () => {
  it('holds', () => {
    expect(receiptSigned(receipt)).toBe(true)
    expect(states(checkReceipt(receipt, placed, said, null))).toEqual({ signature: 'good', record: 'good', in_log: 'good', choices: 'good' })
  })
  it('without the choices says so; before it is in the log it waits; a void one is said', () => {
    expect(states(checkReceipt(receipt, placed, null, null)).choices).toBe('note')
    expect(states(checkReceipt(receipt, { ...placed, proof: undefined as never, waiting: true }, said, null)).in_log).toBe('waits')
    expect(states(checkReceipt(receipt, { ...placed, void: true }, said, null)).counts).toBe('note')
  })
  const p = placed.proof!
  it.each<[string, string, Receipt, Placed, typeof said | null]>([
    ['a changed number', 'signature', { ...receipt, number: '2026-000002' }, placed, said],
    ['another time', 'signature', { ...receipt, at: '2026-11-21T10:00:01Z' }, placed, said],
    ['another commitment, signed anew', 'record', signed({ ...receipt, commitment: '0'.repeat(64) }), placed, null],
    ['a record of another ballot', 'record', receipt, { ...placed, text: text.replace(word, '0'.repeat(64)) }, said],
    ['a record in another form', 'record', receipt, { ...placed, text: text.replace(':', ': ') }, said],
    ['no record', 'record', receipt, { ...placed, text: undefined as never }, said],
    ['another place', 'in_log', receipt, { ...placed, proof: { ...p, n: 4 } }, said],
    ['a proof cut short', 'in_log', receipt, { ...placed, proof: { ...p, proof: p.proof.slice(1) } }, said],
    ['a checkpoint of another key', 'in_log', receipt, { ...placed, proof: { ...p, checkpoint: note(9, new Uint8Array(32).fill(8)) } }, said],
    ['a checkpoint of another root', 'in_log', receipt, { ...placed, proof: { ...p, checkpoint: p.checkpoint.replace('\n9\n', '\n8\n') } }, said],
    ['other choices', 'choices', receipt, placed, { right: 7, choices: { '1': 'against' } }],
    ['another right', 'choices', receipt, placed, { right: 8, choices: ballot.choices }],
  ])('%s is found', (_name, check, r, p, s) => {
    expect(states(checkReceipt(r, p, s, null))[check]).toBe('bad')
  })
})

describe('the log over time', () => {
  // From 6 to 9 leaves: the hashes that RFC 6962 asks for.
  const consistency = [nodeHash(leaves[4]!, leaves[5]!), nodeHash(leaves[6]!, leaves[7]!), rootOf(leaves.slice(0, 4)), leaves[8]!].map(base64)
  const older = () => {
    remember(note(6), key)
    return knownLog(origin)!
  }
  it('goes on from what was seen', () => {
    const known = older()
    expect(known.size).toBe('6')
    expect(states(checkReceipt(receipt, placed, said, { known, proof: consistency })).grows).toBe('good')
  })
  it('a log that forgets, or another key, is found', () => {
    const known = older()
    expect(states(checkReceipt(receipt, placed, said, { known: { ...known, root: base64(leaves[0]!) }, proof: consistency })).grows).toBe('bad')
    expect(states(checkReceipt(receipt, placed, said, { known: { ...known, key: 'another' }, proof: consistency })).signature).toBe('bad')
    expect(checkLog(note(9), [key], { known: { ...known, key: 'another' }, proof: consistency }).checks[0]!.state).toBe('bad')
  })
  it('only what is signed is remembered, and never an older one', () => {
    remember(note(9), key)
    remember(note(6), key)
    remember(note(9, new Uint8Array(32).fill(8)).replace('\n9\n', '\n99\n'), key)
    expect(knownLog(origin)!.size).toBe('9')
  })
})

it('a ballot’s place is checked without a receipt', () => {
  expect(states(checkPlaced(placed, word, [key], null))).toEqual({ record: 'good', in_log: 'good', checkpoint: 'good' })
  expect(states(checkPlaced(placed, '0'.repeat(64), [key], null)).record).toBe('bad')
  expect(states(checkPlaced({ ...placed, proof: { ...placed.proof!, n: 5 } }, word, [key], null)).in_log).toBe('bad')
})

describe('the bundle of a running house', () => {
  const file = readFileSync(path(__dirname, 'testdata/vote_house.json'), 'utf8')
  it('verifies with its SM2 signature', async () => {
    const r = await verifyBundle(file)
    expect(r.checks.filter((c) => c.state !== 'good')).toEqual([])
    expect(r.checks.find((c) => c.name === 'cosignatures')!.n).toBe(2)
  })
  it('a wrong SM2 signature is found', async () => {
    const b = JSON.parse(file) as { log: { checkpoint: string } }
    const line = b.log.checkpoint.split('\n').find((l) => l.includes('/sm2 '))!
    const at = line.lastIndexOf('A') > 60 ? line.lastIndexOf('A') : 100
    b.log.checkpoint = b.log.checkpoint.replace(line, line.slice(0, at) + (line[at] === 'B' ? 'C' : 'B') + line.slice(at + 1))
    const r = await verifyBundle(canonical(b) + '\n')
    expect(r.checks.filter((c) => c.state === 'bad').map((c) => c.name)).toContain('checkpoint_signature')
  })
})
