import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { derPair, sm3, verifySM2, verifySM2Digest } from './verify-sm'
import { hex, unbase64, unhex, utf8 } from './verify-tree'

const v = JSON.parse(readFileSync(join(__dirname, 'testdata/sm_published.json'), 'utf8')) as {
  sm3: { msg_hex: string; digest: string }[]
  sm2: { public_key_pem: string; verify_digest: { e: string; sig_der: string }[] }
}
const spki = unbase64(v.sm2.public_key_pem.replace(/-----[^-]*-----|\s/g, ''))!
const key = spki.subarray(spki.length - 65)

describe('SM3', () => {
  it.each(v.sm3.map((x) => [x.digest, x.msg_hex]))('%s', (digest, msg) => expect(hex(sm3(unhex(msg)!))).toBe(digest))
  it('over block boundaries it is not the same for any length', () => {
    const all = Array.from({ length: 130 }, (_, n) => hex(sm3(new Uint8Array(n))))
    expect(new Set(all).size).toBe(130)
  })
})

describe('SM2', () => {
  it('published signatures verify; bent ones do not', () => {
    const [good, other] = v.sm2.verify_digest.map((x) => ({ e: unhex(x.e)!, sig: unhex(x.sig_der)! }))
    expect(verifySM2Digest(key, good!.e, good!.sig)).toBe(true)
    for (let i = 0; i < good!.sig.length; i += 7) {
      const bent = good!.sig.slice()
      bent[i]! ^= 1
      expect(verifySM2Digest(key, good!.e, bent)).toBe(false)
    }
    expect(verifySM2Digest(key, other!.e, good!.sig)).toBe(false)
    expect(verifySM2(key, utf8('nothing'), good!.sig)).toBe(false)
  })
  it('a number in two ways is none', () => {
    expect(derPair(unhex('3006020101020101')!)).toEqual([1n, 1n])
    expect(derPair(unhex('300702020001020101')!)).toBeNull()
    expect(derPair(unhex('3006020181020101')!)).toBeNull()
  })
})
