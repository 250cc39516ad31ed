// Where a duty is done: each kind that a room owes opens a page of its own, by the duty's reference and place. The rooms' kinds
// are read from their sources by the test beside this file, so that none is forgotten.

export interface Owed {
  kind: string
  ref?: string
  path: string
  /** What opens it where ref alone does not say; the server names it. */
  page?: string
}

/** street/community/compound/… → compound. */
const compoundOf = (path: string): string => path.split('/').filter(Boolean)[2] ?? ''
const idOf = (ref = ''): string => encodeURIComponent(ref.split('/')[1] ?? '')
const book = (d: Owed, part: string): string => `/money/${compoundOf(d.path)}?part=${part}`
const payment = (d: Owed): string => '/money/payments/' + idOf(d.ref)
const online = (d: Owed): string => `/money/${compoundOf(d.path)}/fees/online`
const fund = (d: Owed): string => `/money/${compoundOf(d.path)}/fund?open=${idOf(d.ref)}`
const matter = (d: Owed): string => '/cases/' + idOf(d.ref)
const meeting = (d: Owed): string => '/assemblies/' + idOf(d.page || d.ref)
const demand = (d: Owed): string => '/demands?open=' + idOf(d.ref)
const contract = (d: Owed): string => '/service?open=' + idOf(d.ref)
// A committee's and a forming's pages have the same name as their reference.
const committee = (d: Owed): string => {
  const [kind = '', id = ''] = (d.page || d.ref || '').split('/')
  return kind === 'formings' ? '/formings/' + id : '/committees/' + id
}

/** Pages of the console by kind. */
export const desk: Record<string, (d: Owed) => string> = {
  'cases.dispatch': matter, 'cases.take': matter, 'cases.handle': matter, 'cases.verify': matter, 'cases.callback': matter, 'cases.mediate': matter, 'cases.act': matter, 'cases.site': matter, 'cases.extension': matter, 'cases.objection': matter,
  'assembly.preliminary': meeting, 'assembly.final': meeting, 'assembly.objection': meeting, 'assembly.notice': meeting, 'assembly.scrutineers': meeting, 'assembly.carry_out': meeting,
  'assembly.convene': demand, 'assembly.order': demand, 'assembly.entrust': demand,
  'committee.group': committee, 'committee.post_group': committee, 'committee.papers': committee, 'committee.finish': committee, 'committee.first': committee, 'committee.file': committee, 'committee.refile': committee, 'committee.minutes': committee,
  'committee.reelect': committee, 'committee.by_election': committee, 'committee.handover': committee, 'committee.audit': committee, 'committee.answer': committee, 'committee.task': committee,
  'money.review': payment, 'money.seal': payment, 'money.pay': payment, 'money.publish': payment, 'money.silence': payment,
  'money.gap': (d) => book(d, 'sources'), 'money.income_in': (d) => book(d, 'sources'), 'money.statement': (d) => book(d, 'disclosure'), 'money.answer': (d) => book(d, 'disclosure'), 'money.handover': () => '/money/handovers', 'money.handover_take': () => '/money/handovers',
  'money.reconcile': (d) => `/money/${compoundOf(d.path)}/bank/months`, 'money.account': (d) => `/money/${compoundOf(d.path)}/bank/accounts`, 'money.deposit': (d) => `/money/${compoundOf(d.path)}/bank/lines`, 'money.difference': online, 'money.order': online, 'money.provider_day': online,
  'money.use_review': fund, 'money.use_start': fund, 'money.use_publish': fund,
  'money.hold_back': (d) => book(d, 'quality'), 'money.accounts': (d) => book(d, 'budgets'), 'money.refusal': contract, 'money.renewal': contract,
}

/** Pages of the phone by kind; what has none there opens the console's, which fits a narrow screen. */
export const phone: Record<string, (d: Owed) => string> = {
  ...Object.fromEntries(Object.keys(desk).filter((k) => k.startsWith('cases.')).map((k) => [k, (d: Owed) => '/matters/' + idOf(d.ref)])),
  'money.review': (d) => '/money/approvals/' + idOf(d.ref), 'money.seal': (d) => '/money/approvals/' + idOf(d.ref), 'money.silence': (d) => '/money/approvals/' + idOf(d.ref),
}

/** The console's page of a duty, '' where nobody knows one. */
export const deskWay = (d: Owed): string => desk[d.kind]?.(d) ?? ''

/** The phone's page of a duty, or the whole address of the console's. */
export function phoneWay(d: Owed): { to: string } | { href: string } | null {
  const own = phone[d.kind]?.(d)
  if (own) return { to: own }
  const there = deskWay(d)
  return there ? { href: '/console' + there } : null
}
