// What the server says of my meetings, read once and kept for when there is no signal.
import { get } from '@/shared/api'
import type { Meeting, Topic } from '@/shared/assembly'
import { asFault } from '@/shared/fault'
import { session } from '@/shared/me'
import { keep, kept } from '@/shared/vote-store'

export interface MyRight {
  no: number
  label: string
  area: number
  parking?: number
  capacity: string
  developer?: boolean
  /** Somebody else was named by the co-owners, or holds the proxy: this account sees it and may not cast. */
  may_vote?: boolean
  /** The mandate by which I cast somebody else's right. */
  proxy?: string
  /** My right, given away by letter. */
  given?: string
  /** Ballots of this right so far; the commitment of the one that counts if it came from a phone. */
  voted?: boolean
  n?: number
  at?: string
  channel?: string
  commitment?: string
}

export interface MyMeeting extends Meeting {
  matters: Topic[]
  rights: MyRight[]
  may: string[]
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

export const myMeetings = () => look<{ items: MyMeeting[] }>('/api/me/assemblies')
export const myMeeting = (id: string) => look<MyMeeting>('/api/me/assemblies/' + encodeURIComponent(id))

/** Rights that this account may cast now: not yet voted, or voted where the last ballot counts. */
export const castable = (m: MyMeeting): MyRight[] => m.rights.filter((r) => r.may_vote !== false && (!r.voted || m.counts === 'last'))
