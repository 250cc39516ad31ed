// The roll of rights as it was published: its canonical text, its hash, and who votes in a matter's scope. Written from
// the form's description (rooms/assembly/roll, Text), with its own reading and writing.
import { hundredthsOf, metres, type Elector } from './verify-count'
import { hex, sha256, utf8 } from './verify-tree'

export interface Place {
  id: string
  label: string
  path: string
  use: string
  area: bigint
  source: string
  state: string
  building: string
  unit: string
  zone: string
}

export interface Right {
  no: number
  who: 'owner' | 'developer' | 'unknown'
  label: string
  places: Place[]
}

export interface Roll {
  compound: string
  version: number
  rights: Right[]
  ended: number[]
}

export const hashOfText = (text: string): string => hex(sha256(utf8(text)))

export function areaOf(r: Right): { area: bigint; parking: bigint } {
  let area = 0n
  let parking = 0n
  for (const p of r.places) {
    if (p.use === 'parking') parking += p.area
    else area += p.area
  }
  return { area, parking }
}

/** Lines of fields between tabs, each ended by a newline. */
export function rollText(r: Roll): string {
  const lines: string[][] = [['cuobian roll 1'], ['compound', r.compound], ['version', String(r.version)]]
  let area = 0n
  let parking = 0n
  for (const x of r.rights) {
    const a = areaOf(x)
    area += a.area
    parking += a.parking
  }
  lines.push(['total', String(r.rights.length), metres(area), metres(parking)])
  for (const x of r.rights) {
    const a = areaOf(x)
    lines.push(['right', String(x.no), x.who, metres(a.area), metres(a.parking), String(x.places.length)])
    for (const p of x.places) lines.push(['part', p.id, p.label, p.path, p.use, metres(p.area), p.source, p.state, p.building, p.unit, p.zone])
  }
  for (const no of r.ended) lines.push(['ended', String(no)])
  return lines.map((f) => f.join('\t') + '\n').join('')
}

/** Reads a canonical text; null unless writing it again gives the same text, byte for byte. */
export function rollOf(text: string): Roll | null {
  const r: Roll = { compound: '', version: 0, rights: [], ended: [] }
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length < 4) return null
  for (const [i, line] of lines.entries()) {
    const f = line.split('\t')
    if (i === 1) r.compound = f[1] ?? ''
    else if (i === 2) r.version = Number(f[1])
    else if (i > 3 && f[0] === 'right' && f.length === 6 && /^(owner|developer|unknown)$/.test(f[2]!)) r.rights.push({ no: Number(f[1]), who: f[2] as Right['who'], label: '', places: [] })
    else if (i > 3 && f[0] === 'part' && f.length === 11 && r.rights.length) {
      const area = hundredthsOf(f[5]!)
      const x = r.rights[r.rights.length - 1]!
      if (area === null) return null
      if (!x.places.length) x.label = f[2]!
      x.places.push({ id: f[1]!, label: f[2]!, path: f[3]!, use: f[4]!, area, source: f[6]!, state: f[7]!, building: f[8]!, unit: f[9]!, zone: f[10]! })
    } else if (i > 3 && f[0] === 'ended' && f.length === 2) r.ended.push(Number(f[1]))
    else if (i > 3) return null
  }
  let last = 0
  const seen = new Set<string>()
  for (const x of r.rights) {
    if (!(x.no > last) || !x.places.length || r.ended.includes(x.no)) return null
    last = x.no
    for (const p of x.places) {
      if (seen.has(p.id)) return null
      seen.add(p.id)
    }
  }
  return rollText(r) === text ? r : null
}

/** Rights that vote in a scope, with the area of their parts there. No paths is the whole compound. */
export function electorate(r: Roll, paths: string[]): Elector[] {
  const out: Elector[] = []
  for (const x of r.rights) {
    const here = x.places.filter((p) => !paths.length || paths.some((q) => p.path.startsWith(q)))
    if (!here.length) continue
    out.push({ no: x.no, ...areaOf({ ...x, places: here }), spaces: here.every((p) => p.use === 'parking') })
  }
  return out
}
