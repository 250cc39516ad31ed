// Shapes of what the server sends, as far as pages use them. Instants are RFC 3339 in UTC, days "2026-11-21", areas
// whole 0.01 m², money whole fen.

export interface Page<T> {
  items: T[]
  next?: string
  count?: number
  /** The count stopped at 1,000: say "1,000+". */
  more?: boolean
}

export interface Grant {
  post: string
  post_zh: string
  post_en: string
  path: string
  place_name: string
  to?: string
}

export interface Me {
  account: string
  person?: string
  name: string
  lang: string
  elder?: boolean
  grants: Grant[]
  actions: string[]
  second_factor?: string
  unread: number
  login?: string
  kind?: string
  /** password or second_factor when that must be done before anything else */
  must?: string
  second?: { totp: boolean; passkeys: number; recovery: number; required: boolean }
}

export interface Place {
  id: string
  path: string
  kind: string
  name: string
  parent?: string
  parent_name?: string
  full_name?: string
  /** Building, unit and room below the compound: 3-1-502. */
  label?: string
  address?: string
  ended_on?: string
  demo?: boolean
  version?: number
}

export interface Holder {
  org?: string
  org_name?: string
  post?: string
  post_zh?: string
  post_en?: string
  person?: string
  name?: string
}

export interface Matter {
  id: string
  number: string
  path: string
  compound_id?: string
  compound_name?: string
  place_text?: string
  category: string
  category_zh?: string
  category_en?: string
  kind: string
  urgency: string
  level?: string
  state: string
  text: string
  confidential?: boolean
  channel: string
  reporter?: { kind: string; name: string; phone: string; mine?: boolean }
  holder?: Holder
  co_handlers?: string[]
  respond_due?: string
  resolve_due?: string
  responded_at?: string
  handled_at?: string
  verified_at?: string
  confirmed_at?: string
  confirmation?: string
  called_back_at?: string
  callback?: string
  closed_at?: string
  on_time?: boolean | null
  overdue?: boolean
  paused?: boolean | string
  extension?: string
  objection?: string
  urged?: number
  returned?: number
  reopened?: number
  merged_into?: string
  followers?: number
  photos?: { id: string; kind: 'photo' | 'voice'; stage: string; at?: string }[]
  created_at: string
  version?: number
  demo?: boolean
  may?: string[]
}

/** One thing that happened to a matter, said in plain words. */
export interface MatterEvent {
  at: string
  kind: string
  zh: string
  en: string
  /** What somebody wrote, masked. */
  words: string
  /** Name of who worked on it; empty in public and for reporters. */
  by: string
  post_zh: string
  post_en: string
  public: boolean
}

export interface Duty {
  /** What opens it where ref alone does not say. */
  page?: string
  /** It ends by the steps of its room alone. */
  steps?: boolean
  id: string
  kind: string
  ref?: string
  zh: string
  en: string
  post?: string
  person?: string
  org?: string
  path: string
  place_name?: string
  due: string
  /** The deadline crosses a year whose holidays are not published yet. */
  provisional?: boolean
  state: string
  evidence?: string
  level?: number
}

export interface Figure {
  id: string
  version?: number
  zh: string
  en: string
  group: string
  direction: 'up' | 'down' | 'none'
  /** missing: what later records will say; it has no figure. */
  shape: 'ratio' | 'count' | 'change' | 'missing'
  period?: string
  counted_zh?: string
  counted_en?: string
  over_zh?: string
  over_en?: string
  missing_zh?: string
  missing_en?: string
  of?: string
  /** The figure that must stand beside this one. */
  beside?: string
  rules?: string[]
  under?: string
  as_of: string
  from?: string
  to?: string
  n: number
  d: number
  /** 98.37, the number, or −96.36 for a change; empty without records. */
  text: string
  fraction: string
  records: boolean
  base_from?: string
  base_to?: string
  interim?: boolean
}

/** Category of matters as data from the server. */
export interface Category {
  code: string
  zh: string
  en: string
  kind: string
  /** Who usually handles it, in words. */
  handler: string
}

