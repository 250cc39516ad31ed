// The pages that every walk over all pages goes through.
import { COMPOUND } from './walk.mjs'

export const consolePages = async (w, p) => {
  const one = (await w.get(p, '/api/cases?limit=1')).items[0].id
  const place = (await w.compound(p)).id
  const owner = (await w.get(p, '/api/people?q=hzx')).items.find((x) => x.at?.some((s) => s.kind === 'owner'))
  const [person, home] = [owner.id, owner.at.find((s) => s.kind === 'owner').node]
  const org = (await w.get(p, '/api/orgs?limit=1')).items[0].id
  const votes = (await w.get(p, '/api/assemblies?under=' + encodeURIComponent((await w.get(p, '/api/places/' + place)).path))).items.filter((m) => m.state !== 'cancelled')
  const at = (state) => votes.find((m) => m.state === state)?.id
  const [draft, voting, counted, final] = [at('draft'), at('voting'), at('preliminary'), at('final')]
  const elections = (await w.get(p, '/api/assemblies?limit=100')).items.filter((m) => ['election', 'by_election'].includes(m.purpose) && m.state !== 'draft')
  const demand = (await w.get(p, '/api/assembly-demands')).items[0].id
  const formings = (await w.get(p, '/api/formings?limit=200')).items
  const forming = (stage) => formings.find((r) => r.forming && r.stage === stage)
  const seated = formings.find((r) => r.name === COMPOUND).org
  const paper = (await w.get(p, `/api/committees/${seated}/papers?kind=minutes`)).items[0].id
  return [
    ...(await moneyDeskPages(w, p)),
    '/formings', '/formings?open=' + encodeURIComponent(forming('drafts').path), `/formings/${forming('elected').forming}/filing`, ...['opened', 'applied', 'papers', 'drafts', 'elected'].map((x) => '/formings/' + forming(x).forming), '/committees?open=' + seated,
    ...['desk', 'meetings', 'members', 'changes', 'questions', 'papers'].map((x) => `/committees/${seated}?part=${x}`), `/committees/${seated}/papers/${paper}`, '/settings/routes', '/settings/ladders',
    '/assemblies', '/demands', '/demands?open=' + demand, '/assemblies/new', `/assemblies/${draft}?tab=election`, `/assemblies/${draft}/draft`, ...['matters', 'roll', 'notice', 'team', 'proxies', 'sheets', 'progress', 'papers', 'story'].map((x) => `/assemblies/${voting}?tab=${x}`), `/assemblies/${counted}?tab=result`, `/assemblies/${final}?tab=result`,
    ...elections.map((m) => `/assemblies/${m.id}?tab=election`), ...elections.filter((m) => m.state === 'final').map((m) => `/assemblies/${m.id}?tab=result`),
    `/assemblies/${voting}/sheets`, `/assemblies/${counted}/scrutiny`, ...['roll', 'notice', 'ballot', 'proxy', 'sign-in'].map((x) => `/assemblies/${voting}/papers/${x}`), `/assemblies/${counted}/papers/preliminary`, `/assemblies/${final}/papers/final?size=A3`,
    '/today', '/cases', '/cases?open=' + one, '/cases/' + one, `/cases/${one}/sheet`, `/cases/${one}/notice`, `/cases/${one}/receipt`, '/hotline', '/calendar', '/overdue',
    '/standing', '/standing/on_time', '/standing/party_cover?by=community', '/places', '/places?open=' + place, '/people?q=hzx', `/people?q=hzx&open=${person}`,
    '/homes/' + home, '/orgs', '/orgs?open=' + org, '/committees', '/corrections', '/promises', '/joined', '/import12345', '/coverage', '/service', '/imports', '/messages', '/settings/account', '/settings/sessions', '/settings/deputies', '/settings/templates',
    '/settings/rules', '/settings/calendars', '/settings/access', '/nowhere',
  ].map((x) => '/console' + x)
}

/** The desk's money pages: one compound's books on every page of them, a payment of each kind, works and the fund. */
export const moneyDeskPages = async (w, p) => {
  const here = (await w.compound(p)).id
  const entry = (await w.get(p, `/api/money/${here}/entries?limit=1`)).items[0].id
  const payments = (await w.get(p, '/api/payments?compound=' + here)).items
  const work = (await w.get(p, `/api/money/${here}/projects`)).items.find((x) => x.state === 'building')
  const pay = (state) => payments.filter((x) => x.state === state).slice(0, 1).map((x) => '/money/payments/' + x.id)
  return ['/money', ...['funds', 'sources', 'disclosure', 'roles', 'closing', 'opening', 'handover'].map((x) => `/money/${here}?part=${x}`), `/money/${here}/entries?open=${entry}`, `/money/${here}/statement?period=2026&fund=income`,
    '/money/payments', '/money/payments/new?compound=' + here, ...pay('published'), ...pay('street'), ...pay('refused'), '/money/publishing', '/money/handovers', '/money/splits', '/money/works', ...(work ? [`/money/${here}/works/${work.id}`] : []), `/money/${here}/works/new`, `/money/${here}/fund`]
}

