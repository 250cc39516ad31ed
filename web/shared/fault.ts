// What went wrong, as a person can read it. The server sends problem documents with a code, a sentence in both
// languages, and fields that say where in the form it belongs.
import { t } from './words'

export interface FieldFault {
  /** Path in the body, e.g. "phone" or "owners.0.name". */
  at: string
  text: string
}

export class Fault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: string,
    readonly fields: FieldFault[] = [],
    readonly retryAfter = 0,
  ) {
    super(text)
    this.name = 'Fault'
  }
  get offline(): boolean {
    return this.status === 0
  }
  /** Whether sending the same again later may go well. */
  get passing(): boolean {
    return [0, 429, 502, 503, 504].includes(this.status)
  }
  at(field: string): string {
    return this.fields.find((f) => f.at === field)?.text ?? ''
  }
}

interface Problem {
  code?: string
  zh?: string
  en?: string
  fields?: { name?: string; zh?: string; en?: string }[]
}

const KNOWN = [0, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 504]

export function faultOf(status: number, body: unknown, language: string, retryAfter = 0): Fault {
  const p = (typeof body === 'object' && body !== null ? body : {}) as Problem
  const say = (x: { zh?: string; en?: string }) => (language === 'en' ? x.en || x.zh : x.zh || x.en) ?? ''
  const text = say(p) || (KNOWN.includes(status) ? t('shared.fault.s' + status) : t('shared.fault.other'))
  const fields = (p.fields ?? []).map((f) => ({ at: fieldOf(f.name ?? ''), text: say(f) }))
  return new Fault(status, p.code ?? '', text, fields.filter((f) => f.at && f.text), retryAfter)
}

/** "body.owners[0].name" → "owners.0.name". */
export function fieldOf(name: string): string {
  return name.replace(/^(body|query|path)\.?/, '').replace(/\[(\d+)\]/g, '.$1')
}

export const asFault = (e: unknown): Fault =>
  e instanceof Fault ? e : new Fault(-1, '', e instanceof Error && import.meta.env.DEV ? e.message : t('shared.fault.other'))
