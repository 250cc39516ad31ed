// Who is signed in here, and what that person's posts allow.
import { reactive } from 'vue'
import { get, patch, post } from './api'
import { asFault } from './fault'
import { mode, setElder } from './mode'
import type { Me } from './shapes'
import { speak, tongue } from './words'
import type { Tongue } from './say'

export const session = reactive({ known: false, me: null as Me | null })

/** Asks once per page load; a stranger is null, no fault. */
export async function whoAmI(fresh = false): Promise<Me | null> {
  if (session.known && !fresh) return session.me
  try {
    session.me = await get<Me>('/api/me', undefined, { strangerStays: true })
    session.known = true
  } catch (e) {
    const f = asFault(e)
    if (f.status !== 401) throw f
    session.me = null
    session.known = true
  }
  return session.me
}

/** Whether one of the posts held here allows the action somewhere; the server decides again for the place. */
export const may = (action: string): boolean => session.me?.actions?.includes(action) ?? false

export const holds = (...posts: string[]): boolean => session.me?.grants?.some((g) => posts.includes(g.post)) ?? false

export async function signOut(): Promise<void> {
  try {
    await post('/api/sign-out', {}, { strangerStays: true })
  } finally {
    session.me = null
  }
}

export async function chooseTongue(to: Tongue): Promise<void> {
  await speak(to)
  if (session.me) void patch('/api/me', { lang: to === 'en' ? 'en' : 'zh' }).catch(() => undefined)
}

export function chooseElder(on: boolean): void {
  setElder(on)
  if (session.me) void patch('/api/me', { elder: on }).catch(() => undefined)
}

export const swapTongue = (): Promise<void> => chooseTongue(tongue() === 'en' ? 'zh-CN' : 'en')
export const swapElder = (): void => chooseElder(!mode.elder)

/** The two-language pair of fields that the server sends, in the language of the page. */
export function inTongue(x: object | null | undefined, stem = ''): string {
  if (!x) return ''
  const o = x as Record<string, unknown>
  const zh = o[stem ? stem + '_zh' : 'zh']
  const en = o[stem ? stem + '_en' : 'en']
  const v = tongue() === 'en' ? en || zh : zh || en
  return typeof v === 'string' ? v : ''
}
