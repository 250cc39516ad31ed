import assert from 'node:assert/strict'
import { cityRows, workbook } from './workbook.mjs'
import { photo, until } from './walk.mjs'

export const name = "a meeting through its days: an upheld objection makes a second roll, another after opening a third, the city's workbook, a sealed box, an extension, two results, final, annulled by the street"

export async function walk(outer) {
  const w = await outer.house()
  const button = (p, text) => p.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const field = (p, label) => p.locator(`.field:has(.name:text-is("${label}"))`).last()
  const confirm = async (p, text) => {
    await button(p, text).first().click()
    await button(p.locator('.el-message-box'), text).click()
    await p.locator('.el-message-box').waitFor({ state: 'hidden' })
  }
  const option = (p, text) => p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first()
  let d = await w.desk('director')
  const at = (await w.get(d, '/api/places/' + (await w.compound(d)).id)).path

  // The meeting that runs is short of two thirds: its voting is extended, and not beyond what the rules allow.
  const running = (await w.get(d, '/api/assemblies?state=voting')).items.find((x) => x.path === at)
  const extend = async (day) => {
    await field(d, '延长到（最后一天）').locator('input').fill(day)
    await field(d, '理由').locator('textarea').fill('参与人数还没到三分之二。')
    await button(d, '延长投票').last().click()
  }
  const later = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  await d.goto('/console/assemblies/' + running.id)
  await button(d, '延长投票').click()
  await extend(later(300))
  await d.locator('form [role=alert], .fault').first().waitFor()
  await extend(later(9))
  await until(async () => (await w.get(d, '/api/assemblies/' + running.id)).extended > 0, 'voting is extended')
  await w.look(d, '0-extended')

  // A roll is posted; an owner objects on the phone, the register is corrected, the objection upheld: version 2.
  const plan = (await w.get(d, `/api/assemblies/plan?purpose=decision&voting=3&compound=${encodeURIComponent(at)}`)).plan
  const m = await w.post(d, '/api/assemblies', { compound: at, convener: 'committee', title: '架空层改为充电棚（走查）', purpose: 'decision', secret: false, counts: 'last', channels: ['phone', 'paper', 'city'], sign: 'device', sign_clause: '', count_parking: true, unreturned_clause: '', plan })
  await w.post(d, `/api/assemblies/${m.id}/matters`, { title: '架空层设充电棚', text: '东侧架空层设电动车充电棚。（示例）', item: 9, scope: { kind: 'compound' } })
  const page = (p, tab = '') => p.goto(`/console/assemblies/${m.id}` + (tab ? '?tab=' + tab : ''))
  const now = (p) => w.get(p, '/api/assemblies/' + m.id)
  await page(d)
  await confirm(d, '名册定稿并公示')
  const object = async (p, text) => {
    await p.goto('/p/votes/' + m.id)
    await button(p, '提异议').click()
    await p.locator('[name=objection]').fill(text)
    await button(p, '提交').click()
    await p.locator('.done').waitFor()
  }
  await object(await w.pocket(), '1-1-201 的面积与不动产证不符。')
  const c = await w.desk('community')
  const home = (await w.get(c, `/api/places?under=${encodeURIComponent(at)}&kind=home&q=1-1-201`)).items[0].id
  const h = await w.get(c, '/api/places/' + home)
  const right = await c.request.fetch('/api/places/' + home, { method: 'PATCH', data: { reason: '不动产证', version: h.version, home: { ...h.home, area: 12000 } } })
  assert.ok(right.ok(), await right.text())
  await page(d, 'roll')
  await button(d, '答复').click()
  await d.locator('label.el-radio', { hasText: '异议成立' }).first().click()
  await field(d, '书面答复').locator('textarea').fill('经核对不动产证，更正。')
  await field(d, '哪些房屋、车位的登记已更正').locator('.el-select').click()
  await d.keyboard.type('201')
  await option(d, '1-1-201').click()
  await d.keyboard.press('Escape')
  await button(d, '答复并公布').click()
  await d.getByText('名册因此有第 2 版').waitFor()
  await confirm(d, '发会议通知')

  // The convener finds people of the compound by name or home, and names others by name and number.
  const owner1 = (await w.get(c, `/api/people?q=13800000003`)).items[0]
  await page(d, 'team')
  await button(d, '指定人员').click()
  const person = field(d, '人员').locator('.el-select')
  await person.click()
  await d.keyboard.type(owner1.name)
  await option(d, owner1.name).click()
  await button(d, '指定人员').last().click()
  await d.locator('td', { hasText: owner1.name }).waitFor()
  await field(d, '工作').locator('.el-select').click()
  await option(d, '监票人').click()
  await d.locator('[name=name]').fill('查无此人')
  await d.locator('[name=phone]').fill('13800000003')
  await button(d, '指定人员').last().click()
  await d.getByText('没有登记这个姓名和手机号的人员').first().waitFor()
  await w.look(d, '0-team')
  const staff = (await w.get(c, '/api/me')).person
  for (const who of [staff, (await w.get(await w.desk('secretary'), '/api/me')).person]) await w.post(c, `/api/assemblies/${m.id}/team`, { person: who, role: 'typist' })

  // While it is voted: the city's result, refused by its totals, then taken, and the same again changes nothing.
  await w.on(16)
  d = await w.desk('director')
  await until(async () => (await now(d)).state === 'voting', 'voting began')
  const roll = (await w.get(d, `/api/assemblies/${m.id}/roll?limit=1000`)).items.filter((x) => !x.ended)
  const rows = roll.slice(0, 60).map((x, i) => [x.no, x.label, i % 3 ? '同意' : '不同意', x.area])
  const csv = (add) => Buffer.from('\ufeff' + cityRows([1], rows.map((r) => [r[0], r[1], [r[2]], r[3]]), add).map((r) => r.join(',')).join('\n'))
  const book = workbook(cityRows([1], rows.map((r) => [r[0], r[1], [r[2]], r[3]])))
  await page(d, 'city')
  const sample = d.waitForEvent('download')
  await d.getByText('下载样表').click()
  assert.match((await sample).suggestedFilename(), /\.xlsx$/)
  const take = (name, buffer) => d.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
  await take('市级结果.csv', csv(1))
  await d.locator('.refused li', { hasText: '合计' }).waitFor()
  await w.look(d, '1-refused')
  await take('市级结果.xlsx', book)
  await d.locator('.mark.well', { hasText: '收入 60 行' }).waitFor()
  await take('市级结果.xlsx', book)
  await d.locator('.mark.well', { hasText: '重复 60 行' }).waitFor()

  // A sheet goes into a box that is sealed before two witnesses; the same box twice is refused, and nobody opens it yet.
  const at61 = roll[60]
  const [sheet] = (await w.post(d, `/api/assemblies/${m.id}/sheets`, { rights: [at61.no] })).items
  await page(d, 'sheets')
  const witness = async (p, label, name) => {
    const select = field(p, label).locator('.el-select')
    await select.evaluate((e) => e.scrollIntoView({ block: 'center' })) // room on both sides: the list does not change its side while it is filtered
    await select.click()
    await p.keyboard.type(name)
    await until(async () => {
      const found = await p.locator('.el-select-dropdown:visible .el-select-dropdown__item:visible').allInnerTexts()
      return found.length > 0 && found.every((x) => x.includes(name))
    }, name)
    await p.keyboard.press('ArrowDown')
    await p.keyboard.press('Enter')
    await until(async () => (await select.innerText()).includes(name), name + ' is chosen')
  }
  const seal = async (number) => {
    await button(d, '登记封箱').first().click()
    await d.locator('[name=number]').fill(number)
    await d.locator('[name=seals]').fill('fz-0012 FZ-0011')
    await witness(d, '见证人（1）', owner1.name)
    await witness(d, '见证人（2）', (await w.get(d, '/api/me')).name)
    await button(d, '登记封箱').last().click()
  }
  await seal('1号')
  const box = d.locator('[data-box="1号"]')
  await box.getByText('封存中').waitFor()
  await box.getByText('FZ-0011 FZ-0012').waitFor()
  assert.equal(await box.locator('button').count(), 0, 'no way to open it before the closing')
  const early = await d.request.post(`/api/assemblies/${m.id}/boxes/${encodeURIComponent('1号')}/open`, { data: { seals: ['FZ-0011', 'FZ-0012'], second: owner1.id, sheets: 1 } })
  assert.equal(early.status(), 409)
  assert.equal((await early.json()).code, 'assembly.box_early')
  await seal('1号')
  await d.getByText('这个编号的票箱已登记').first().waitFor()
  await w.look(d, '1-sealed')

  // The roll is objected to while it is voted: the convener may not judge it, the community does, and version 3 is a late one.
  await object(await w.pocket(), '1-1-202 已经过户，名册上还是原来的业主。')
  await page(d, 'roll')
  await d.getByText('投票开始后的异议由社区或街道裁定').waitFor()
  const c2 = await w.desk('community')
  const home2 = (await w.get(c2, `/api/places?under=${encodeURIComponent(at)}&kind=home&q=1-1-202`)).items[0].id
  const h2 = await w.get(c2, '/api/places/' + home2)
  assert.ok((await c2.request.fetch('/api/places/' + home2, { method: 'PATCH', data: { reason: '不动产证', version: h2.version, home: { ...h2.home, area: 13100 } } })).ok())
  await page(c2, 'roll')
  await button(c2, '答复').click()
  await c2.locator('label.el-radio', { hasText: '异议成立' }).first().click()
  await field(c2, '书面答复').locator('textarea').fill('经核对不动产登记，更正面积。')
  await field(c2, '哪些房屋、车位的登记已更正').locator('.el-select').click()
  await c2.keyboard.type('202')
  await option(c2, '1-1-202').click()
  await c2.keyboard.press('Escape')
  await button(c2, '答复并公布').click()
  await c2.getByText('名册因此有第 3 版').waitFor()
  await c2.locator('.totals .mark.due', { hasText: '投票开始后' }).waitFor()
  await w.look(c2, '1-late-roll')

  // Counted; one objection makes a ballot void and the result is posted anew, the other is dismissed by the convener.
  await w.on(20)
  d = await w.desk('director')
  await until(async () => (await now(d)).state === 'closed', 'voting ended')
  await page(d)
  await confirm(d, '计票并公示初步结果')
  await d.getByText('还有 1 个封存的票箱没有登记开启').first().waitFor()
  // Two open the box: seals that differ are named, those recorded let its sheet in, typed by two.
  await page(d, 'sheets')
  const box2 = d.locator('[data-box="1号"]')
  await box2.getByText('待开箱').waitFor()
  await button(box2, '登记开箱').first().click()
  await d.locator('[name=seen]').fill('FZ-0011')
  await box2.getByText('封条与登记的不一致').waitFor()
  await witness(d, '和您一起开箱的人', owner1.name)
  await field(d, '箱内票数').locator('input').fill('1')
  assert.ok(await button(box2, '登记开箱').last().isDisabled(), 'what happened is to be said')
  await d.locator('[name=seen]').fill('FZ-0011、fz-0012')
  await button(box2, '登记开箱').last().click()
  await box2.getByText('封条相符').waitFor()
  await d.locator('input.scan').fill(sheet.code)
  await d.locator('input.scan').press('Enter')
  await d.locator('input[type=file][multiple]').setInputFiles([await photo(d, 'sheet.png', 40)])
  await button(d, '登记收回 1 张').click()
  await d.locator('.pile .mark.well').waitFor()
  await box2.getByText('已收回 1/1 张').waitFor()
  await w.look(d, '2-box')
  for (const name of ['community', 'secretary']) {
    const t = await w.desk(name)
    await t.goto(`/console/assemblies/${m.id}/typing`)
    await t.locator('input.scan').fill(sheet.code)
    await t.locator('input.scan').press('Enter')
    await t.locator('.desk .code', { hasText: sheet.code }).waitFor()
    await t.keyboard.press('1')
    await t.keyboard.press('Enter')
    await t.locator('.said', { hasText: sheet.code }).waitFor()
  }
  await page(d)
  await confirm(d, '计票并公示初步结果')
  const owner = await w.pocket()
  await object(owner, '2-1-301 的签名不是业主本人。')
  const judge = await w.desk('community')
  const answer = async (p, upheld, text) => {
    await page(p, 'result')
    await button(p, '答复').first().click()
    await p.locator('label.el-radio', { hasText: upheld ? '异议成立' : '异议不成立' }).first().click()
    await field(p, '书面答复').locator('textarea').fill(text)
  }
  await answer(judge, true, '经笔迹核对，该票作废。')
  await field(judge, '作废的票').locator('.el-select').click()
  await judge.keyboard.type('2-1-301')
  await option(judge, '2-1-301').click()
  await judge.keyboard.press('Escape')
  await button(judge, '答复并公布').click()
  await until(async () => (await w.get(judge, `/api/assemblies/${m.id}/result`)).ballots === 60, 'one ballot less')
  // The roll changed after opening: the result says how it would be on the roll as it was.
  await judge.getByText('第 2 版').first().waitFor()
  await object(owner, '我觉得统计不对。')
  await answer(d, false, '经核算，数字无误。')
  await button(d, '答复并公布').click()
  await d.locator('article.one .mark', { hasText: '不成立' }).waitFor()
  await w.look(d, '2-answered')

  // Final; and annulled by the street, which every page says.
  await w.on(40)
  d = await w.desk('director')
  await page(d)
  await confirm(d, '公布正式结果')
  await until(async () => (await now(d)).state === 'final', 'the result is final')
  const s = await w.desk('street')
  await page(s)
  await button(s, '撤销决定').click()
  await field(s, '依据的法律条款').locator('input').fill('民法典第二百七十八条')
  await field(s, '理由').locator('textarea').fill('改变架空层用途须按重大事项表决。')
  await button(s, '撤销决定').last().click()
  await until(async () => (await now(s)).state === 'annulled', 'the decision is annulled')
  await page(s, 'result')
  await s.locator('article.result .mark.over', { hasText: '已撤销' }).waitFor()
  await w.look(s, '3-annulled')
  const p = await w.pocket()
  for (const path of ['/p/votes/' + m.id, '/vote/' + m.id]) {
    await p.goto(path)
    await p.locator('article.result .mark.over', { hasText: '已撤销' }).waitFor()
  }
}