/** The cashier's desk and the bank of the compound whose company one works for. */
export const feePages = async (w, p) => {
  const id = (await w.compound(p)).id
  const home = (await w.get(p, `/api/money/${id}/arrears`)).items[0].home
  const receipt = (await w.get(p, `/api/money/${id}/homes/${home}/account`)).receipts[0]
  return [
    ...['desk', `desk?home=${home}`, 'till', 'receipts', 'bills', 'bills?state=overdue', 'runs', 'arrears', 'tariffs', 'shares', 'meters', 'online'].map((x) => 'fees/' + x), ...['accounts', 'lines', 'months'].map((x) => 'bank/' + x), ...(receipt ? ['receipts/' + receipt.id] : []),
  ].map((x) => `/console/money/${id}/` + x)
}

/** Budgets, a year's accounts and pay by quality, at a compound that has them. */
export const heldPages = async (w, p) => {
  const id = (await w.get(p, '/api/public/compounds?q=' + encodeURIComponent('西湖豪庭'))).items[0].id
  return ['budgets', 'quality'].map((x) => `/console/money/${id}?part=${x}`).concat(`/b/${id}/money`)
}

export const securityPages = ['/settings/accounts', '/settings/access', '/settings/keys', '/settings/logs'].map((x) => '/console' + x)
export const auditPages = ['/settings/audit', '/settings/logs'].map((x) => '/console' + x)
export const systemPages = ['/settings/system', '/settings/logs'].map((x) => '/console' + x)

export const pocketPages = async (w, p) => {
  const mine = (await w.get(p, '/api/cases?mine=reported&limit=1')).items[0].id
  const votes = (await w.get(p, '/api/me/assemblies')).items
  const meetings = votes.flatMap((m) => ['/votes/' + m.id, ...(m.open ? [`/votes/${m.id}/ballot/1`] : [])])
  return ['/', '/report', '/sent?number=123456789', '/matters', '/matters/' + mine, '/ask', '/me', '/me/data', '/messages', '/votes', ...meetings, '/receipts', '/demands', '/committee'].map((x) => '/p' + x).concat(await moneyPhonePages(w, p))
}

/** The phone's money pages of whoever owns the page: what is there of bills, works and statements is opened too. */
export const moneyPhonePages = async (w, p) => {
  const bills = (await w.get(p, '/api/me/bills')).items ?? []
  const works = (await w.get(p, '/api/me/projects')).items ?? []
  const here = (await w.compound(p)).id
  const posted = ((await w.get(p, '/api/public/money?compound=' + here)).statements ?? []).filter((s) => s.state !== 'due')
  const staff = (await w.get(p, '/api/me')).actions?.includes('money.read')
  const payments = staff ? ((await w.get(p, '/api/payments?limit=20')).items ?? []) : []
  return ['', ...bills.slice(0, 1).map((b) => '/bills/' + b.id), '/receipts', '/fund', '/works', ...works.slice(0, 2).map((x) => `/works/${x.compound}/${x.id}`), '/published', ...posted.slice(0, 1).map((s) => '/published/' + s.id),
    ...(staff ? ['/approvals', ...payments.slice(0, 3).map((x) => '/approvals/' + x.id)] : [])].map((x) => '/p/money' + x)
}

/** What an owner of a compound with elections sees of them. */
export const electionPages = async (w, p) => (await w.get(p, '/api/me/assemblies')).items.flatMap((m) => ['/p/votes/' + m.id, `/p/votes/${m.id}/election`])

export const boardPages = async (w, p) => {
  const compound = (await w.compound(p)).id
  const votes = (await w.get(p, '/api/public/assemblies?compound=' + compound)).items
  const where = (await w.get(p, '/api/public/compounds?q=' + encodeURIComponent('兴淮花苑'))).items[0].id
  const elections = (await w.get(p, '/api/public/assemblies?compound=' + where)).items
  const counted = votes.filter((m) => ['preliminary', 'final'].includes(m.state)).map((m) => '/verify?meeting=' + m.id)
  const held = (await w.get(p, '/api/public/compounds?q=' + encodeURIComponent('西湖豪庭'))).items[0].id // budgets, pay by quality, years
  return ['/', '/b/', '/b/' + compound, `/b/${compound}/money`, `/b/${held}/money`, '/verify?accounts=' + held, '/verify?money=' + compound, '/screen', ...[...votes, ...elections].map((m) => '/vote/' + m.id), '/verify', ...counted, '/log']
}

/** The page has come to rest: nothing says that it is loading, and no answer is under way. */
export async function settled(p) {
  await p.waitForFunction(() => document.body.innerText.trim().length > 4 && !document.querySelector('.bone, .el-loading-mask, .van-loading'), undefined, { timeout: 20_000 })
  await p.waitForTimeout(350)
}

export { COMPOUND }
