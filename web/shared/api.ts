// The one way to the server. Types of paths and bodies are generated from api/openapi.json into paths.d.ts.
import { reactive } from 'vue'
import { hear } from './clock'
import { Fault, faultOf } from './fault'
import { t, tongue } from './words'

export type Query = Record<string, string | number | boolean | undefined | null | readonly string[]>

export const line = reactive({
  /** False after a request did not reach the server, until one does again. */
  up: typeof navigator === 'undefined' ? true : navigator.onLine !== false,
})

if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => (line.up = false))
  window.addEventListener('online', () => (line.up = true))
}

let signIn: () => void = () => undefined

/** The door says how a stranger gets to its sign-in page and back. */
export function onStranger(f: () => void): void {
  signIn = f
}

export function withQuery(path: string, query?: Query): string {
  const p = new URLSearchParams()
  for (const [k, v] of Object.entries(query ?? {})) {
    if (v === undefined || v === null || v === '') continue
    if (!Array.isArray(v)) p.append(k, String(v))
    else if (v.length) p.append(k, v.join(','))
  }
  const q = p.toString()
  return q ? path + (path.includes('?') ? '&' : '?') + q : path
}

export interface Asking {
  query?: Query | undefined
  body?: unknown
  /** Same key, same effect once: a repeated send after a lost answer does nothing twice. */
  once?: string
  signal?: AbortSignal
  /** Leave the page where it is on 401 (the sign-in pages themselves, public pages). */
  strangerStays?: boolean
}

export async function ask<T>(method: string, path: string, o: Asking = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': tongue() }
  let body: BodyInit | undefined
  if (o.body instanceof FormData || o.body instanceof Blob) body = o.body
  else if (o.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(o.body)
  }
  if (o.once) headers['Idempotency-Key'] = o.once
  let res: Response
  try {
    res = await fetch(withQuery(path, o.query), {
      method, headers, credentials: 'same-origin',
      ...(body === undefined ? {} : { body }),
      ...(o.signal ? { signal: o.signal } : {}),
    })
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    line.up = false
    throw new Fault(0, 'offline', t('shared.fault.s0'))
  }
  line.up = true
  if (!path.startsWith('/api/public/log')) hear(res.headers.get('Date')) // those may have been kept for days
  if (res.status === 204) return undefined as T
  const text = await res.text()
  let parsed: unknown
  try {
    parsed = text ? JSON.parse(text) : undefined
  } catch {
    parsed = undefined
  }
  if (!res.ok) {
    if (res.status === 401 && !o.strangerStays) signIn()
    throw faultOf(res.status, parsed, tongue(), Number(res.headers.get('Retry-After')) || 0)
  }
  return parsed as T
}

export const get = <T>(path: string, query?: Query, o: Asking = {}): Promise<T> => ask<T>('GET', path, { ...o, query })
export const post = <T>(path: string, body?: unknown, o: Asking = {}): Promise<T> =>
  ask<T>('POST', path, { ...o, body: body ?? {} })
export const put = <T>(path: string, body?: unknown, o: Asking = {}): Promise<T> => ask<T>('PUT', path, { ...o, body })
export const patch = <T>(path: string, body?: unknown, o: Asking = {}): Promise<T> => ask<T>('PATCH', path, { ...o, body })
export const remove = <T>(path: string, body?: unknown, o: Asking = {}): Promise<T> =>
  ask<T>('DELETE', path, body === undefined ? o : { ...o, body })

/** A fresh key for once-only sends. */
export function newKey(): string {
  const a = new Uint8Array(16)
  crypto.getRandomValues(a)
  return Array.from(a, (b) => b.toString(16).padStart(2, '0')).join('')
}
