import assert from 'node:assert/strict'
import { cityRows, workbook } from './workbook.mjs'
import { photo, until } from './walk.mjs'

export const name = "a use of the maintenance fund from its vote to its shares on the board, an overrun voted on anew, another not; public income bears a home's shortfall; works given up, and each gets back what it paid"

export async function walk(outer) {
  const w = await outer.house()
  let m = await w.desk('manager')
  let d = await w.desk('director')
  const here = (await w.compound(m)).id
  const at = (await w.get(d, '/api/places/' + here)).path
  const api = '/api/money/' + here
  const field = (p, label) => p.locator('.field', { has: p.page().locator(`.name:text-is("${label}")`) })
  const option = (p, text) => p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first()
  const pick = async (p, label, text) => {
    await field(p.locator('[data-step]'), label).locator('.el-select').click()
    await option(p, text).click()
    await p.locator('.el-select-dropdown:visible').waitFor({ state: 'hidden' })
  }
  const begin = (p, step) => p.locator(`[data-do=${step}]`).first().click()
  const send = (p) => p.locator('[data-step] [type=submit]').click()
  const wrong = (p, text) => p.locator('[data-step] [role=alert]', { hasText: text }).first().waitFor()
  const money = (p, label, yuan) => p.locator(`[data-step] [aria-label="${label}"]`).fill(yuan)
  const paper = async (p) => {
    const r = await p.request.post('/api/blobs?kind=photo', { multipart: { file: await photo(p, 'paper.png', Math.floor(Math.random() * 360)) } })
    assert.ok(r.ok(), await r.text())
    return (await r.json()).id
  }
  const papers = async (p, ...kinds) => {
    const out = []
    for (const kind of kinds) out.push({ kind, blob: await paper(p) })
    return out
  }

  // One staircase votes twice on item 5: on the repair, and on what it will cost more. Both go their lawful way.
  const all = (await w.get(m, api + '/projects')).items.find((x) => x.kind === 'fire').id
  const homes = (await w.get(m, `${api}/projects/${all}`)).parts.filter((h) => /^2-1-/.test(h.label))
  const unit = homes[0].path.replace(/[^/]+\/$/, '')
  const plan = (await w.get(d, `/api/assemblies/plan?purpose=decision&voting=3&compound=${encodeURIComponent(at)}`)).plan
  const meetings = []
  for (const title of ['2幢1单元立管更换（走查）', '2幢1单元立管更换追加费用（走查）']) {
    const x = await w.post(d, '/api/assemblies', { compound: at, convener: 'committee', title, purpose: 'decision', secret: false, counts: 'last', channels: ['phone', 'paper', 'city'], sign: 'device', sign_clause: '', count_parking: false, unreturned_clause: '', plan })
    await w.post(d, `/api/assemblies/${x.id}/matters`, { title, text: title, item: 5, scope: { kind: 'unit', paths: [unit] } })
    await w.post(d, `/api/assemblies/${x.id}/roll`)
    await w.post(d, `/api/assemblies/${x.id}/notice`)
    meetings.push(x.id)
  }
  // Before anything is decided the form says what is missing, and how to come by it.
  await m.goto(`/console/money/${here}/fund`)
  await begin(m, 'apply')
  await m.locator('[data-step=apply] [data-none]', { hasText: '列支范围内的业主在业主大会上表决' }).waitFor()
  await w.look(m, '1-none')

  // Works begun on the same day for three homes: one takes no part, on the phone and with a reason; two pledge, one pays.
  const phone = await w.pocket('upstairs')
  const lift = (await w.get(m, api + '/projects')).items.find((x) => x.kind === 'lift').id
  const own = (await w.get(phone, `${api}/projects/${lift}`)).mine[0]
  const parts = [...homes.slice(0, 2), (await w.get(m, `${api}/projects/${lift}`)).parts.find((h) => h.id === own)]
  const work = await w.post(m, api + '/projects', { kind: 'other', title: '楼道粉刷（走查）', text: '粉刷两户门前楼道。', range: { kind: 'list', paths: parts.map((h) => h.path) } })
  const one = `${api}/projects/${work.id}`
  for (const h of parts) await w.post(m, one + '/consent', { part: h.id, choice: 'agree', paper: await paper(m) })
  await w.post(m, one + '/decide')
  await w.post(m, one + '/plan', { text: '两遍底漆。', method: { by: 'home' }, stages: [{ title: '完工', parts: 1 }] })
  await w.post(m, one + '/subsidy', { giver: '社区（示例）', amount: 20_000, paper: await paper(m) })
  await w.post(m, one + '/quote', { party: '甲装饰（示例）', amount: 220_000, paper: await paper(m) })
  await w.post(m, one + '/choose', { quote: (await w.get(m, one)).quotes[0].id, reason: '只此一家' })
  await phone.goto(`/p/money/works/${here}/${work.id}`)
  await phone.getByRole('button', { name: '不参加' }).click()
  const no = phone.locator('[data-mine] form')
  await no.locator('[name=why]').fill('无')
  assert.ok(await no.getByRole('button', { name: '不参加' }).isDisabled(), 'a reason is asked for')
  await no.locator('[name=why]').fill('房屋出租中（走查）')
  await no.getByRole('button', { name: '不参加' }).click()
  await phone.locator('[data-mine] .sign', { hasText: '不参加' }).waitFor()
  for (const h of parts.slice(0, 2)) await w.post(m, one + '/pledge', { part: h.id, paper: await paper(m) })
  await w.post(m, one + '/collect')
  const [paying, owing] = (await w.get(m, one)).homes.filter((h) => h.state === 'pledged')
  await w.post(m, api + '/receipts', { home: paying.part, way: 'transfer', amount: 60_000, bills: [paying.bill], ref: 'walk41' })
  await w.post(m, one + '/subsidy-received', { subsidy: (await w.get(m, one)).subsidies[0].id })

  // Given up: not without a reason; who gets what back stands there before, and what is not paid is not asked for any more.
  const page = `/console/money/${here}/works/${work.id}`
  await m.goto(page)
  await begin(m, 'drop')
  const table = m.locator('[data-step=drop] [data-back]')
  await table.locator('[data-backer=home]').waitFor()
  assert.equal(await table.locator('[data-back-sum]').innerText(), '¥800.00')
  await send(m)
  await wrong(m, '原因')
  await w.look(m, '2-drop')
  await m.locator('[data-step=drop] [name=reason]').fill('一户不愿再缴（走查）')
  await send(m)
  await m.locator('[data-returned]').waitFor()
  const gone = await w.get(m, one)
  assert.equal(gone.state, 'dropped')
  assert.deepEqual(gone.returns.map((r) => r.amount).sort(), [20_000, 60_000])
  assert.equal((await w.get(m, `${api}/homes/${owing.part}/account`)).bills.find((b) => b.id === owing.bill).rest, 0)
  await phone.reload()
  await phone.getByText('已终止').first().waitFor()
  await phone.getByText('一户不愿再缴（走查）').waitFor()
  await begin(m, 'pay_back')
  await m.locator('[name=payee]').fill('各户退款（示例）')
  await send(m)
  await m.locator('[data-returned] a').nth(1).waitFor()
  await w.look(m, '2-returned')
  await m.locator('[data-returned] a').first().click()
  await m.locator('[data-state]', { hasText: '业委会审核' }).waitFor()

  // Voting: the city's file of both; then counted, then final.
  await w.on(16)
  d = await w.desk('director')
  for (const id of meetings) {
    await until(async () => (await w.get(d, '/api/assemblies/' + id)).state === 'voting', 'voting began')
    const roll = (await w.get(d, `/api/assemblies/${id}/roll?limit=1000`)).items.filter((x) => !x.ended && /^2-1-/.test(x.label))
    const r = await d.request.post(`/api/assemblies/${id}/city`, { multipart: { file: { name: '结果.xlsx', mimeType: 'application/octet-stream', buffer: workbook(cityRows([1], roll.map((x) => [x.no, x.label, ['同意'], x.area]))) } } })
    assert.ok(r.ok() && (await r.json()).refused.length === 0, await r.text())
  }
  await w.on(20)
  d = await w.desk('director')
  for (const id of meetings) {
    await until(async () => (await w.get(d, '/api/assemblies/' + id)).state === 'closed', 'voting ended')
    await w.post(d, `/api/assemblies/${id}/preliminary`)
  }
  await w.on(40)
  m = await w.desk('manager')
  d = await w.desk('director')
  await w.post(d, `/api/assemblies/${meetings[0]}/final`)

  // The manager, who sees no meeting, finds the resolution: without it refused, then applied for, given up, applied for anew.
  await m.goto(`/console/money/${here}/fund`)
  const fill = async () => {
    await begin(m, 'apply')
    await m.locator('[data-step=apply] [name=title]').fill('2幢1单元立管更换（走查）')
    await m.locator('[data-step=apply] [name=text]').fill('更换单元立管和阀门。')
    await money(m, '费用', '15000')
  }
  await fill()
  await send(m)
  await wrong(m, '没有可以执行的业主大会决定')
  await pick(m, '业主大会决定', '立管更换（走查）')
  await w.look(m, '3-apply')
  await send(m)
  await m.waitForURL('**open=**')
  await m.locator('[data-state]', { hasText: '已批准' }).waitFor()
  await begin(m, 'drop')
  await send(m)
  await wrong(m, '原因')
  await m.locator('[data-step=drop] [name=reason]').fill('金额有误（走查）')
  await send(m)
  await m.locator('[data-state]', { hasText: '已放弃' }).waitFor()
  await fill()
  await pick(m, '业主大会决定', '立管更换（走查）')
  const before = m.url()
  await send(m)
  await m.waitForURL((u) => u.href !== before && u.searchParams.get('open'))
  const id = new URL(m.url()).searchParams.get('open')
  const use = () => w.get(m, `${api}/fund/uses/${id}`)
  await m.locator('[data-state]', { hasText: '已批准' }).waitFor()
  assert.equal((await use()).shares.length, homes.length)
  await begin(m, 'start')
  await send(m)
  await m.locator('[data-state]', { hasText: '已开工' }).waitFor()

  // Done for 26,000: more than a tenth and more than 10,000 over, nobody settles it before the same range has voted again.
  await begin(m, 'finish')
  for (const k of ['invoice', 'acceptance']) {
    await m.locator(`[data-paper=${k}] input[type=file]`).setInputFiles(await photo(m, k + '.png', 140))
    await m.locator(`[data-paper=${k}]`).getByText(k + '.png').waitFor()
  }
  await send(m)
  await wrong(m, '金额须大于零')
  await money(m, '决算', '26000')
  await send(m)
  await m.locator('[data-state]', { hasText: '超支待议' }).waitFor()
  assert.equal(await m.locator('[data-do=settle]').count(), 0)
  await begin(m, 'revote')
  await m.locator('[data-step=revote] .el-select').click()
  await m.locator('.el-select-dropdown:visible .el-select-dropdown__item.is-disabled', { hasText: '已用于其他项目' }).waitFor()
  await m.keyboard.press('Escape')
  await send(m)
  await wrong(m, '没有可以执行的业主大会决定')
  await w.look(m, '4-overrun')
  await w.post(d, `/api/assemblies/${meetings[1]}/final`)
  await m.reload()
  await begin(m, 'revote')
  await pick(m, '业主大会决定', '追加费用')
  await send(m)
  await m.locator('[data-state]', { hasText: '已完工' }).waitFor()
  assert.ok((await use()).again.includes(meetings[1]))

  // Another overrun is not voted on: the fund bears what was approved and no more.
  const roof = (await w.get(m, api + '/fund/uses')).items.find((u) => u.title.includes('屋面渗漏'))
  await w.post(m, `${api}/fund/uses/${roof.id}/start`)
  await w.post(m, `${api}/fund/uses/${roof.id}/finish`, { final: 3_000_000, papers: await papers(m, 'invoice', 'acceptance') })
  await m.goto(`/console/money/${here}/fund?open=${roof.id}`)
  await begin(m, 'limit')
  await send(m)
  await wrong(m, '原因')
  await m.locator('[data-step=limit] [name=reason]').fill('业主大会没有同意追加（走查）')
  await send(m)
  await m.locator('[data-state]', { hasText: '已完工' }).waitFor()
  assert.equal((await w.get(m, `${api}/fund/uses/${roof.id}`)).final, roof.cost)

  // Settled by another: split by area, what a sub-account lacks is billed, and all of it is on the board.
  await d.goto(`/console/money/${here}/fund?open=${id}`)
  await begin(d, 'settle')
  await d.locator('[name=payee]').fill('丙管道（示例）')
  await send(d)
  await d.waitForURL('**/money/payments/**')
  await d.goto(`/console/money/${here}/fund?open=${id}`)
  await begin(d, 'publish')
  await send(d)
  await d.getByText('SHA-256').waitFor()
  const split = await use()
  assert.equal(split.shares.reduce((n, s) => n + s.amount, 0), 2_600_000)
  const short = split.shares.find((s) => s.short > 0)
  assert.ok(short?.bill, 'a sub-account does not suffice')
  await w.look(d, '5-shares')
  const board = await w.page('phone')
  await board.goto(`/b/${here}/money`)
  await board.getByText('2幢1单元立管更换（走查）').first().waitFor()
  // Anybody opens it down to every home's share; the shares add up to what it cost.
  await board.locator('[data-uses] summary', { hasText: '2幢1单元立管更换（走查）' }).click()
  const shown = board.locator('[data-uses] details[open]')
  assert.ok((await shown.locator('tbody tr').count()) > 1, 'every home')
  const total = (await shown.locator('tfoot b').first().innerText()).trim()
  assert.equal((await shown.locator('summary .num').innerText()).trim(), total)
  await w.look(board, 'shares')

  // Public income bears that home's shortfall on a resolution that the manager chooses; reviewed, drawn, sealed, paid: let off.
  await m.goto(`/console/money/${here}/fees/bills?open=${short.bill}`)
  await begin(m, 'bear')
  await m.locator('[data-step=bear] [name=reason]').fill('困难家庭（走查）')
  await send(m)
  await wrong(m, '须选择业主大会决定或者业委会决定')
  await pick(m, '决定或依据文件', '管理规约')
  await w.look(m, '6-bear')
  await send(m)
  await m.waitForURL('**/money/payments/**')
  const payment = m.url().split('/').at(-1)
  const pays = (p) => w.get(p, '/api/payments/' + payment)
  const seen = await pays(m)
  assert.equal(seen.amount, short.short)
  await m.goto(`/console/money/${here}/fees/bills?open=${short.bill}`)
  await begin(m, 'bear')
  await m.locator('[data-step=bear] [data-asked] a', { hasText: '审核中' }).waitFor()
  const c = await w.desk('community')
  const signed = w.hands(c, 13800000410)
  const agree = (p) => w.post(p, `/api/payments/${payment}/review`, { hash: seen.hash, choice: 'agree' })
  const keeper = await signed(seen.keeper_committee)
  for (const person of (await w.get(c, '/api/committees/' + seen.org)).members.map((x) => x.person).filter((p) => p !== seen.keeper_committee)) {
    if ((await pays(c)).state !== 'committee') break
    await agree(await signed(person))
  }
  await agree(c)
  // A small sum waits for its lot: the keeper who comes early is told so, and the page says what it waits for.
  const early = await keeper.request.post(`/api/payments/${payment}/seal`, { data: { hash: seen.hash } })
  if ((await pays(c)).state === 'drawing') assert.equal((await early.json()).code, 'money.drawing')
  await until(async () => (await pays(c)).state !== 'drawing', 'the lot is drawn', 60_000)
  if ((await pays(c)).state === 'street') await agree(await w.desk('street'))
  for (const p of [keeper, await w.desk('secretary')]) {
    await p.goto('/console/money/payments/' + payment)
    await p.getByRole('button', { name: '用印', exact: true }).click()
    await until(async () => (await pays(p)).seals.some((s) => s.signer === (p === keeper ? seen.keeper_committee : seen.keeper_community)), 'a seal stands')
  }
  const staff = await w.desk('staff')
  await w.post(staff, `/api/payments/${payment}/pay`, { ref: '走查回单' })
  await m.goto(`/console/money/${here}/fees/bills?open=${short.bill}`)
  await m.locator('[data-let-off]').waitFor()
  await m.goto(`/console/money/${here}/fund?open=${id}`)
  await m.getByText('他方承担').first().waitFor()
  const end = (await use()).shares.find((s) => s.part === short.part)
  assert.equal(end.waived, short.short)
  await w.look(m, '7-let-off')
  const proof = await w.get(d, api + '/proof')
  assert.ok(proof.holds, JSON.stringify(proof.items.filter((i) => !i.holds)))
}
