// Every action that leaves a trace has a name in both languages: declared by a room (the server sends it), or in
// words/*/audit.json. The codes are read from the sources of the program.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(__dirname, '../..')
type Tree = Record<string, Record<string, string>>
const load = (tongue: string, file: string) => JSON.parse(readFileSync(join(__dirname, tongue, file), 'utf8'))

function goFiles(dir: string): string[] {
  return readdirSync(dir).flatMap((f) => {
    const p = join(dir, f)
    if (statSync(p).isDirectory()) return f === 'testdata' ? [] : goFiles(p)
    return f.endsWith('.go') && !f.endsWith('_test.go') ? [p] : []
  })
}

const sources = ['platform', 'rooms', 'app'].flatMap((d) => goFiles(join(root, d))).map((p) => ({ path: p.slice(root.length + 1), text: readFileSync(p, 'utf8') }))
const all = (room: string, rule: RegExp) => sources.filter((s) => s.path.startsWith(room)).flatMap((s) => [...s.text.matchAll(rule)].map((m) => m[1]!))

const declared = new Set(all('', /\bDeclare\(\s*"([a-z0-9_]+\.[a-z0-9_]+)"/g))
const codes = new Set([
  ...all('', /Action: *"([a-z0-9]+\.[a-z0-9_]*[a-z0-9])"/g),
  ...all('platform/access', /(?:note|setState)\([^\n]*?"(access\.[a-z_]+)"/g),
  ...all('platform/access', /\baction :?= "(access\.[a-z_]+)"/g),
  ...all('rooms/cases', /\baction :?= "(cases\.[a-z_]+)"/g),
  ...all('rooms/cases/course', /Step = "([a-z]+)"/g).map((k) => 'cases.' + k),
  ...all('rooms/committee', /\.trail\([^"\n]*, "([a-z_]+)"/g).map((k) => 'committee.' + k),
  ...all('rooms/committee', /\.hand\([^"\n]*, "([a-z_]+)"/g).map((k) => 'committee.' + k),
  ...all('rooms/assembly', /\.(?:event|note|trace)\([^"\n]*, "([a-z_]*[a-z])"/g).map((k) => 'assembly.' + k),
  ...all('rooms/assembly/demand.go', /\bstage[A-Z]\w* *= "([a-z_]+)"/g).map((k) => 'assembly.demand_' + k),
  ...all('rooms/duty/card.go', /return c, "(duty\.card_[a-z]+)"/g),
  ...all('rooms/money', /\.(?:trail|useStep|projectStep|qualityStep|handing)\([^"\n]*, "([a-z_]+)"/g).map((k) => 'money.' + k),
  ...all('rooms/money', /\bstep\{[^"\n]*, "([a-z_]+)"/g).map((k) => 'money.' + k),
  ...all('rooms/money', /\bwhat :?= "(reconcile[a-z_]*)"/g).map((k) => 'money.' + k),
  'duty.card_yellow', 'duty.card_red',
])

describe('the trail', () => {
  it('finds the codes of the sources', () => {
    for (const c of ['access.sign_in', 'committee.sign', 'assembly.cast', 'cases.handle', 'duty.card_appeal', 'people.merge', 'money.project_pledge']) expect(codes.has(c) || declared.has(c), c).toBe(true)
    expect(codes.size).toBeGreaterThan(150)
  })
  it('has a name for every action, in both languages', () => {
    for (const tongue of ['zh-CN', 'en']) {
      const audit = load(tongue, 'audit.json') as Tree
      const steps = (load(tongue, 'terms.json') as { step: Record<string, string> }).step
      const nameless = [...codes].filter((c) => {
        const [room, what] = c.split('.') as [string, string]
        return !declared.has(c) && !audit[room]?.[what] && !(room === 'cases' && steps[what])
      })
      expect(nameless, tongue).toEqual([])
    }
  })
})
