// What can be done with a matter, as forms. The server says which of them this desk may use now (`may`); order here is
// the order of a matter's life.
export type FieldKind = 'text' | 'line' | 'choice' | 'org' | 'person' | 'number' | 'photos' | 'yes' | 'category'

export interface FormField {
  key: string
  kind: FieldKind
  label: string
  must?: boolean
  /** Message area of the choices: values are its keys. */
  words?: string
  values?: string[]
  start?: unknown
}

export interface Deed {
  name: string
  path: string
  fields: FormField[]
  /** The step that the matter waits for; shown as the main button. */
  main?: boolean
  danger?: boolean
}

const note = (must = false): FormField => ({ key: 'note', kind: 'text', label: 'cases.field.note', must })
const urgency: FormField = { key: 'urgency', kind: 'choice', label: 'cases.urgency', words: 'terms.urgency', values: ['normal', 'high', 'urgent'] }
const level: FormField = { key: 'level', kind: 'choice', label: 'cases.level', words: 'terms.level', values: ['simple', 'multi', 'complex'] }
const kind: FormField = { key: 'kind', kind: 'choice', label: 'cases.kind', words: 'terms.kind', values: ['complaint', 'repair', 'consult', 'suggestion', 'help', 'praise', 'rectification'] }
const category: FormField = { key: 'category', kind: 'category', label: 'cases.category' }

export const deeds: Deed[] = [
  { name: 'dispatch', path: 'dispatch', main: true, fields: [{ key: 'org', kind: 'org', label: 'cases.field.org' }, category, urgency, level, note()] },
  { name: 'take', path: 'take', main: true, fields: [] },
  { name: 'handle', path: 'handle', main: true, fields: [note(true), { key: 'before_photo_ids', kind: 'photos', label: 'cases.field.before' }, { key: 'after_photo_ids', kind: 'photos', label: 'cases.field.after' }] },
  { name: 'verify', path: 'verify', main: true, fields: [{ key: 'ok', kind: 'yes', label: 'cases.field.ok', start: true }, note(), { key: 'photo_ids', kind: 'photos', label: 'cases.photos' }] },
  { name: 'confirm', path: 'confirm', main: true, fields: [{ key: 'result', kind: 'choice', label: 'cases.field.result', words: 'terms.result', values: ['satisfied', 'partly', 'dissatisfied'], must: true }, note(), { key: 'by_phone', kind: 'yes', label: 'cases.field.byPhone', start: true }] },
  { name: 'callback', path: 'callback', main: true, fields: [{ key: 'result', kind: 'choice', label: 'cases.field.result', words: 'terms.result', values: ['satisfied', 'partly', 'dissatisfied', 'unreachable'], must: true }, note()] },
  { name: 'extend', path: 'extension/decide', main: true, fields: [{ key: 'grant', kind: 'yes', label: 'cases.field.grant', start: true }, note()] },
  { name: 'rule', path: 'objection/decide', main: true, fields: [{ key: 'uphold', kind: 'yes', label: 'cases.field.uphold', start: true }, { key: 'org', kind: 'org', label: 'cases.field.org' }, note()] },
  { name: 'settle', path: 'mediate', main: true, fields: [{ key: 'settled', kind: 'yes', label: 'cases.field.settled', start: true }, note(true)] },
  { name: 'resume', path: 'resume', main: true, fields: [] },
  { name: 'classify', path: 'classify', fields: [category, kind, urgency, level] },
  { name: 'handover', path: 'handover', fields: [{ key: 'to', kind: 'person', label: 'cases.field.to', must: true }, { key: 'reason', kind: 'text', label: 'cases.field.reason', must: true }] },
  { name: 'remark', path: 'remark', fields: [{ key: 'text', kind: 'text', label: 'cases.field.text' }, { key: 'mark', kind: 'choice', label: 'cases.field.mark', words: 'cases.mark', values: ['contacted', 'acting', 'arrived'] }, { key: 'public', kind: 'yes', label: 'cases.field.public', start: false }] },
  { name: 'cohandlers', path: 'cohandlers', fields: [{ key: 'add', kind: 'person', label: 'cases.field.add', must: true }] },
  { name: 'return', path: 'return', fields: [{ key: 'reason_code', kind: 'choice', label: 'cases.field.reason', words: 'cases.reason', values: ['not_ours', 'not_here', 'wrong_place', 'unclear', 'duplicate', 'expertise'], must: true }, note(true)] },
  { name: 'ask', path: 'extension', fields: [{ key: 'days', kind: 'number', label: 'cases.field.days', start: 2, must: true }, { key: 'reason', kind: 'text', label: 'cases.field.reason', must: true }] },
  { name: 'pause', path: 'pause', fields: [{ key: 'reason', kind: 'choice', label: 'cases.field.reason', words: 'cases.pauseReason', values: ['reporter', 'court', 'vote'], must: true }] },
  { name: 'object', path: 'objection', fields: [{ key: 'reason', kind: 'text', label: 'cases.field.reason', must: true }] },
  { name: 'urge', path: 'urge', fields: [] },
  { name: 'merge', path: 'merge', fields: [{ key: 'into', kind: 'line', label: 'cases.field.into', must: true }] },
  { name: 'split', path: 'split', fields: [] },
  { name: 'reopen', path: 'reopen', fields: [note(true)] },
  { name: 'refuse', path: 'refuse', fields: [note(true)], danger: true },
  { name: 'withdraw', path: 'withdraw', fields: [{ key: 'reason', kind: 'text', label: 'cases.field.reason', must: true }], danger: true },
]

/** The names in `may` may come with the room in front or with a slash. */
export const deedName = (s: string): string => s.replace(/^cases\./, '').replace(/[/.-]/g, '_')

export function mayDo(may: string[] | undefined): Deed[] {
  const names = new Set((may ?? []).map(deedName))
  return deeds.filter((d) => names.has(d.name))
}
