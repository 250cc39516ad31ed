// What the server says of my meetings, read once and kept for when there is no signal.
import { get } from '@/shared/api'
import { taking, type Meeting, type Topic } from '@/shared/assembly'
import { asFault } from '@/shared/fault'
import { session } from '@/shared/me'
import { keep, kept } from '@/shared/vote-store'

export interface MyRight {
  no: number
  label: string
  area: number
  capacity: string
  /** The mandate by which I cast somebody else's right. */
  proxy?: string
  voted: boolean
  times: number
  /** Numbers of the matters it votes on. */
  matters: number[]
}

/** A line of the list: how many of my rights have voted. */
export interface MyListed {
  id: string
  number: string
  title: string
  state: string
  secret: boolean
  counts: 'first' | 'last'
  opens: string
  closes: string
  rights: number
  voted: number
  open: boolean
  /** What I do in its team. */
  roles?: string[]
}

export interface MyMeeting extends Meeting {
  matters: Topic[]
  rights: MyRight[]
}

interface Booth {
  meeting: Meeting
  matters: Topic[]
  rights: MyRight[]
}

interface KeptPage {
  at: string
  body: unknown
}

const key = (path: string) => `${session.me?.account ?? ''} ${path}`

/** Asks; without a signal answers what was last seen. old says which it was. */
export async function look<T>(path: string): Promise<{ page: T; old: boolean }> {
  try {
    const page = await get<T>(path)
    void keep('pages', { at: key(path), body: JSON.parse(JSON.stringify(page)) as unknown } satisfies KeptPage).catch(() => undefined)
    return { page, old: false }
  } catch (e) {
    if (!asFault(e).passing) throw e
    const k = await kept<KeptPage>('pages', key(path)).catch(() => undefined)
    if (!k) throw e
    return { page: k.body as T, old: true }
  }
}

export const myMeetings = () => look<{ items: MyListed[] }>('/api/me/assemblies')

export async function myMeeting(id: string): Promise<{ page: MyMeeting; old: boolean }> {
  const { page: b, old } = await look<Booth>('/api/me/assemblies/' + encodeURIComponent(id))
  return { page: { ...b.meeting, matters: b.matters, rights: b.rights }, old }
}

/** Whether the meeting takes ballots by phone at all: its channels, and a signature that was agreed (R28). */
export const byPhone = (m: Meeting): boolean => m.channels.includes('phone') && m.sign !== 'none'

/** Rights that this account may cast now: not yet voted, or voted where the last ballot counts. */
export const castable = (m: MyMeeting): MyRight[] => m.rights.filter((r) => !r.voted || m.counts === 'last')

/** What a line of the list asks of me. */
export const asks = (m: MyListed, now: Date): 'vote' | 'voted' | 'look' => (!taking(m, now) || !m.rights ? 'look' : m.voted < m.rights ? 'vote' : 'voted')
