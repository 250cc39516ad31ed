// What a voter's or a sweeper's phone keeps: keys, ballots with their salts and receipts, visits that wait for a signal,
// and the last grid seen. A database of its own, so that drafts and votes never stand in each other's way.
type Kept = 'keys' | 'slips' | 'visits' | 'pages'

const KINDS: Record<Kept, string> = { keys: 'account', slips: 'id', visits: 'client_key', pages: 'at' }

let opened: Promise<IDBDatabase | null> | null = null

function db(): Promise<IDBDatabase | null> {
  opened ??= new Promise((done) => {
    if (typeof indexedDB === 'undefined') return done(null)
    let q: IDBOpenDBRequest
    try {
      q = indexedDB.open('cuobian-votes', 1)
    } catch {
      return done(null)
    }
    q.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(KINDS)) q.result.createObjectStore(name, { keyPath })
    }
    q.onsuccess = () => done(q.result)
    q.onerror = () => done(null)
    q.onblocked = () => done(null)
  })
  return opened
}

/** Whether what is kept here outlives the page. */
export const keeps = async (): Promise<boolean> => (await db()) !== null

const memory = new Map<Kept, Map<string, unknown>>()
const shelf = (k: Kept) => memory.get(k) ?? memory.set(k, new Map()).get(k)!

async function run<T>(where: Kept, how: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest, plain: () => unknown): Promise<T> {
  const d = await db()
  if (!d) return plain() as T
  return new Promise<T>((done, fail) => {
    // Strict: a ballot that the page calls kept is on the disk.
    const tx = how === 'readwrite' ? d.transaction(where, how, { durability: 'strict' }) : d.transaction(where, how)
    const q = f(tx.objectStore(where))
    tx.oncomplete = () => done(q.result as T)
    tx.onerror = () => fail(tx.error ?? new Error('IndexedDB'))
    tx.onabort = () => fail(tx.error ?? new Error('IndexedDB'))
  })
}

export const keep = <T extends object>(where: Kept, x: T): Promise<unknown> =>
  run(where, 'readwrite', (s) => s.put(x), () => shelf(where).set(String((x as Record<string, unknown>)[KINDS[where]]), x))
export const kept = <T>(where: Kept, key: string): Promise<T | undefined> => run(where, 'readonly', (s) => s.get(key), () => shelf(where).get(key))
export const keptAll = <T>(where: Kept): Promise<T[]> => run(where, 'readonly', (s) => s.getAll(), () => [...shelf(where).values()])
export const drop = (where: Kept, key: string): Promise<unknown> => run(where, 'readwrite', (s) => s.delete(key), () => shelf(where).delete(key))
export const clear = (where: Kept): Promise<unknown> => run(where, 'readwrite', (s) => s.clear(), () => shelf(where).clear())
