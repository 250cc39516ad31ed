// Words that must not get lost: drafts in IndexedDB, and an outbox that sends when the signal is back. A photograph
// that was already taken in by the server keeps its id, so a broken send goes on where it stopped.
import { reactive } from 'vue'
import { newKey, post } from './api'
import { asFault } from './fault'
import { sendFile } from './files'

export interface KeptFile {
  key: string
  name: string
  kind: 'photo' | 'voice'
  type: string
  blob: Blob
  /** Set once the server holds it. */
  id?: string
}

export interface Draft {
  key: string
  what: string
  body: Record<string, unknown>
  files: KeptFile[]
  at: number
}

export interface Parcel extends Draft {
  path: string
  /** Field of the body that takes the ids of the photographs, and of the voice note. */
  photosAs: string
  voiceAs: string
  tries: number
  fault: string
  /** A fault that sending again cannot mend; the writer must look at it. */
  stuck: boolean
}

type Kept = 'drafts' | 'outbox'

const memory: Record<Kept, Map<string, unknown>> = { drafts: new Map(), outbox: new Map() }
let opened: Promise<IDBDatabase | null> | null = null

function db(): Promise<IDBDatabase | null> {
  opened ??= new Promise((done) => {
    if (typeof indexedDB === 'undefined') return done(null)
    let q: IDBOpenDBRequest
    try {
      q = indexedDB.open('cuobian', 1)
    } catch {
      return done(null)
    }
    q.onupgradeneeded = () => {
      q.result.createObjectStore('drafts', { keyPath: 'key' })
      q.result.createObjectStore('outbox', { keyPath: 'key' })
    }
    q.onsuccess = () => done(q.result)
    q.onerror = () => done(null)
    q.onblocked = () => done(null)
  })
  return opened
}

async function run<T>(where: Kept, how: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest, plain: () => T): Promise<T> {
  const d = await db()
  if (!d) return plain()
  return new Promise<T>((done, fail) => {
    const tx = d.transaction(where, how)
    const q = f(tx.objectStore(where))
    tx.oncomplete = () => done(q.result as T)
    tx.onerror = () => fail(tx.error ?? new Error('IndexedDB'))
    tx.onabort = () => fail(tx.error ?? new Error('IndexedDB'))
  })
}

// Vue's proxies cannot be cloned into the store; files are kept as they are.
function bare<T extends Draft>(d: T): T {
  return { ...d, body: JSON.parse(JSON.stringify(d.body)) as Record<string, unknown>, files: d.files.map((f) => ({ ...f })) }
}

const save = (where: Kept, d: Draft) =>
  run<unknown>(where, 'readwrite', (s) => s.put(bare(d)), () => memory[where].set(d.key, bare(d)))
const drop = (where: Kept, key: string) =>
  run<unknown>(where, 'readwrite', (s) => s.delete(key), () => memory[where].delete(key))
const all = <T>(where: Kept) => run<T[]>(where, 'readonly', (s) => s.getAll(), () => [...memory[where].values()] as T[])

export const keepDraft = (d: Draft): Promise<unknown> => save('drafts', { ...d, at: Date.now() })
export const dropDraft = (key: string): Promise<unknown> => drop('drafts', key)
export const draftOf = (key: string): Promise<Draft | undefined> =>
  run<Draft | undefined>('drafts', 'readonly', (s) => s.get(key), () => memory.drafts.get(key) as Draft | undefined)

export const outbox = reactive({
  parcels: [] as { key: string; what: string; at: number; fault: string; stuck: boolean }[],
  sending: false,
  /** What the server said of the last parcel that had waited. */
  arrived: null as Record<string, unknown> | null,
})

async function look(): Promise<Parcel[]> {
  const list = (await all<Parcel>('outbox')).sort((a, b) => a.at - b.at)
  outbox.parcels = list.map(({ key, what, at, fault, stuck }) => ({ key, what, at, fault, stuck }))
  return list
}

/** Keeps a parcel first, then tries to send it. Answers what the server said, or null if it waits for a signal. */
export async function hand<T>(p: Omit<Parcel, 'key' | 'at' | 'tries' | 'fault' | 'stuck'>): Promise<T | null> {
  const parcel: Parcel = { ...p, key: newKey(), at: Date.now(), tries: 0, fault: '', stuck: false }
  await save('outbox', parcel)
  await look()
  try {
    return await carry<T>(parcel)
  } catch (e) {
    const f = asFault(e)
    if (f.passing || f.status === 401) return null
    await drop('outbox', parcel.key) // the form is still open and shows the fault
    throw f
  } finally {
    await look()
  }
}

async function carry<T>(p: Parcel): Promise<T> {
  for (const f of p.files) {
    if (f.id) continue
    f.id = (await sendFile(f.blob, f.name, f.kind)).id
    await save('outbox', p)
  }
  const body: Record<string, unknown> = { ...p.body }
  const photos = p.files.filter((f) => f.kind === 'photo').map((f) => f.id)
  const voice = p.files.find((f) => f.kind === 'voice')
  if (photos.length) body[p.photosAs] = photos
  if (voice) body[p.voiceAs] = voice.id
  const answer = await post<T>(p.path, body, { once: p.key, strangerStays: true })
  await drop('outbox', p.key)
  return answer
}

let busy = false

/** Sends what waits, oldest first; stops at the first parcel that the line does not carry. */
export async function sendWaiting(): Promise<number> {
  if (busy) return 0
  busy = true
  outbox.sending = true
  let sent = 0
  try {
    for (const p of await look()) {
      if (p.stuck) continue
      try {
        outbox.arrived = (await carry<Record<string, unknown>>(p)) ?? null
        sent++
      } catch (e) {
        const f = asFault(e)
        p.tries++
        p.fault = f.text
        p.stuck = !f.passing && f.status !== 401
        await save('outbox', p)
        if (!p.stuck) break
      }
    }
  } finally {
    busy = false
    outbox.sending = false
    await look()
  }
  return sent
}

export const throwAway = async (key: string): Promise<void> => {
  await drop('outbox', key)
  await look()
}

/** The parcel itself, to put it back into its form. */
export const parcelOf = async (key: string): Promise<Parcel | undefined> => (await look()).find((p) => p.key === key)

/** Watches for the signal: at once, when the browser says online, and every half minute while something waits. */
export function watchOutbox(): void {
  void sendWaiting()
  window.addEventListener('online', () => void sendWaiting())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void sendWaiting()
  })
  setInterval(() => {
    if (outbox.parcels.some((p) => !p.stuck) && !document.hidden) void sendWaiting()
  }, 30_000)
}
