import { afterEach, describe, expect, it } from 'vitest'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { get, line, onStranger, post, withQuery } from './api'
import { Fault, faultOf, fieldOf } from './fault'
import { openWords } from './words'
import zh from '../words/zh-CN/shared.json'

let server: Server | undefined
afterEach(() => {
  server?.close()
})

async function serve(answer: (url: string, headers: Record<string, unknown>) => [number, unknown]): Promise<string> {
  const s = createServer((q, r) => {
    const [status, body] = q.method === 'OPTIONS' ? [204, undefined] : answer(q.url ?? '', q.headers)
    r.writeHead(status, { 'Content-Type': 'application/problem+json', 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*', 'Access-Control-Allow-Methods': '*' })
    r.end(body === undefined ? '' : JSON.stringify(body))
  })
  server = s
  await new Promise<void>((done) => s.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(s.address() as AddressInfo).port}`
}

describe('the way to the server', () => {
  it('leaves out empty filters and joins lists', () => {
    expect(withQuery('/api/cases', { a: '', b: null, c: undefined, d: 0, e: ['x', 'y'], f: [] })).toBe('/api/cases?d=0&e=x%2Cy')
  })
  it('turns a problem into a fault with its fields', async () => {
    const at = await serve((url) => (url === '/' ? [200, {}] : [422, {
      status: 422, code: 'people.phone', zh: '电话号码不对', en: 'wrong number', fields: [{ name: 'owners[0].phone', code: 'people.phone', zh: '要 11 位', en: '11 digits' }],
    }]))
    const f = await post(at + '/api/people', { owners: [] }).catch((e: unknown) => e)
    expect(f).toBeInstanceOf(Fault)
    expect((f as Fault).code).toBe('people.phone')
    expect((f as Fault).text).toBe('电话号码不对')
    expect((f as Fault).at('owners.0.phone')).toBe('要 11 位')
  })
  it('sends a stranger to the sign-in page, unless told to stay', async () => {
    const at = await serve(() => [401, undefined])
    let sent = 0
    onStranger(() => sent++)
    await get(at + '/x', undefined, { strangerStays: true }).catch(() => undefined)
    expect(sent).toBe(0)
    await get(at + '/x').catch(() => undefined)
    expect(sent).toBe(1)
  })
  it('says so when the server cannot be reached', async () => {
    await openWords({ '/shared.json': zh }, {})
    const f = (await get('http://127.0.0.1:9/x').catch((e: unknown) => e)) as Fault
    expect(f.offline).toBe(true)
    expect(f.passing).toBe(true)
    expect(f.text).toBe(zh.fault.s0)
    expect(line.up).toBe(false)
  })
  it('takes text in the language asked for', () => {
    expect(faultOf(409, { zh: '已经办结', en: 'already closed' }, 'en').text).toBe('already closed')
    expect(fieldOf('body.homes[3].area')).toBe('homes.3.area')
  })
})
