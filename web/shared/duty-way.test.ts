import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { desk, deskWay, phoneWay, type Owed } from './duty-way'

const root = join(import.meta.dirname, '../..')
const sources = (at: string): string[] => readdirSync(at, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? sources(join(at, e.name)) : e.name.endsWith('.go') && !e.name.endsWith('_test.go') ? [join(at, e.name)] : []))

/** Every kind of duty that a room may owe: constants called duty…, literals in duty.Owe, and the kinds of matters. */
function kinds(): Set<string> {
  const found = new Set<string>()
  for (const file of sources(join(root, 'rooms'))) {
    const text = readFileSync(file, 'utf8')
    for (const m of text.matchAll(/\b[dD]uty[A-Za-z]*\s*=\s*"([a-z]+\.[a-z_]+)"/g)) found.add(m[1]!)
    for (const m of text.matchAll(/duty\.Owe\{\s*Kind:\s*"([a-z]+\.[a-z_]+)"/g)) found.add(m[1]!)
    if (file.endsWith('cases/step.go')) for (const m of text.matchAll(/\bput\("(cases\.[a-z_]+)"/g)) found.add(m[1]!)
  }
  return found
}

const routes = (file: string): RegExp[] =>
  [...readFileSync(join(root, 'web', file), 'utf8').matchAll(/\{ path: '([^']+)'/g)].map((m) => m[1]!).filter((p) => p !== '/' && !p.includes('(.*)'))
    .map((p) => new RegExp('^' + p.replace(/(\/?):[a-z]+(?:\(([^)]*)\))?(\?)?/g, (_, slash: string, of: string | undefined, may: string | undefined) => (may ? `(?:${slash}${of ?? '[^/]+'})?` : slash + (of ? `(?:${of})` : '[^/]+'))) + '$'))

const owed = (kind: string): Owed => ({ kind, ref: 'things/0k1', path: '350503001/0c1/0c2/', ...(kind === 'assembly.objection' ? { page: 'assemblies/0m1' } : {}) })

describe('a duty opens its own page', () => {
  const all = [...kinds()].sort()
  it('knows every kind that the rooms owe', () => {
    expect(all.length).toBeGreaterThan(45)
    expect(all.filter((k) => !desk[k])).toEqual([])
    expect(Object.keys(desk).filter((k) => !all.includes(k))).toEqual([])
  })
  it.each(all)('%s has a route in the console, and one on the phone', (kind) => {
    const at = deskWay(owed(kind))
    expect(routes('console/router.ts').some((r) => r.test(at.split('?')[0]!)), at).toBe(true)
    const way = phoneWay(owed(kind))
    expect(way).not.toBeNull()
    if (way && 'to' in way) expect(routes('pocket/router.ts').some((r) => r.test(way.to.split('?')[0]!)), way.to).toBe(true)
    else expect(way && 'href' in way && way.href).toBe('/console' + at)
  })
  it('follows the page that the server names', () => {
    expect(deskWay({ kind: 'committee.task', ref: 'tasks/t1', page: 'formings/f1', path: '1/2/3/' })).toBe('/formings/f1')
    for (const kind of ['money.handover', 'money.handover_take']) expect(deskWay({ kind, ref: 'money-handovers/h1', page: '', path: '1/2/3/' })).toBe('/money/handovers')
    expect(deskWay({ kind: 'committee.handover', ref: 'handovers/h1', page: 'committees/o1', path: '1/2/3/' })).toBe('/committees/o1')
    expect(deskWay({ kind: 'assembly.carry_out', ref: 'assemblies/m1/matters/2', path: '1/2/3/' })).toBe('/assemblies/m1')
    expect(deskWay({ kind: 'money.statement', ref: 'statements/s1', path: '1/2/3/' })).toBe('/money/3?part=disclosure')
    expect(deskWay({ kind: 'nobody.knows', ref: 'x/1', path: '' })).toBe('')
  })
})
