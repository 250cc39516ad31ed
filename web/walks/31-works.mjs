import assert from 'node:assert/strict'
import { photo, until } from './walk.mjs'

export const name = 'a lift shared by one staircase: consents, shares and why, pledges and a payment on the phone; it adds up to the fen'

export async function walk(outer) {
  const w = await outer.house()
  const desk = await w.desk('manager')
  const here = (await w.compound(desk)).id
  const at = (await w.get(desk, '/api/places/' + here)).path
  const phone = await w.pocket()
  const upstairs = await w.pocket('upstairs')
  const home = (await w.get(phone, '/api/me/bills')).items[0]
  const unit = home.path.split('/').slice(0, -2).join('/') + '/'
  assert.ok(unit.startsWith(at))
  const paper = async () => {
    const f = await photo(desk, 'paper.png', 200)
    const r = await desk.request.post('/api/blobs?kind=photo', { multipart: { file: f } })
    assert.ok(r.ok(), await r.text())
    return (await r.json()).id
  }

  // The desk begins it; on the phone it asks.
  const all = '/api/money/' + here + '/projects'
  const project = await w.post(desk, all, { kind: 'lift', title: '1幢1单元加装电梯（走查）', text: '外挂电梯，每层停靠。', range: { kind: 'unit', paths: [unit] } })
  const one = `${all}/${project.id}`
  for (const p of [phone, upstairs]) {
    await p.goto('/p/money/works')
    await p.locator('[data-work]', { hasText: /走查.*请您表示意见/ }).click()
    await p.getByRole('button', { name: '同意', exact: true }).click()
    await p.getByText('您已表示同意').waitFor()
  }
  await w.look(phone, 'consent')
  assert.ok((await phone.locator('[data-count]').innerText()).includes('/12'), 'n of N homes')
  const preview = (await w.get(desk, `${one}/preview?cost=30000000&by=floor&table=guangzhou`)).homes
  assert.equal(preview.length, 12)
  const mine = (await w.get(phone, one)).mine
  const above = (await w.get(upstairs, one)).mine
  assert.ok(mine.length === 1 && above.length === 1)
  const others = preview.map((h) => h.part).filter((x) => ![...mine, ...above].includes(x))
  const early = await desk.request.post(one + '/decide', { data: {} })
  assert.equal(early.status(), 403, 'two of twelve decide nothing')
  for (const part of others.slice(0, 9)) await w.post(desk, one + '/consent', { part, choice: 'agree', paper: await paper() })
  await w.post(desk, one + '/decide')

  // A plan with floor coefficients times area, three quotes, a subsidy.
  const tenths = [0, 5, 7, 8, 9, 10].map((n) => ({ n, d: 10 }))
  await w.post(desk, one + '/plan', { text: '钢结构井道，六层六站。', method: { by: 'floor', coefs: tenths, by_area: true }, extras: [{ title: '设计和监理', amount: 2_000_001 }], stages: [{ title: '基础', parts: 3 }, { title: '安装', parts: 7 }] })
  await w.post(desk, one + '/subsidy', { giver: '区财政（示例）', amount: 10_000_000, paper: await paper() })
  for (const [party, amount] of [['甲电梯（示例）', 33_000_000], ['乙电梯（示例）', 34_500_000], ['丙电梯（示例）', 36_000_000]]) await w.post(desk, one + '/quote', { party, amount, paper: await paper() })
  const quote = (await w.get(desk, one)).quotes[0].id
  await w.post(desk, one + '/choose', { quote, reason: '报价最低，质保最长' })

  // Ground floor: nothing to pay. Second floor: a share, why, and a pledge.
  await phone.goto(`/p/money/works/${here}/${project.id}`)
  await phone.locator('[data-mine]').getByText('¥0.00').waitFor()
  assert.equal(await phone.getByRole('button', { name: /认缴/ }).count(), 0, 'who pays nothing is not asked')
  await upstairs.goto('/p/money/works')
  await upstairs.locator('[data-work]', { hasText: /走查.*请您认缴/ }).click()
  const why = upstairs.locator('[data-why]')
  await why.getByText('R46').waitFor()
  assert.match(await why.innerText(), /楼层 2，面积 [\d.]+ m²/)
  await upstairs.getByText('各户之和等于要分摊的数，一分不差').waitFor()
  assert.equal(await upstairs.locator('[data-sum]').innerText(), '¥250,000.01')
  assert.equal(await upstairs.locator('[data-to-share]').innerText(), '¥250,000.01')
  assert.equal(await upstairs.locator('[data-homes] [data-home]').count(), 12)
  await w.look(upstairs, 'share')
  const before = (await w.get(upstairs, one)).homes.find((h) => h.part === above[0]).amount
  await upstairs.getByRole('button', { name: /^认缴/ }).click()
  await upstairs.locator('[data-mine]').getByText('已认缴').waitFor()

  // One home takes no part, with its reason on a paper: the others bear more, and still add up.
  const out = others.at(-1)
  await w.post(desk, one + '/refuse', { part: out, paper: await paper(), why: '准备卖房（走查）' })
  const after = (await w.get(upstairs, one)).homes
  assert.ok(after.find((h) => h.part === above[0]).amount > before)
  assert.equal(after.filter((h) => h.state !== 'refused').reduce((n, h) => n + h.amount, 0), 25_000_001)
  for (const h of after) if (h.state === 'asked' && h.amount > 0) await w.post(desk, one + '/pledge', { part: h.part, paper: await paper() })
  // A share that grew since is pledged again where the house asks for it.
  await upstairs.reload()
  await upstairs.locator('[data-mine]').waitFor()
  const again = upstairs.getByRole('button', { name: /^认缴/ })
  if (await again.count()) await again.click()
  await w.post(desk, one + '/collect')

  // The bill of the share, paid on the phone by the demonstration's provider, answered twice.
  await upstairs.reload()
  await upstairs.getByRole('link', { name: '看账单，去缴费' }).or(upstairs.getByRole('button', { name: '看账单，去缴费' })).click()
  await upstairs.locator('[data-steps]').getByText('1幢1单元加装电梯').or(upstairs.locator('h1', { hasText: '加装电梯' })).first().waitFor()
  await w.look(upstairs, 'bill')
  await upstairs.getByRole('button', { name: '去支付' }).click()
  await upstairs.getByRole('button', { name: /演示支付/ }).click()
  await upstairs.waitForURL('**/money/orders/**')
  const order = upstairs.url().split('/').at(-1)
  await upstairs.locator('[data-state=open]').waitFor()
  await w.look(upstairs, 'order')
  const o = await w.get(upstairs, '/api/me/orders/' + order)
  await upstairs.getByRole('link', { name: '去支付' }).click()
  await upstairs.getByRole('button', { name: /确认支付/ }).click()
  await upstairs.getByText('已支付').waitFor()
  const twice = await upstairs.request.post(o.url, { headers: { Origin: new URL(w.base).origin } })
  assert.ok(twice.ok(), 'the provider may answer twice')
  await upstairs.getByRole('link', { name: /返回/ }).click()
  await upstairs.locator('[data-state=paid]').waitFor()
  await upstairs.getByRole('button', { name: '看收据' }).click()
  const receipts = await w.get(upstairs, '/api/me/receipts-of-fees')
  assert.equal(receipts.items.filter((r) => r.amount === o.amount).length, 1, 'one receipt')
  await upstairs.locator('[data-receipt]').first().waitFor()
  await w.look(upstairs, 'receipt')

  // The others pay at the desk; the phone shows all of it in escrow, and the books agree.
  for (const h of (await w.get(upstairs, one)).homes) if (h.state === 'pledged') await w.post(desk, `/api/money/${here}/receipts`, { home: h.part, way: 'transfer', amount: h.amount, bills: [h.bill], ref: 'walk-' + h.no })
  await until(async () => (await w.get(upstairs, one)).state !== 'collecting', 'all have paid')
  const end = await w.get(upstairs, one)
  assert.equal(end.escrow.paid, 25_000_001)
  await upstairs.goto(`/p/money/works/${here}/${project.id}`)
  await upstairs.locator('[data-mine]').getByText('已缴清').waitFor()
  assert.match(await upstairs.locator('[data-stages]').innerText(), /250,000\.01/)
  await w.look(upstairs, 'paid')
  const proof = await w.get(desk, `/api/money/${here}/proof`)
  assert.ok(JSON.stringify(proof).includes('works') && !JSON.stringify(proof).includes('"holds":false'), JSON.stringify(proof).slice(0, 600))
}
