import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { photo } from './walk.mjs'

export const name = 'the books from their opening to the hand-over: a wrong row named, an entry and its reversal, a closing, exports that hledger checks, a statement corrected, the street sees it'

const data = (file) => fileURLToPath(new URL('testdata/' + file, import.meta.url))
const fen = (s) => Number(s.replace('−', '-').replace(/[^\d-]/g, ''))

export async function walk(outer) {
  const w = await outer.house()
  const p = await w.desk('manager')
  const here = (await w.compound(p)).id
  const at = `/console/money/${here}`
  const choose = async (box, words) => {
    await box.click()
    const input = box.locator('input')
    await input.fill(words)
    await p.locator('#' + (await input.getAttribute('aria-controls'))).locator('[role=option]', { hasText: words }).first().click()
  }
  const download = async (click) => {
    const [d] = await Promise.all([p.waitForEvent('download'), click()])
    return readFile(await d.path())
  }

  // An opening: the sample goes out, a wrong row comes back named, the right one is looked at and written once.
  await p.goto(at + '?part=opening')
  const sample = await download(() => p.getByRole('link', { name: '下载样表' }).click())
  assert.equal(sample.subarray(0, 2).toString(), 'PK')
  const form = p.locator('form', { has: p.locator('[name=opening]') })
  const look = async (file) => {
    await p.locator('[name=opening]').setInputFiles(data(file))
    await p.getByRole('button', { name: '试读' }).click()
    await p.getByRole('heading', { name: '试读结果' }).waitFor()
  }
  await form.locator('input[type=date]').fill('2026-06-01')
  await choose(form.locator('.el-select'), '法律')
  await form.getByLabel('纸质凭证号').or(form.locator('.el-input input[maxlength="100"]')).first().fill('移交表 39 号')
  await look('opening-wrong.xlsx')
  await p.getByText(/余额 · 第 2 行/).waitFor()
  assert.ok(await p.getByRole('button', { name: '写入期初' }).isDisabled(), 'a wrong row is not written')
  await w.look(p, 'opening-wrong')
  await look('opening.xlsx')
  await p.locator('tr', { hasText: '备用金' }).getByText('¥2,000.00').first().waitFor()
  await p.locator('tr', { hasText: '备用金' }).getByText('一致').waitFor()
  await p.getByRole('button', { name: '写入期初' }).click()
  await p.getByText('已写入 1 项资金的期初').waitFor()
  await look('opening.xlsx')
  await p.locator('tr', { hasText: '备用金' }).getByText('已有分录').waitFor()
  assert.ok(await p.getByRole('button', { name: '写入期初' }).isDisabled(), 'a fund is opened once')

  // An entry by hand: what does not add up is not offered, a day to come is refused at its field.
  const write = async (day, text, sum, account) => {
    await p.goto(at + '/entries')
    await p.getByRole('button', { name: '手工记账' }).click()
    const d = p.locator('.el-dialog')
    await d.locator('input[type=date]').fill(day)
    await d.getByPlaceholder('R30').fill('R30')
    await d.locator('input[maxlength="100"]').fill('票据 39-1')
    await d.locator('input[maxlength="200"]').fill(text)
    await choose(d.locator('.el-select').first(), '法律')
    await choose(d.locator('tbody .el-select').nth(0), account)
    await choose(d.locator('tbody .el-select').nth(1), 'petty:cash')
    await d.locator('tbody tr').nth(0).locator('td').nth(1).locator('input').fill(sum)
    return d
  }
  let d = await write('2026-06-20', '购买灯泡（走查）', '120.50', 'petty:spent:other')
  await d.getByText('差 ¥120.50').waitFor()
  assert.ok(await d.getByRole('button', { name: '记账', exact: true }).isDisabled(), 'an entry that does not add up is not offered')
  await d.locator('tbody tr').nth(1).locator('td').nth(2).locator('input').fill('120.50')
  await d.locator('tbody tr').nth(1).locator('td').nth(2).locator('input').blur()
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  await d.locator('input[type=date]').fill(day)
  await d.getByRole('button', { name: '记账', exact: true }).click()
  await d.locator('[role=alert]').first().waitFor()
  await d.locator('input[type=date]').fill('2026-06-20')
  await d.locator('input[type=file]').setInputFiles(await photo(p, '票据.png'))
  await d.locator('.mark.well', { hasText: '票据.png' }).waitFor()
  await w.look(p, 'by-hand')
  await d.getByRole('button', { name: '记账', exact: true }).click()
  await d.waitFor({ state: 'hidden' })

  // Found by its words, reversed with a reason; a second reversal is refused, and not offered.
  await p.getByPlaceholder('摘要或凭证号').fill('灯泡')
  await p.locator('tbody tr', { hasText: '购买灯泡' }).first().click()
  const panel = p.locator('aside')
  await panel.getByText('R30').waitFor()
  await panel.getByRole('link', { name: '附件 1' }).waitFor()
  await panel.getByRole('button', { name: '冲正' }).click()
  assert.ok(await panel.getByRole('button', { name: '冲正' }).isDisabled(), 'without a reason')
  await panel.locator('textarea').fill('重复入账（走查）')
  await panel.getByRole('button', { name: '冲正' }).click()
  await panel.getByText('重复入账（走查）').first().waitFor()
  assert.equal(await panel.getByRole('button', { name: '冲正' }).count(), 0, 'once')
  const done = (await w.get(p, `/api/money/${here}/entries?q=${encodeURIComponent('灯泡')}`)).items
  const first = done.find((e) => e.reversed_by)
  const again = await p.request.post(`/api/money/${here}/entries/${first.id}/reverse`, { data: { reason: '再冲一次' } })
  assert.equal(again.status(), 409)
  assert.match((await again.json()).zh ?? '', /冲/)
  await w.look(p, 'reversed')

  // A period: what is to be looked at, the proof, the closing; afterwards nothing is posted into it.
  await p.goto(at + '?part=closing')
  await p.getByRole('button', { name: '现在核对' }).click()
  await p.locator('.mark.well', { hasText: '核对相符' }).nth(1).waitFor()
  await p.locator('.checks li', { hasText: '账目核对相符' }).locator('.mark.well').waitFor()
  assert.equal(await p.locator('.two section').first().getByRole('link', { name: /Q/ }).evaluateAll((l) => new Set(l.map((x) => x.textContent)).size), 6, 'each quarter once')
  await w.look(p, 'closing')
  await p.locator('form input[type=date]').fill('2026-06-30')
  await p.locator('form').getByRole('button', { name: '结账', exact: true }).click()
  await p.locator('.el-message-box').getByRole('button', { name: '结账' }).click()
  await p.locator('.hash', { hasText: /^[0-9a-f]{64}$/ }).waitFor()
  await p.locator('form input[type=date]').fill('2026-06-15')
  await p.locator('form').getByRole('button', { name: '结账', exact: true }).click()
  await p.locator('.el-message-box').getByRole('button', { name: '结账' }).click()
  await p.locator('[role=alert]').first().waitFor()
  d = await write('2026-06-25', '补记（走查）', '1.00', 'petty:spent:other')
  await d.locator('tbody tr').nth(1).locator('td').nth(2).locator('input').fill('1.00')
  await d.locator('tbody tr').nth(1).locator('td').nth(2).locator('input').blur()
  await d.getByRole('button', { name: '记账', exact: true }).click()
  await d.locator('[role=alert]', { hasText: '结账' }).first().waitFor()

  // The ways out: Excel, the plain-text journal that hledger finds whole, the statement on paper.
  await p.goto(at + '?part=closing')
  const book = await download(() => p.getByRole('link', { name: 'Excel 账本' }).click())
  assert.equal(book.subarray(0, 2).toString(), 'PK')
  assert.ok(book.length > 10_000)
  const journal = (await download(() => p.getByRole('link', { name: '文本日记账' }).click())).toString()
  assert.match(journal, /购买灯泡（走查）/)
  const funds = (await w.get(p, '/api/money/' + here)).funds
  if (spawnSync('hledger', ['--version']).status === 0) {
    const run = (...a) => spawnSync('hledger', ['-f', '-', ...a], { input: journal, encoding: 'utf8', env: { ...process.env, LANG: 'C.UTF-8' } })
    const checked = run('check')
    assert.equal(checked.status, 0, checked.stderr)
    for (const [fund, account] of [['petty', 'petty:cash'], ['income', 'income:bank']]) {
      const said = run('balance', account, '--no-total', '--flat', '-O', 'csv', '--depth', '2')
      assert.equal(said.status, 0, said.stderr)
      const line = said.stdout.split('\n').find((l) => l.includes(account)) ?? ''
      assert.equal(fen(line.split('","').at(-1)), funds.find((f) => f.fund === fund).bank, `hledger's ${account} is ours: ${line}`)
    }
  }
  await p.goto(at + '/statement?period=2026-06&fund=petty')
  await p.getByText('本期已结账').waitFor()
  await p.emulateMedia({ media: 'print' })
  await p.getByText('¥2,000.00').first().waitFor()
  assert.equal(await p.getByRole('button', { name: '打印' }).isVisible(), false)
  await p.emulateMedia({ media: 'screen' })

  // Disclosure: the community's keeper seals October; it is corrected, sealed again, and the board has both versions.
  const secretary = await w.desk('secretary')
  const due = (await w.get(secretary, `/api/money/${here}/statements`)).items.find((s) => s.state === 'due')
  const row = (q) => q.locator('article', { hasText: due.period })
  const seal = async () => {
    await secretary.goto(at + '?part=disclosure')
    await row(secretary).filter({ hasText: '待公示' }).getByRole('button', { name: '查看' }).click()
    await secretary.getByRole('button', { name: '盖章公示' }).click()
    await secretary.locator('.el-message-box').getByRole('button', { name: '盖章公示' }).click()
    await row(secretary).filter({ hasText: '已公示' }).first().waitFor()
  }
  await seal()
  await p.goto(at + '?part=disclosure')
  await row(p).filter({ hasText: '已公示' }).getByRole('button', { name: '查看' }).click()
  assert.equal(await p.getByRole('button', { name: '盖章公示' }).count(), 0, 'who keeps no seal is offered none')
  await p.getByRole('button', { name: '出更正版' }).click()
  await p.locator('.el-message-box').getByRole('button', { name: '出更正版' }).click() // without a reason
  await p.locator('.el-message-box__errormsg').waitFor()
  await p.locator('.el-message-box textarea').fill('补记一笔电梯广告（走查）')
  await p.locator('.el-message-box').getByRole('button', { name: '出更正版' }).click()
  await row(p).filter({ hasText: '第 2 版' }).first().waitFor()
  await seal()
  const board = await w.page('phone')
  await board.goto(`/b/${here}/money`)
  const shown = board.locator('.list li', { hasText: due.period })
  await shown.filter({ hasText: '第 2 版' }).waitFor()
  await shown.filter({ hasText: '已有更正' }).waitFor()
  await shown.filter({ hasText: '第 2 版' }).locator('button').click()
  await board.getByText('更正原因：补记一笔电梯广告（走查）').waitFor()
  await w.look(board, 'board-two-versions')

  // The street: who has published, and the auditors' sample with its seed.
  const street = await w.desk('street')
  await street.goto('/console/money/publishing')
  const line = street.locator('tbody tr', { hasText: '明鑫花苑' }).first()
  await line.getByText('已公示').waitFor()
  await street.locator('.hash', { hasText: /^[0-9a-f]{64}$/ }).waitFor()
  await street.getByPlaceholder('搜索').last().fill('没有这个小区')
  await street.getByText('这里还没有内容').waitFor()

  // Lists find by words on the server.
  await street.goto('/console/money/payments?q=' + encodeURIComponent('水泵'))
  await street.locator('tbody tr', { hasText: '水泵' }).first().waitFor()
  assert.equal(await street.locator('tbody tr').filter({ hasNotText: '水泵' }).count(), 0)
  await street.goto('/console/money?q=mx')
  await street.locator('tbody tr', { hasText: '明鑫花苑' }).waitFor()

  // The hand-over: the company gives item by item, the community keeps it for the next, another counts; both sign.
  const community = await w.desk('community')
  await community.goto(at + '?part=handover')
  await community.getByRole('button', { name: '开始移交' }).click()
  const company = (await w.get(p, '/api/contracts?under=' + encodeURIComponent((await w.get(p, '/api/places/' + here)).path))).items.find((c) => !c.to_day)
  const from = community.locator('form .el-select input').first()
  await from.click()
  await community.locator('.el-select-dropdown__item:visible', { hasText: company.org_name }).first().click()
  await community.locator('form textarea').fill('物业用房钥匙 3 把（走查）')
  await community.locator('form').getByRole('button', { name: '开始移交' }).click()
  await community.locator('section tr', { hasText: '物业用房钥匙 3 把' }).waitFor()
  const [h] = (await w.get(community, `/api/money/${here}/handovers`)).items
  for (const kind of ['account', 'payment', 'contract', 'work', 'papers', 'other']) assert.ok(h.items.some((i) => i.kind === kind), 'the list has ' + kind)
  const step = (q, i, words) => q.locator('section tr').filter({ hasText: i.zh }).first().getByText(words, { exact: true }).first()
  await p.goto(at + '?part=handover')
  await p.getByRole('button', { name: '移交方签字' }).click()
  await p.locator('[role=alert]', { hasText: '还有项目' }).first().waitFor()
  const [money, thing] = [h.items.find((i) => i.kind === 'cash' || i.kind === 'account'), h.items.find((i) => i.kind === 'other')]
  await step(p, money, '移交').click()
  await step(p, money, '已交').waitFor()
  await step(p, thing, '缺失').click()
  await p.locator('.el-message-box textarea').fill('少一把（走查）')
  await p.locator('.el-message-box').getByRole('button', { name: '缺失' }).click()
  await p.locator('section tr', { hasText: '少一把（走查）' }).waitFor()
  for (const i of h.items) if (i !== money && i !== thing) await w.post(p, `/api/money/${here}/handovers/${h.id}/items/${i.id}/give`)
  await community.reload()
  await step(community, money, '接收').click()
  const counting = community.locator('section tr form')
  await counting.locator('input').first().fill(String((money.amount - 1) / 100))
  await counting.getByRole('button', { name: '接收' }).click()
  await community.locator('[role=alert]').first().waitFor() // a fen less needs a note
  await counting.locator('input').nth(1).fill('少一分，由物业补足（走查）')
  await counting.getByRole('button', { name: '接收' }).click()
  await community.locator('section tr', { hasText: '少一分' }).waitFor()
  for (const i of h.items) if (i !== money) await w.post(community, `/api/money/${here}/handovers/${h.id}/items/${i.id}/receive`, { counted: i.amount, note: i === thing ? '待补' : '' })
  await p.reload()
  await p.getByRole('button', { name: '移交方签字' }).click()
  await p.getByText('移交方已签').waitFor()
  await community.reload()
  await w.look(community, 'handover')
  await community.getByRole('button', { name: '接收方签字' }).click()
  await community.locator('.mark.well', { hasText: '完成' }).first().waitFor()
  const [ended] = (await w.get(community, `/api/money/${here}/handovers`)).items
  assert.equal(ended.state, 'done')
  assert.equal(ended.differs, 2)
  assert.notEqual(ended.giver, ended.receiver)

  // To a named next company: its manager, who reads no books here, finds it as an own hand-over, counts and signs.
  const next = (await w.get(street, '/api/orgs?kind=property_company&limit=200')).items.find((o) => o.id !== company.org)
  const place = await w.get(p, '/api/places/' + here)
  const person = (await w.get(street, '/api/people?q=hzx')).items[0]
  await w.post(street, '/api/terms', { org: next.id, post: 'property_manager', person: person.id, path: place.path })
  const office = await w.desk('secadmin')
  const made = await w.post(office, '/api/accounts', { login: 'heir39', person: person.id, path: place.path.split('/')[0] + '/' })
  const heir = await w.page('desk')
  await w.post(heir, '/api/sign-in', { name: 'heir39', password: made.temporary_password })
  await w.post(heir, '/api/me/password', { old: made.temporary_password, password: 'tower-river-thirty-nine' })
  const beginTo = async (q, name) => {
    await q.goto(at + '?part=handover')
    await q.getByRole('button', { name: '开始移交' }).click()
    const choose = async (nth, words) => {
      await q.locator('form .el-select').nth(nth).click()
      await q.locator('form .el-select').nth(nth).locator('input').fill(words)
      await q.waitForTimeout(400) // the list has come to rest
      await q.locator('.el-select-dropdown__item:visible', { hasText: words }).first().click()
    }
    await choose(0, company.org_name)
    await choose(1, name)
    await q.locator('form input[type=date]').fill('2020-01-01')
    await q.locator('form').getByRole('button', { name: '开始移交' }).click()
    await q.locator('form .bad, [role=alert]').first().waitFor() // a day that is past
    await q.locator('form input[type=date]').fill('')
    await q.locator('form').getByRole('button', { name: '开始移交' }).click()
    await q.locator('h2', { hasText: `${company.org_name} → ${name}` }).waitFor()
    return (await w.get(q, `/api/money/${here}/handovers`)).items.find((x) => x.to_name === name)
  }
  const through = async (taker, name, x) => {
    const mine = (q) => q.locator('section', { has: q.locator('h2', { hasText: `→ ${name}` }) })
    await taker.goto('/console/today')
    await taker.getByText('清点接收账户、合同、印章和账册').first().click()
    await taker.waitForURL('**/money/handovers')
    await mine(taker).locator('tbody tr').first().waitFor()
    assert.equal(await mine(taker).getByText('移交', { exact: true }).count(), 0, 'who takes over does not give')
    const [one] = x.items
    for (const i of x.items) await w.post(p, `/api/money/${here}/handovers/${x.id}/items/${i.id}/give`)
    await taker.reload()
    await mine(taker).locator('tbody tr').filter({ hasText: one.zh }).first().getByText('接收', { exact: true }).click()
    const count = mine(taker).locator('tbody form')
    await count.locator('input').first().fill((Math.abs(one.amount) / 100 + 1).toFixed(2))
    await count.getByRole('button', { name: '接收' }).click()
    await taker.locator('[role=alert]').first().waitFor() // another sum needs a note
    await count.locator('input').first().fill((one.amount / 100).toFixed(2))
    await count.getByRole('button', { name: '接收' }).click()
    await mine(taker).locator('tbody tr').filter({ hasText: one.zh }).first().getByText('已收').or(mine(taker).locator('tbody .mark.well').first()).first().waitFor()
    for (const i of x.items.slice(1)) await w.post(taker, `/api/money/${here}/handovers/${x.id}/items/${i.id}/receive`, { counted: i.amount })
    await taker.reload()
    await mine(taker).locator('tbody tr').first().waitFor()
    assert.equal(await mine(taker).getByRole('button', { name: /签字/ }).count(), 0, 'who gives signs first')
    await p.goto(at + '?part=handover')
    await mine(p).getByRole('button', { name: '移交方签字' }).click()
    await mine(p).getByText('移交方已签').waitFor()
    await taker.reload()
    await mine(taker).getByRole('button', { name: '接收方签字' }).click()
    await mine(taker).locator('.mark.well', { hasText: '完成' }).first().waitFor()
    await w.look(taker, 'taken-over-' + (taker === heir ? 'company' : 'committee'))
  }
  await through(heir, next.name, await beginTo(street, next.name))
  // To the committee: its director finds it, counts and signs.
  const director = await w.desk('director')
  const seat = (await w.get(street, '/api/orgs?limit=200&under=' + encodeURIComponent(place.path))).items.find((o) => o.kind === 'owners_committee')
  await through(director, seat.name, await beginTo(street, seat.name))
}
