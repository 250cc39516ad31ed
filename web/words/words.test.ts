// Chinese first, English complete: the same files, the same keys, the same named places, nothing left empty, and
// every key that a source file asks for exists.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(__dirname, '..')
type Tree = { [k: string]: string | Tree }

function flat(t: Tree, at = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [k, v] of Object.entries(t)) {
    if (typeof v === 'string') out.set(at + k, v)
    else for (const [kk, vv] of flat(v, at + k + '.')) out.set(kk, vv)
  }
  return out
}

function load(tongue: string): Map<string, string> {
  const dir = join(root, 'words', tongue)
  const out = new Map<string, string>()
  for (const f of readdirSync(dir)) {
    const bundle = JSON.parse(readFileSync(join(dir, f), 'utf8')) as Tree
    for (const [k, v] of flat(bundle)) out.set(f.replace('.json', '') + '.' + k, v)
  }
  return out
}

const zh = load('zh-CN')
const en = load('en')
const places = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((f) => {
    const p = join(dir, f)
    if (['node_modules', 'dist', 'words', 'public'].includes(f)) return []
    if (statSync(p).isDirectory()) return sources(p)
    return /\.(vue|ts)$/.test(f) && !/\.test\.ts$/.test(f) ? [p] : []
  })
}

/** Keys that stand twice in one object of a text: the later would hide the earlier. */
function doubled(text: string): string[] {
  const out: string[] = []
  const open: Set<string>[] = []
  for (const [, brace, key] of text.matchAll(/([{}])|"((?:[^"\\]|\\.)*)"\s*:|"(?:[^"\\]|\\.)*"/g)) {
    if (brace === '{') open.push(new Set())
    else if (brace === '}') open.pop()
    else if (key !== undefined) {
      if (open.at(-1)?.has(key)) out.push(key)
      open.at(-1)?.add(key)
    }
  }
  return out
}

describe('the two languages', () => {
  it('have no key twice in one place', () => {
    expect(doubled('{"a":{"b":"x: \\"b\\":","c":"{"},"b":"y","a":"z"}')).toEqual(['a'])
    for (const tongue of ['zh-CN', 'en']) for (const f of readdirSync(join(root, 'words', tongue))) expect([f, doubled(readFileSync(join(root, 'words', tongue, f), 'utf8'))]).toEqual([f, []])
  })
  it('have the same keys', () => {
    expect([...zh.keys()].filter((k) => !en.has(k)), 'missing in English').toEqual([])
    expect([...en.keys()].filter((k) => !zh.has(k)), 'missing in Chinese').toEqual([])
  })
  it('name the same places in each sentence', () => {
    for (const [k, v] of zh) expect([k, places(en.get(k) ?? '')]).toEqual([k, places(v)])
  })
  it('leave nothing empty and no Chinese in the English', () => {
    for (const [k, v] of en) {
      expect(v.trim(), k).not.toBe('')
      if (!k.endsWith('Native')) expect(/[一-鿿]/.test(v.replace(/12345/g, '')), `${k}: ${v}`).toBe(false)
    }
    for (const [k, v] of zh) expect(v.trim(), k).not.toBe('')
  })
  it('hold no character that the message format would read as syntax', () => {
    for (const [k, v] of [...zh, ...en]) expect(/[|@$]/.test(v), `${k}: ${v}`).toBe(false)
  })
  it('answer every key that a page asks for by name', () => {
    const missing: string[] = []
    for (const file of sources(root)) {
      for (const m of readFileSync(file, 'utf8').matchAll(/\bt\(\s*'([\w.-]+)'\s*[,)]/g)) {
        if (!zh.has(m[1]!)) missing.push(`${file.slice(root.length + 1)}: ${m[1]}`)
      }
    }
    expect(missing).toEqual([])
  })
})
