import assert from 'node:assert/strict'
import { photo, until } from './walk.mjs'

export const name = 'at the desk: shared works from initiative to settlement with a change and a late joiner, and a use of the fund that silence approves; a refusal of each stands at its field'

export async function walk(outer) {
  const w = await outer.house()
  let m = await w.desk('manager')
  let d = await w.desk('director')
  const here = (await w.compound(m)).id
  const api = '/api/money/' + here
  const field = (p, label) => p.locator('.field', { has: p.page().locator(`.name:text-is("${label}")`) })
  const option = (p, text) => p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first()
  const pick = async (p, label, text) => {
    await field(p.locator('[data-step]'), label).locator('.el-select').click()
    await option(p, text).click()
    await p.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' })
  }
  const begin = (p, step) => p.locator(`[data-do=${step}]`).click()
  const send = (p) => p.locator('[data-step] [type=submit]').click()
  const file = async (p, at = p.locator('[data-step] input[type=file]').first()) => {
    await at.setInputFiles(await photo(p, 'paper.png', Math.floor(Math.random() * 360)))
    await p.locator('[data-step]').getByText('paper.png').first().waitFor()
  }
  const money = (p, label, yuan) => p.locator(`[data-step] [aria-label="${label}"]`).fill(yuan)
  const paper = async (p) => {
    const r = await p.request.post('/api/blobs?kind=photo', { multipart: { file: await photo(p, 'paper.png', Math.floor(Math.random() * 360)) } })
    assert.ok(r.ok(), await r.text())
    return (await r.json()).id
  }

  // Begun for three homes; without a name it is refused at its field.
  await m.goto('/console/money/works?compound=' + here)
  await begin(m, 'begin')
  await m.waitForURL('**/works/new')
  await m.locator('.field').first().waitFor()
  await field(m.locator('form'), '种类').locator('.el-select').click()
  await option(m, '其他共有工程').click()
  await m.locator('form .el-select:has(input[aria-label="范围"])').click()
  await option(m, '列出的房屋').click()
  // Two homes, and one whose owner has the phone in elder mode.
  const phone = await w.pocket('upstairs')
  await phone.goto('/p/')
  await phone.evaluate(() => localStorage.setItem('cuobian.elder', '1'))
  const lift = (await w.get(m, api + '/projects')).items.find((x) => x.kind === 'lift').id
  const own = (await w.get(phone, `${api}/projects/${lift}`)).mine[0]
  const around = (await w.get(m, `${api}/projects/${lift}`)).parts
  const list = [...around.filter((x) => x.id !== own).slice(0, 2), around.find((x) => x.id === own)]
  for (const [i, h] of list.entries()) {
    const at = m.locator(`input[aria-label="列出的房屋 ${i + 1}"]`)
    await at.click()
    await at.fill(h.label)
    await option(m, h.label).click()
    await m.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' })
  }
  await m.locator('[name=text]').fill('更换单元门和对讲（走查）。')
  await m.locator('form [type=submit]').click()
  await m.locator('[role=alert]', { hasText: '请写明内容' }).first().waitFor()
  await m.locator('[name=title]').fill('单元门改造（走查）')
  await m.locator('form [type=submit]').click()
  await m.waitForURL(/works\/(?!new)[^/]+$/)
  const id = m.url().split('/').at(-1)
  const one = `${api}/projects/${id}`
  const page = `/console/money/${here}/works/${id}`
  const work = () => w.get(m, one)
  const parts = list
  const hand = async (name) => {
    await phone.goto(`/p/money/works/${here}/${id}`)
    await phone.locator('html.elder [data-mine]').waitFor()
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name + ' fits 360 px')
    await w.look(phone, 'phone-' + name)
  }

  // Consents on paper, one refused for want of its picture; then they are counted.
  await begin(m, 'consent')
  await m.locator('[data-step=consent]').getByText('同意', { exact: true }).click()
  await pick(m, '房屋', parts[0].label)
  await send(m)
  await m.getByText('登记纸质意见须附签名照片').first().waitFor()
  await w.look(m, '1-refused')
  await file(m)
  await send(m)
  await until(async () => (await work()).said.length === 1, 'a consent is kept')
  for (const h of parts.slice(1)) await w.post(m, one + '/consent', { part: h.id, choice: 'agree', paper: await paper(m) })
  await m.reload()
  await begin(m, 'decide')
  await send(m)
  await m.locator('[data-do=plan]').waitFor()

  // A plan with a contingency, what each would pay, a subsidy, a quote that is chosen.
  await begin(m, 'plan')
  await m.locator('[data-step=plan] [name=text]').fill('拆旧换新，质保两年。')
  await pick(m, '分摊办法', '按户平均')
  await m.locator('[aria-label="节点 1"]').fill('施工和验收')
  await money(m, '预备费', '1000')
  await w.look(m, '2-plan')
  await send(m)
  await m.locator('[data-do=quote]').waitFor()
  await m.locator('[data-preview] [aria-label="费用"]').fill('12000')
  await m.locator('[data-preview] [type=submit]').click()
  await m.locator('[data-preview] tbody tr').nth(2).waitFor()
  assert.equal(await m.locator('[data-preview] tbody tr').count(), 3)
  await begin(m, 'subsidy')
  await m.locator('[name=giver]').fill('街道（示例）')
  await money(m, '金额', '1000')
  await file(m)
  await send(m)
  await until(async () => (await work()).subsidy === 100_000, 'a subsidy is kept')
  await begin(m, 'quote')
  await m.locator('[name=party]').fill('甲门业（示例）')
  await money(m, '金额', '12000')
  await file(m)
  await send(m)
  await m.locator('[data-do=choose]').waitFor()
  await begin(m, 'choose')
  await m.locator('[data-step=choose]').getByText('甲门业（示例）').click()
  await m.locator('[name=reason]').fill('质保最长')
  await send(m)
  await m.locator('[data-do=refuse]').waitFor()

  // One takes no part; the other two pledge, are billed and pay. The one joins later.
  await begin(m, 'refuse')
  await pick(m, '房屋', parts[2].label)
  await m.locator('[name=why]').fill('出租中（走查）')
  await file(m)
  await send(m)
  await until(async () => (await work()).homes.filter((h) => h.state === 'refused').length === 1, 'one refuses')
  await hand('refused')
  await phone.locator('[data-mine]').getByText('不参加').first().waitFor()
  await begin(m, 'pledge')
  await pick(m, '房屋', parts[0].label)
  await file(m)
  await send(m)
  await until(async () => (await work()).homes.some((h) => h.state === 'pledged'), 'one pledges')
  await w.post(m, one + '/pledge', { part: parts[1].id, paper: await paper(m) })
  await m.reload()
  await begin(m, 'collect')
  await send(m)
  const pay = async () => {
    for (const h of (await work()).homes) {
      if (h.state !== 'pledged') continue
      const bill = (await w.get(m, `${api}/homes/${h.part}/account`)).bills.find((b) => b.id === h.bill)
      await w.post(m, api + '/receipts', { home: h.part, way: 'transfer', amount: bill.rest, bills: [bill.id], ref: 'walk36-' + bill.id })
    }
  }
  await until(async () => (await work()).state === 'collecting', 'billed')
  const community = await w.desk('community')
  const applicant = (await w.get(m, '/api/me')).person
  let next = 13800000340
  const hands = new Map()
  const paidOut = async (payment) => {
    const seen = await w.get(community, '/api/payments/' + payment)
    const members = (await w.get(community, '/api/committees/' + seen.org)).members.map((x) => x.person).filter((p) => p !== seen.applicant && p !== seen.keeper_committee)
    const signed = async (person) => {
      if (hands.has(person)) return hands.get(person)
      const number = String(next++)
      const known = (await w.get(community, '/api/people/' + person)).person
      const told = await community.request.patch('/api/people/' + person, { data: { version: known.version, reason: '本人登记手机（走查）', phones: [number] } })
      assert.ok(told.ok(), await told.text())
      const p = await w.page('desk')
      await w.post(p, '/api/sign-in/phone', { phone: number })
      await w.post(p, '/api/sign-in/phone/confirm', { phone: number, code: '246810' })
      hands.set(person, p)
      return p
    }
    const keeper = await signed(seen.keeper_committee)
    const review = async (p) => w.post(p, `/api/payments/${payment}/review`, { hash: seen.hash, choice: 'agree' })
    for (const person of members) {
      if ((await w.get(community, '/api/payments/' + payment)).state !== 'committee') break
      await review(await signed(person))
    }
    await review(community)
    if ((await w.get(community, '/api/payments/' + payment)).state === 'street') await review(await w.desk('street'))
    const hash = (await w.get(keeper, `/api/payments/${payment}/paper`)).hash
    await w.post(keeper, `/api/payments/${payment}/seal`, { hash })
    await w.post(await w.desk('secretary'), `/api/payments/${payment}/seal`, { hash })
    await w.post(seen.applicant === applicant ? await w.desk('staff') : m, `/api/payments/${payment}/pay`, { ref: '走查回单 ' + payment })
  }
  // Of one share the company bears a part: not more than is owed, public income not without a decision, the company with its paper; a payment is asked for.
  const owed = async () => (await w.get(m, `${api}/homes/${parts[0].id}/account`)).bills.find((b) => b.id === share)
  const share = (await work()).homes.find((h) => h.part === parts[0].id).bill
  const whole = (await owed()).rest
  await m.goto(`/console/money/${here}/fees/bills?open=${share}`)
  await m.locator('tbody tr', { hasText: '单元门改造（走查）' }).first().waitFor()
  await begin(m, 'bear')
  await money(m, '金额', '999999')
  await send(m)
  await m.locator('[data-step=bear] [role=alert]', { hasText: '原因' }).first().waitFor()
  await m.locator('[data-step=bear] [name=reason]').fill('公用门禁由企业补助（走查）')
  await send(m)
  await m.locator('[data-step=bear] .field [role=alert]', { hasText: '不能超过尚欠金额' }).waitFor()
  await money(m, '金额', '5500')
  await send(m)
  await m.locator('[data-step=bear] .field [role=alert]', { hasText: '决定' }).first().waitFor()
  await w.look(m, 'bear-refused')
  await m.locator('[data-step=bear] .el-radio-button', { hasText: '企业自有' }).click()
  await file(m)
  await send(m)
  await m.waitForURL('**/money/payments/**')
  await m.locator('[data-state]').waitFor()
  await w.look(m, 'bear-payment')
  assert.equal((await owed()).rest, whole, 'nothing changes until it is paid')
  // Reviewed, sealed by two, paid: the home is let off so much, and pays the rest.
  await paidOut(m.url().split('/').at(-1))
  assert.equal((await owed()).rest, whole - 550_000)
  await m.goto(`/console/money/${here}/fees/bills?open=${share}`)
  await m.locator('[data-let-off]', { hasText: '5,500.00' }).first().waitFor()
  await w.look(m, 'bear-let-off')
  await pay()
  await m.goto(page)
  await begin(m, 'subsidy_in')
  await pick(m, '补助', '街道（示例）')
  await send(m)
  await until(async () => (await work()).escrow.subsidies === 100_000, 'the subsidy is posted')
  await begin(m, 'join')
  await file(m)
  await send(m)
  await until(async () => (await work()).homes.some((h) => h.late), 'one joins late')
  await pay()
  await hand('late')
  await phone.locator('[data-mine]').getByText('已缴清').waitFor()
  await phone.getByText('各户之和等于要分摊的数，一分不差').waitFor()

  // A change within the contingency is confirmed by another; one beyond it is asked for again.
  const order = async (yuan, why) => {
    await begin(m, 'change')
    await m.locator('[name=reason]').fill(why)
    await file(m)
    if (yuan === '800') {
      await send(m)
      await m.locator('[data-step=change] [role=alert]', { hasText: '金额须大于零' }).first().waitFor()
    }
    await money(m, '金额', yuan)
    await send(m)
    await m.locator('[data-step]').waitFor({ state: 'detached' })
  }
  await m.reload()
  await order('800', '门框加固')
  await m.locator('[data-changes]').getByText('待另一人确认').waitFor()
  assert.equal(await m.locator('[data-do=change_decide]').count(), 0, 'who ordered it does not confirm it')
  await d.goto(page)
  await begin(d, 'change_decide')
  await send(d)
  await d.locator('[data-changes]').getByText('已同意').waitFor()
  await m.reload()
  await order('500', '加装监控')
  await m.locator('[data-changes]').getByText('征求同意').waitFor()
  const change = (await work()).changes[1]
  assert.deepEqual([change.reserve, change.amount], [20_000, 50_000])
  await begin(m, 'change_decide')
  await send(m)
  await m.getByText('同意的户数或面积未达到规定').first().waitFor()
  await begin(m, 'change_consent')
  await pick(m, '房屋', parts[0].label)
  await m.locator('[data-step=change_consent]').getByText('同意', { exact: true }).click()
  await file(m)
  await send(m)
  await until(async () => (await work()).changes[1].said === 1, 'a word on the change')
  await w.post(m, one + '/change-consent', { change: change.id, part: parts[1].id, choice: 'agree', paper: await paper(m) })
  await hand('change')
  await phone.locator('[data-change]').getByRole('button', { name: '同意', exact: true }).click()
  await phone.locator('[data-change]').getByText('您已表示同意').waitFor()
  await m.reload()
  await w.look(m, '3-change')
  await begin(m, 'change_decide')
  await send(m)
  await until(async () => (await work()).changes[1].state === 'agreed', 'the change is agreed')
  await pay()

  // Reported with a picture, accepted by another: the payment's page opens.
  await m.reload()
  await begin(m, 'milestone')
  await send(m)
  await m.locator('[data-step=milestone] [role=alert]', { hasText: '请附现场照片' }).first().waitFor()
  await file(m, m.locator('[data-paper=photo] input[type=file]'))
  await send(m)
  await until(async () => (await work()).milestones[0].state === 'reported', 'reported')
  assert.equal(await m.locator('[data-do=accept]').count(), 0, 'nobody accepts his own report')
  await d.goto(page)
  await begin(d, 'accept')
  await money(d, '核定金额', '13000')
  await send(d)
  await d.waitForURL('**/money/payments/**')
  await d.locator('[data-state]', { hasText: '业委会审核' }).waitFor()
  await w.look(d, '4-payment')

  // Its reviews and seals are another walk's; here they are done by their hands in turn.
  await paidOut(d.url().split('/').at(-1))

  // Settled; what is left goes back, and its payment opens.
  await m.goto(page)
  await begin(m, 'settle')
  // What would go back to whom stands before it is settled: to the company its part of the share that it bore.
  const soon = m.locator('[data-step=settle] [data-backer=fund]')
  await soon.getByText('企业自有').waitFor()
  await w.look(m, '5-soon')
  await send(m)
  await m.getByText('SHA-256').waitFor()
  const end = await work()
  assert.equal(end.state, 'settled')
  assert.equal(end.cost, 1_330_000)
  assert.ok(end.surplus > 0)
  await w.look(m, '5-settled')
  await begin(m, 'pay_back')
  await m.locator('[data-returns] li', { hasText: '企业自有' }).waitFor()
  await send(m)
  await m.locator('[data-step=pay_back] [role=alert]', { hasText: '请写明收款单位' }).first().waitFor()
  await m.locator('[name=payee]').fill('各户退款（示例）')
  await send(m)
  await m.locator('[data-returned] a').nth(1).waitFor()
  const back = await work()
  const fund = back.backers.find((b) => b.kind === 'fund')
  assert.ok(fund.paid === 550_000 && fund.back > 0 && fund.back < 550_000)
  assert.equal(back.backers.reduce((n, b) => n + b.back, 0), end.surplus + back.homes.filter((h) => h.late).reduce((n, h) => n + h.amount - (h.extra ?? 0), 0))
  assert.equal(back.payments.filter((x) => x.what === 'back/company')[0].amount, fund.back)
  await w.look(m, '5-returned')
  const proof = await until(() => w.get(d, api + '/proof'), 'a proof')
  assert.ok(proof.holds, JSON.stringify(proof.items.filter((i) => !i.holds)))

  // The fund: a list with wrong rows names them, a wrong sum is refused at its field, the right one is kept.
  await m.goto(`/console/money/${here}/fund`)
  await begin(m, 'import')
  const book = async (path) => ({ name: '分户账.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: await (await m.request.get(api + path)).body() })
  const mirror = await w.get(m, api + '/fund/accounts')
  const today = await m.evaluate(() => new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Shanghai' }).format(new Date()))
  await m.locator('[data-step=import] input[type=date]').fill(today)
  await m.locator('[data-step=import] input[type=date]').dispatchEvent('change')
  await m.locator('[name=mirror]').setInputFiles(await book('/fund/sample.xlsx'))
  await m.locator('[data-faults] li').first().waitFor()
  assert.match(await m.locator('[data-faults] li').first().innerText(), /第 1 行 \d+-\d+-\d+ 金额有误/)
  await w.look(m, '6-rows')
  await m.locator('[name=mirror]').setInputFiles(await book('/fund/accounts.xlsx'))
  await m.locator('[data-look]').waitFor()
  await m.locator('[data-faults]').waitFor({ state: 'detached' })
  await file(m, m.locator('[data-step=import] input[type=file]').first())
  await money(m, '核对总额', '1.00')
  await send(m)
  await m.locator('[data-step=import] .field [role=alert]', { hasText: '与核对总额 1.00 不符' }).waitFor()
  await money(m, '核对总额', `${Math.trunc(mirror.balance / 100)}.${String(mirror.balance % 100).padStart(2, '0')}`)
  await send(m)
  await m.locator('[data-step=import]').waitFor({ state: 'detached' })
  assert.equal((await w.get(m, api + '/fund/accounts')).mirrors.length, mirror.mirrors.length + 1)
  await begin(m, 'renewals')
  await m.locator('[data-renewals] tbody tr').first().waitFor()
  assert.equal(await m.locator('[data-renewals] tbody tr').count(), mirror.renewals)

  // An emergency of a lift: without its papers it is refused, with them its clock stands there.
  await begin(m, 'apply')
  await m.locator('[data-step=apply]').getByText('应急', { exact: false }).first().click()
  await pick(m, '紧急情形', '电梯故障危及安全')
  await m.locator('form .el-select:has(input[aria-label="范围"])').click()
  await option(m, '全小区').click()
  await m.locator('[data-step=apply] [name=title]').fill('电梯曳引机抢修（走查）')
  await m.locator('[data-step=apply] [name=text]').fill('困人两次，须立即更换。')
  await money(m, '费用', '9000')
  await send(m)
  await m.locator('[data-step=apply] [role=alert]', { hasText: '缺少材料' }).first().waitFor()
  for (const k of ['photo', 'estimate', 'finding']) {
    await m.locator(`[data-paper=${k}] input[type=file]`).setInputFiles(await photo(m, k + '.png', 80))
    await m.locator(`[data-paper=${k}]`).getByText(k + '.png').waitFor()
  }
  await send(m)
  await m.waitForURL('**open=**')
  await m.locator('[data-clock]', { hasText: '到期没有答复视为同意' }).waitFor()
  assert.equal(await m.locator('[data-do=review]').count(), 0, 'nobody reviews his own application')
  await w.look(m, '7-clock')
  const use = new URL(m.url()).searchParams.get('open')
  const leak = await w.post(m, api + '/fund/uses', { kind: 'emergency', category: 'leak', range: { kind: 'compound' }, title: '外墙渗漏（走查）', text: '渗水。', cost: 300_000, papers: [{ kind: 'photo', blob: await paper(m) }, { kind: 'estimate', blob: await paper(m) }] })
  await community.goto(`/console/money/${here}/fund?open=${leak.id}`)
  await begin(community, 'review')
  await community.locator('[data-step=review]').getByText('不同意', { exact: true }).click()
  await send(community)
  await community.locator('[data-step=review] .field [role=alert]', { hasText: '请写明原因' }).waitFor()
  await community.locator('[data-step=review] [name=reason]').fill('可以按计划维修（走查）')
  await send(community)
  await community.locator('[data-state]', { hasText: '不同意' }).waitFor()

  // Nine days on silence has approved it; then works, their cost, acceptance by another, the payment, and the board.
  await w.on(9)
  m = await w.desk('manager')
  d = await w.desk('director')
  const fundPage = `/console/money/${here}/fund?open=${use}`
  await m.goto(fundPage)
  await m.getByText('五个工作日内没有答复').waitFor()
  await begin(m, 'start')
  await send(m)
  await m.locator('[data-state]', { hasText: '已开工' }).waitFor()
  await begin(m, 'finish')
  await money(m, '决算', '9000')
  await send(m)
  await m.locator('[data-step=finish] [role=alert]', { hasText: '发票' }).first().waitFor()
  for (const k of ['invoice', 'acceptance']) {
    await m.locator(`[data-paper=${k}] input[type=file]`).setInputFiles(await photo(m, k + '.png', 140))
    await m.locator(`[data-paper=${k}]`).getByText(k + '.png').waitFor()
  }
  await send(m)
  await m.locator('[data-state]', { hasText: '已完工' }).waitFor()
  assert.equal(await m.locator('[data-do=settle]').count(), 0, 'who reported it does not settle it')
  await d.goto(fundPage)
  await begin(d, 'settle')
  await send(d)
  await d.locator('[data-step=settle] .field [role=alert]', { hasText: '请写明收款单位' }).waitFor()
  await d.locator('[name=payee]').fill('乙电梯维保（示例）')
  await send(d)
  await d.waitForURL('**/money/payments/**')
  await d.goto(fundPage)
  await begin(d, 'publish')
  await send(d)
  await d.getByText('SHA-256').waitFor()
  const done = await w.get(d, `${api}/fund/uses/${use}`)
  assert.equal(done.approval, 'deemed')
  assert.ok(done.published && done.shares.reduce((n, s) => n + s.amount, 0) === 900_000)
  await w.look(d, '8-use')
}
