// Ballots on this phone: what was chosen, the salt, the signature and, once it has come, the receipt. A ballot is kept
// before it is sent, so that a lost signal loses nothing; the server takes the same ballot once only, however often it
// is sent. Choices stay here: nothing sends them anywhere but in the ballot itself.
import { reactive } from 'vue'
import { ask } from './api'
import type { Receipt } from './assembly'
import { sign, type keyOfDevice } from './device-key'
import { asFault } from './fault'
import { commitment, type Ballot } from './verify-ballot'
import type { Choice } from './verify-count'
import { drop, keep, kept, keptAll } from './vote-store'

export interface Slip {
  /** The commitment. */
  id: string
  account: string
  meeting: string
  title: string
  right: number
  label: string
  secret: boolean
  matters: { no: number; title: string }[]
  choices: Record<string, Choice>
  salt: string
  device: string
  signature: string
  proxy?: string
  at: number
  state: 'waiting' | 'sent' | 'refused'
  fault: string
  /** Code of the fault, where there was one. */
  code?: string
  receipt?: Receipt
}

export const slips = reactive({ waiting: 0, sending: false, arrived: '' })

type Key = NonNullable<Awaited<ReturnType<typeof keyOfDevice>>>

/** Commits to the choices and signs the commitment; nothing is sent yet. Without a key the meeting agreed another way. */
export async function seal(b: Ballot, key: Key | null, about: Pick<Slip, 'account' | 'title' | 'label' | 'secret' | 'matters'> & { proxy?: string }): Promise<Slip> {
  const word = commitment(b)
  const s: Slip = {
    id: word, account: about.account, meeting: b.meeting, title: about.title, right: b.right, label: about.label, secret: about.secret, matters: about.matters,
    choices: b.choices, salt: b.salt, device: key?.id ?? '', signature: key ? await sign(key, word) : '', at: Date.now(), state: 'waiting', fault: '',
    ...(about.proxy ? { proxy: about.proxy } : {}),
  }
  await keep('slips', JSON.parse(JSON.stringify(s)) as Slip)
  await look()
  return s
}

async function look(): Promise<Slip[]> {
  const all = (await keptAll<Slip>('slips')).sort((a, b) => a.at - b.at)
  slips.waiting = all.filter((s) => s.state === 'waiting').length
  return all
}

/** Sends one ballot. Answers the slip as it then stands: sent with its receipt, waiting for a signal, or refused. */
export async function send(s: Slip): Promise<Slip> {
  let now: Slip = { ...s, fault: '' }
  try {
    const receipt = await ask<Receipt>('POST', `/api/assemblies/${encodeURIComponent(s.meeting)}/ballots`, {
      body: { right: s.right, choices: s.choices, salt: s.salt, device: s.device, signature: s.signature, ...(s.proxy ? { proxy: s.proxy } : {}) },
      once: s.id.slice(0, 32), strangerStays: true,
    })
    now = { ...now, state: 'sent', receipt }
  } catch (e) {
    const f = asFault(e)
    now = { ...now, state: f.passing || f.status === 401 ? 'waiting' : 'refused', fault: f.text, code: f.code }
  }
  await keep('slips', JSON.parse(JSON.stringify(now)) as Slip)
  await look()
  return now
}

let busy = false

/** Sends the ballots of this account that wait, oldest first. */
export async function sendSlips(account: string): Promise<void> {
  if (busy) return
  busy = true
  slips.sending = true
  try {
    for (const s of await look()) {
      if (s.state !== 'waiting' || s.account !== account) continue
      const now = await send(s)
      if (now.state === 'sent') slips.arrived = now.id
      if (now.state === 'waiting') break
    }
  } finally {
    busy = false
    slips.sending = false
  }
}

export const slipOf = (word: string): Promise<Slip | undefined> => kept<Slip>('slips', word)
export const throwSlip = async (word: string): Promise<void> => {
  await drop('slips', word)
  await look()
}
export const mySlips = async (account: string): Promise<Slip[]> => (await look()).filter((s) => s.account === account).reverse()

export function watchSlips(account: () => string): void {
  const go = () => {
    if (account()) void sendSlips(account())
  }
  void look()
  window.addEventListener('online', go)
  document.addEventListener('visibilitychange', () => document.hidden || go())
  setInterval(() => slips.waiting && !document.hidden && go(), 20_000)
}
