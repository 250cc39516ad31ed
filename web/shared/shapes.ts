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
  must_change_password?: boolean
  demo?: boolean
}

export interface Place {
  id: string
  path: string
  kind: string
  name: string
  parent?: string
  parent_name?: string
  full_name?: string
  status?: string
  demo?: boolean
  children?: number
  compound?: Record<string, unknown>
  home?: Record<string, unknown>
  parking?: Record<string, unknown>
}

export interface Holder {
  org?: string
  org_name?: string
  post?: string
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
  reporter?: { id?: string; name?: string; phone?: string; for_other?: { name?: string; phone?: string } }
  holder?: Holder
  co_handlers?: Holder[]
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
  extension?: { state?: string; days?: number; reason?: string } | null
  reopened?: number | boolean
  merged_into?: string
  followers?: number
  photos?: (string | { id: string; at?: string; kind?: string })[]
  voice?: string
  created_at: string
  version?: number
  demo?: boolean
  may?: string[]
}

export interface MatterEvent {
  id?: string
  at: string
  kind?: string
  action?: string
  zh?: string
  en?: string
  text?: string
  note?: string
  by?: string
  by_name?: string
  post_zh?: string
  post_en?: string
  org_name?: string
  photos?: (string | { id: string })[]
  public?: boolean
}

export interface Duty {
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
  indicator: string
  version?: number
  zh: string
  en: string
  n: number | null
  d: number | null
  text?: string
  as_of?: string
  filter?: string
  filter_zh?: string
  filter_en?: string
  period?: string
  direction?: 'up' | 'down' | 'none' | ''
  base?: { name_zh?: string; name_en?: string; zh?: string; en?: string; n: number; d: number } | null
  trend?: { period: string; n: number; d: number }[]
  records?: string
  records_zh?: string
  records_en?: string
  detail_url?: string
  place_id?: string
  place_name?: string
  path?: string
}

/** Category of matters as data from the server. */
export interface Category {
  code: string
  zh: string
  en: string
  urgent?: boolean
  group?: string
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
