// Names for ids and paths that come without one. Each is asked for once; until it is known the page shows nothing.
import { reactive } from 'vue'
import { get } from './api'

const kept = reactive(new Map<string, string>())

function nameAt(address: string): string {
  const known = kept.get(address)
  if (known !== undefined) return known
  kept.set(address, '')
  void get<{ name?: string; place?: { name?: string } }>(address).then(
    (x) => kept.set(address, x.name ?? x.place?.name ?? ''),
    () => undefined,
  )
  return ''
}

/** The name of the place that a path ends in; paths end with a slash. */
export function placeName(path: string | undefined): string {
  const id = (path ?? '').replace(/\/$/, '').split('/').pop()
  return id ? nameAt('/api/places/' + encodeURIComponent(id)) : ''
}

export const placeNameById = (id: string): string => nameAt('/api/places/' + encodeURIComponent(id))
export const personName = (id: string | undefined): string => (id ? nameAt('/api/people/' + encodeURIComponent(id)) : '')
export const orgName = (id: string | undefined): string => (id ? nameAt('/api/orgs/' + encodeURIComponent(id)) : '')
