// A sweeper's phone: the grid last seen, and visits that were made where there was no signal. Each visit carries a key of
// its own, so that it is taken once however often it is sent.
import { reactive } from 'vue'
import { post } from '@/shared/api'
import { asFault } from '@/shared/fault'
import { sendFile } from '@/shared/files'
import type { Choice } from '@/shared/verify-count'
import { drop, keep, keptAll } from '@/shared/vote-store'

export interface Visit {
  client_key: string
  account: string
  meeting: string
  right: number
  label: string
  with: string
  result: string
  reason: string
  note: string
  said_at: string
  choices?: Record<string, Choice>
  /** The signature on the glass, PNG, until the server holds it. */
  glass?: Blob
  blob?: string
  fault: string
  stuck: boolean
}

export const visits = reactive({ waiting: [] as Visit[], sending: false, arrived: 0 })

async function look(): Promise<Visit[]> {
  visits.waiting = (await keptAll<Visit>('visits')).sort((a, b) => a.said_at.localeCompare(b.said_at))
  return visits.waiting
}

async function carry(v: Visit): Promise<void> {
  if (v.glass && !v.blob) {
    v.blob = (await sendFile(v.glass, 'signature.png', 'photo')).id
    await keep('visits', bare(v))
  }
  await post(`/api/assemblies/${encodeURIComponent(v.meeting)}/visits`, {
    right: v.right, with: v.with, result: v.result, reason: v.reason, note: v.note, client_key: v.client_key, said_at: v.said_at,
    ...(v.choices ? { ballot: { choices: v.choices, signature_blob: v.blob ?? '' } } : {}),
  }, { once: v.client_key, strangerStays: true })
  await drop('visits', v.client_key)
}

// Vue's proxies cannot be cloned into the store.
const bare = (v: Visit): Visit => ({ ...v, ...(v.choices ? { choices: { ...v.choices } } : {}) })

/** Keeps the visit first, then tries to send it. */
export async function visit(v: Visit): Promise<void> {
  await keep('visits', bare(v))
  await look()
  await sendVisits(v.account)
}

let busy = false

export async function sendVisits(account: string): Promise<void> {
  if (busy || !account) return
  busy = true
  visits.sending = true
  try {
    for (const v of await look()) {
      if (v.stuck || v.account !== account) continue
      try {
        await carry({ ...v })
        visits.arrived++
      } catch (e) {
        const f = asFault(e)
        const stuck = !f.passing && f.status !== 401
        await keep('visits', bare({ ...v, fault: f.text, stuck }))
        if (!stuck) break
      }
    }
  } finally {
    busy = false
    visits.sending = false
    await look()
  }
}

export async function throwVisit(key: string): Promise<void> {
  await drop('visits', key)
  await look()
}

export function watchVisits(account: () => string): void {
  void look()
  const go = () => {
    if (account()) void sendVisits(account())
  }
  window.addEventListener('online', go)
  document.addEventListener('visibilitychange', () => document.hidden || go())
  setInterval(() => visits.waiting.some((v) => !v.stuck) && !document.hidden && go(), 20_000)
}
