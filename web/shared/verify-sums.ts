// What of a secret vote may be published: heads in groups that are large enough, of areas whole per cent and ranges. The
// rules stand in rooms/assembly/ballot (doc.go); this is a second writing of them, to see whether the published sums are
// those of the ballots (with the scrutineers' file) or at least sound in themselves (with the public one).
import type { Choice } from './verify-count'
import { metres } from './verify-count'
import { utf8 } from './verify-tree'

export interface SecretVote {
  right: number
  group: string
  area: bigint
  choice: Choice
}

export interface Cell {
  groups: string[]
  total: number
  part: number
  agree: number
  against: number
  abstain: number
  rest: number
}

export interface Range {
  from: number
  to: number
}

export interface Sums {
  shape: 'split' | 'joined' | 'held'
  min: number
  total: number
  total_area: number
  part: number
  part_percent: number
  all: Cell
  groups: Cell[]
  agree?: Range
}

const takes = (c: Choice) => c === 'agree' || c === 'against' || c === 'abstain'
const digit = (b: number) => b >= 48 && b <= 57

/** Orders names as people do: 2幢 before 10幢. */
export function natural(a: string, b: string): number {
  const x = utf8(a)
  const y = utf8(b)
  let i = 0
  let j = 0
  while (i < x.length && j < y.length) {
    if (digit(x[i]!) && digit(y[j]!)) {
      const number = (s: Uint8Array, at: number): [string, number] => {
        let n = ''
        while (at < s.length && digit(s[at]!)) n += String.fromCharCode(s[at++]!)
        return [n.replace(/^0+/, ''), at]
      }
      const [p, pi] = number(x, i)
      const [q, qj] = number(y, j)
      if (p.length !== q.length) return p.length - q.length
      if (p !== q) return p < q ? -1 : 1
      i = pi
      j = qj
      continue
    }
    if (x[i] !== y[j]) return x[i]! - y[j]!
    i++
    j++
  }
  const rest = x.length - i - (y.length - j)
  if (rest) return rest
  for (let k = 0; k < Math.min(x.length, y.length); k++) if (x[k] !== y[k]) return x[k]! - y[k]!
  return x.length - y.length
}

const empty = (): Cell => ({ groups: [], total: 0, part: 0, agree: 0, against: 0, abstain: 0, rest: 0 })
const plus = (a: Cell, b: Cell): Cell => ({
  groups: [...a.groups, ...b.groups], total: a.total + b.total, part: a.part + b.part, agree: a.agree + b.agree,
  against: a.against + b.against, abstain: a.abstain + b.abstain, rest: a.rest + b.rest,
})
const joined = (c: Cell): Cell => ({ ...c, against: 0, abstain: 0 })

function sound(c: Cell, shape: 'split' | 'joined', min: number): boolean {
  if (c.agree < min || c.rest < min) return false
  return shape === 'joined' || ((c.against === 0 || c.against >= min) && (c.abstain === 0 || c.abstain >= min))
}

export function publish(votes: SecretVote[], least: number): Sums {
  const min = Math.max(least, 2)
  const by = new Map<string, Cell>()
  let area = 0n
  let part = 0n
  for (const v of votes) {
    const c = by.get(v.group) ?? by.set(v.group, { ...empty(), groups: [v.group] }).get(v.group)!
    c.total++
    area += v.area
    if (takes(v.choice)) {
      c.part++
      part += v.area
    }
    if (v.choice === 'agree') c.agree++
    if (v.choice === 'against') c.against++
    if (v.choice === 'abstain') c.abstain++
    if (v.choice === 'against' || v.choice === 'abstain') c.rest++
  }
  const cells = [...by.values()].sort((a, b) => natural(a.groups[0]!, b.groups[0]!))
  const all = cells.reduce(plus, empty())
  const s: Sums = {
    shape: 'held', min, total: all.total, total_area: Number(area), part: all.part, part_percent: area > 0n ? Number((100n * part) / area) : 0,
    all: { ...empty(), groups: all.groups, total: all.total, part: all.part }, groups: [],
  }
  if (sound(all, 'split', min) && cells.every((c) => sound(c, 'split', min))) {
    s.shape = 'split'
    s.groups = cells
    s.all = all
  } else if (sound(all, 'joined', min)) {
    s.shape = 'joined'
    let open = empty()
    const out: Cell[] = []
    for (const c of cells) {
      open = plus(open, c)
      if (sound(open, 'joined', min)) {
        out.push(open)
        open = empty()
      }
    }
    if (open.groups.length) out[out.length - 1] = plus(out[out.length - 1]!, open)
    s.groups = out.map(joined)
    s.all = joined(all)
  } else return s
  const range = agreeing(votes, s.groups)
  if (range) s.agree = range
  return s
}

function agreeing(votes: SecretVote[], groups: Cell[]): Range | null {
  const at = new Map(groups.flatMap((c, n) => c.groups.map((g) => [g, n] as const)))
  const areas: bigint[][] = groups.map(() => [])
  let sum = 0n
  let low = votes[0]?.area ?? 0n
  let high = 0n
  for (const v of votes) {
    if (v.area < low) low = v.area
    if (v.area > high) high = v.area
    if (takes(v.choice)) areas[at.get(v.group)!]!.push(v.area)
    if (v.choice === 'agree') sum += v.area
  }
  const d = high - low
  if (d === 0n) return { from: Number(sum), to: Number(sum) }
  let fewest = 0n
  let most = 0n
  groups.forEach((c, n) => {
    const list = areas[n]!.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    for (let i = 0; i < c.agree; i++) {
      fewest += list[i] ?? 0n
      most += list[list.length - 1 - i] ?? 0n
    }
  })
  const step = roundUp(2n * d)
  const from = fewest + 2n * d
  const to = most - 2n * d
  const first = ((from + step - 1n) / step) * step
  if (first > to) return null
  const last = (to / step) * step
  if (sum < first) return { from: 0, to: Number(first) }
  if (sum >= last) return { from: Number(last), to: 0 }
  const cut = (sum / step) * step
  return { from: Number(cut), to: Number(cut + step) }
}

/** The next of 1, 2, 5, 10, 20, 50 … m² that is not below a. */
function roundUp(a: bigint): bigint {
  for (let n = 100n; ; n *= 10n) for (const f of [1n, 2n, 5n]) if (n * f >= a) return n * f
}

export function rangeText(r: Range | undefined): string {
  if (!r) return ''
  const [a, b] = [metres(BigInt(r.from)), metres(BigInt(r.to))]
  return r.from === r.to ? `${a} m²` : r.from === 0 ? `< ${b} m²` : r.to === 0 ? `≥ ${a} m²` : `${a}–${b} m²`
}