/** A message to this person. */
export interface Letter {
  id: string
  ref: string
  zh_title: string
  zh: string
  en_title: string
  en: string
  legal: boolean
  at: string
  read_at: string
}

/** What anyone may know of a place. */
export interface PublicPlace {
  id: string
  kind: string
  name: string
  words: string
  compound_id?: string
  compound_name?: string
  /** The lift, bin or stairwell whose code was read. */
  spot?: string
  code?: string
}

/** A person of the roster, numbers masked. */
export interface Person {
  id: string
  name: string
  kind: string
  gender?: string
  phones: string[]
  id_kind?: string
  identity?: string
  status?: string
  merged_into?: string
  demo?: boolean
  version: number
}

/** A person with homes and posts within the asker's area. */
export interface PersonFound extends Person {
  at: { kind: 'owner' | 'tenant' | 'family' | 'post' | 'linked'; post?: string; node?: string; path: string; words: string }[]
}

export interface Org {
  id: string
  kind: string
  name: string
  path: string
  parent?: string
  founded_on?: string
  ended_on?: string
  filed_on?: string
  filed_no?: string
  number?: number
  to_day?: string
  demo?: boolean
  version: number
}

/** A post held by a person at a place for a time. */
export interface Term {
  id: string
  org?: string
  post: string
  title?: string
  person: string
  name: string
  path: string
  from_day: string
  to_day?: string
  party?: string
  zone?: string
  deputy_for?: string
  ended_why?: string
  version: number
}

export interface Title {
  id: string
  node: string
  path: string
  person: string
  name: string
  share_n?: number
  share_d?: number
  from_day?: string
  to_day?: string
  why?: string
  version: number
}

export interface Household {
  id: string
  person: string
  name: string
  relation: 'owner' | 'tenant' | 'family'
  kin?: string
  from_day?: string
  to_day?: string
  version: number
}

/** Who serves a compound, how, since when. Fees in hundredths of a fen per m² and month. */
export interface Contract {
  id: string
  compound_id: string
  path: string
  org?: string
  org_name?: string
  mode: string
  mode_text?: string
  fee_low?: number
  fee_high?: number
  fee_text?: string
  pay?: string
  from_day?: string
  to_day?: string
  ended_why?: string
  version: number
  words: string
  promises?: PromiseMade[]
}

export interface PromiseMade {
  id: string
  contract_id: string
  text: string
  due?: string
  state: 'open' | 'kept' | 'broken'
  note?: string
  decided_on?: string
  version: number
}

/** How one table of a workbook was understood. */
export interface Layout {
  sheet: string
  kind: string
  header_rows: number[]
  first_row: number
  last_row: number
  columns: { col: number; letter: string; label: string; field: string; person: number; confidence: number }[]
  compound?: string
  community?: string
  building?: string
  read: number
  refused: number
  problem?: { zh: string; en: string }
}

export interface Refusal {
  sheet: string
  row: number
  col: number
  field: string
  reason: string
  zh: string
  en: string
}

/** One import: from the upload over the preview to the result. */
export interface ImportRun {
  id: string
  name: string
  street: string
  street_name: string
  compound?: string
  state: 'preview' | 'queued' | 'running' | 'done' | 'failed' | 'undone'
  done: number
  total: number
  mapping?: Layout[]
  summary?: { totals?: Record<string, number> }
  changes?: Changes
  refused?: Refusal[]
  warnings?: { sheet: string; row: number; zh: string; en: string }[]
  problem?: string
  version: number
  created_at: string
  finished_at?: string
}

export interface Tally {
  new: number
  changed: number
  same: number
}

/** How a workbook differs from the register. */
export interface Changes {
  communities: Tally
  compounds: Tally
  homes: Tally
  parking: Tally
  persons: Tally
  titles: Tally
  households: Tally
  orgs: Tally
  terms: Tally
  service: Tally
  /** Homes whose owners change. */
  moves: number
  /** Homes that the workbook no longer lists; they stay. */
  missing: number
  list?: Difference[]
}

export interface Difference {
  kind: string
  words: string
  zh: string
  en: string
  sheet?: string
  row?: number
}
