// A result as the server posts it. Figures of an open vote are exact; of a secret one only what may be published.
export interface Heads {
  heads: number
  area: number
}

export interface Derived {
  rule: string
  zh: string
  en: string
  left: string
  rel: string
  right: string
  holds: boolean
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

export interface Sums {
  shape: 'split' | 'joined' | 'held'
  min: number
  total: number
  total_area: number
  part: number
  part_percent: number
  all: Cell
  groups: Cell[]
  agree?: { from: number; to: number }
  zh: string
  en: string
}

export interface Figures {
  rule: string
  total: Heads
  part: Heads
  agree: Heads
  against: Heads
  abstain: Heads
  invalid: Heads
  unreturned: Heads
  gate: boolean
  consent: boolean
  passed: boolean
  second?: { zh: string; en: string; passed: boolean }
  parking?: { zh: string; en: string; passed: boolean; differs: boolean }
}

export interface Outcome {
  matter: number
  title: string
  candidate?: string
  passed: boolean
  figures?: Figures | null
  sums?: Sums | null
  derivation: Derived[]
  /** On the roll of the opening, where it changed later. */
  earlier?: { version: number; passed: boolean; differs: boolean; figures?: Figures | null; sums?: Sums | null; derivation: Derived[] } | null
}

/** A result as it was posted. */
export interface Posted {
  stage: 'preliminary' | 'final'
  at: string
  until?: string
  roll_version: number
  roll_hash: string
  ballots: number
  of: number
  items: Outcome[]
  annulled?: string
}
