// What sweepers see of a meeting.
export interface Visited {
  id: string
  right: number
  result: string
  reason: string
  said_at: string
}

export interface Cell {
  home: string
  label: string
  right: number
  area: number
  voted: boolean
  needed: boolean
  last?: Visited | null
}

export interface Grid {
  building: string
  name: string
  rights: number
  voted: number
  floors: { floor: number; cells: Cell[] }[]
}

export interface Turnout {
  rights: number
  voted: number
  buildings: { building: string; name: string; rights: number; voted: number }[]
}

export interface Gap {
  total: { heads: number; area: number }
  part: { heads: number; area: number }
  heads: number
  area: number
  met: boolean
  possible: boolean
  set: number
  mine?: Cell[]
}

export interface Helper {
  id: string
  person: string
  name?: string
  role: string
  pair?: string
  buildings: string[]
}

export const RESULTS = ['voted', 'absent', 'refused', 'later', 'landlord_away', 'moved'] as const
const WHY = ['no_trust', 'no_interest', 'fee_dispute', 'with_developer', 'wants_paper', 'wants_phone', 'tenant_only', 'other'] as const
/** Where a reason is asked for. */
export const REASONS: Record<string, readonly string[]> = { refused: WHY, later: WHY, landlord_away: ['tenant_only', 'wants_phone', 'wants_paper', 'other'] }

/** The door's own part of a label: 3幢1单元502 → 502. */
export const doorOf = (label: string): string => /([A-Za-z]?\d+[A-Za-z]?)(?:室|号)?$/.exec(label)?.[1] ?? label
/** What comes before the door: its staircase. */
export const stairOf = (label: string): string => label.slice(0, label.length - doorOf(label).length)
