// Names for ids and paths that come without one. Each is asked for once; until it is known the page shows nothing.
import { reactive } from 'vue'
import { get } from './api'

interface Named {
  name?: string
  words?: string | Record<string, string>
  person?: { name: string }
  org?: { name: string } | string
}

const kept = reactive(new Map<string, Named>())

function at(address: string): Named {
  const known = kept.get(address)
  if (known) return known
  kept.set(address, {})
  void get<Named>(address).then(
    (x) => kept.set(address, x),
    () => undefined,
  )
  return {}
}

const lastOf = (path: string | undefined): string => (path ?? '').replace(/\/$/, '').split('/').pop() ?? ''

export const placeNameById = (id: string): string => (id ? (at('/api/places/' + encodeURIComponent(id)).name ?? '') : '')

/** The name of the place that a path ends in; paths end with a slash. */
export const placeName = (path: string | undefined): string => placeNameById(lastOf(path))

/** Where a place lies, in words: 源淮社区 明鑫花苑 3-1-502. */
export function placeWords(path: string | undefined): string {
  const id = lastOf(path)
  const x = id ? at('/api/places/' + encodeURIComponent(id)) : {}
  return (typeof x.words === 'string' && x.words) || (x.name ?? '')
}

export function personName(id: string | undefined): string {
  const x = id ? at('/api/people/' + encodeURIComponent(id)) : {}
  return x.person?.name ?? x.name ?? ''
}

export function orgName(id: string | undefined): string {
  const x = id ? at('/api/orgs/' + encodeURIComponent(id)) : {}
  return x.name ?? (typeof x.org === 'object' ? x.org.name : '')
}
