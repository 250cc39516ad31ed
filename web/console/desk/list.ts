// What a desk's list is made of.
export interface Column {
  key: string
  title: string
  width?: string
  num?: boolean
  /** Takes the room that is left; on a phone it has a line of its own. */
  wide?: boolean
  /** Steps aside while the panel is open. */
  later?: boolean
}

export interface Option {
  value: string
  label: string
}

/** A filter lives in the address under its key; a span of days under key+"from" and key+"to". */
export interface Filter {
  key: string
  title: string
  kind: 'choice' | 'choices' | 'yes' | 'days' | 'hidden'
  options?: Option[]
}

export type Asked = Record<string, string | string[]>

export interface View {
  name: string
  query: Record<string, string | string[]>
}

const KEY = 'cuobian.views.'

export function keptViews(book: string): View[] {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(KEY + book) ?? '[]')
    return Array.isArray(v) ? (v as View[]).filter((x) => typeof x?.name === 'string' && typeof x.query === 'object') : []
  } catch {
    return []
  }
}

export function keepViews(book: string, views: View[]): void {
  try {
    localStorage.setItem(KEY + book, JSON.stringify(views))
  } catch {
    // a browser that keeps nothing
  }
}
