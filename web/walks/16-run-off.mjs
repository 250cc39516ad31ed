import assert from 'node:assert/strict'
import { settled } from './pages.mjs'
import { cityRows, workbook } from './workbook.mjs'
import { until } from './walk.mjs'

export const name = "a tie is settled by a run-off: its draft, two scrutineers who swear, the city's workbook, the count, who is elected on desk, board and phone"

export async function walk(outer) {
  const w = await outer.house()
  const button = (p, text) => p.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const field = (p, label) => p.locator(`.field:has(.name:text-is("${label}"))`).last()
  const option = (p, text) => p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first()
  const confirm = async (p, text) => {
    await button(p, text).first().click()
    await button(p.locator('.el-message-box'), text).click()
    await p.locator('.el-message-box').waitFor({ state: 'hidden' })
  }
  let c = await w.desk('community')
  const finished = (await w.get(c, '/api/assemblies?limit=100')).items.find((m) => m.title === '业主委员会换届选举')
  const tied = await w.get(c, `/api/assemblies/${finished.id}/election`)
  const id = tied.run_offs[0]
  const zone = tied.result.zones.find((z) => z.run_off)
  const page = (p, tab = '') => p.goto('/console/assemblies/' + id + (tab ? '?tab=' + tab : ''))
  const state = async (p) => (await w.get(p, '/api/assemblies/' + id)).state

  // Its draft came by itself, with the days of then: the wizard takes the city's system in and finds lawful days from today.
  await c.goto(`/console/assemblies/${finished.id}?tab=election`)
  await c.getByRole('link', { name: '票数相同，另行投票的会议' }).click()
  await button(c, '修改草案').click()
  await button(c, '下一步').click()
  await c.getByText('候选人不在这里写').waitFor()
  await button(c, '下一步').click()
  await c.locator('label.el-checkbox', { hasText: '市级系统' }).click()
  await button(c, '下一步').click()
  await button(c, '排最早的合法日程').click()
  await c.locator('.mark.well', { hasText: '日程合法' }).waitFor()
  await button(c, '下一步').click()
  await button(c, '存草案，去划选区').click()
  await c.waitForURL(/tab=election$/)
  await confirm(c, '名册定稿并公示')
  await page(c, 'election')
  await button(c, '公布初步名单').waitFor()
  assert.deepEqual([await button(c, '提名').count(), await button(c, '重新划').count()], [0, 0], 'those of the tie and nobody else')
  await confirm(c, '公布初步名单')
  await page(c)
  await confirm(c, '发会议通知')
  await page(c, 'election')
  await confirm(c, '公布正式名单')
  await until(async () => (await w.get(c, '/api/assemblies/' + id)).matters.length === zone.run_off.candidates.length, 'those who were equal are the matters')
  await w.look(c, '0-listed')

  // Two scrutineers from outside, found in the register; somebody who convenes cannot be one.
  await page(c, 'team')
  await button(c, '指定人员').click()
  const add = async (account, role, phone = '') => {
    const who = await w.get(await w.desk(account), '/api/me')
    await field(c, '工作').locator('.el-select').click()
    await option(c, role).click()
    if (phone) {
      await c.locator('label.el-radio', { hasText: '按姓名和手机号' }).click()
      await c.locator('[name=name]').fill(who.name)
      await c.locator('[name=phone]').fill(phone)
    } else {
      await field(c, '人员').locator('.el-select').click()
      await c.keyboard.type(who.name)
      await option(c, who.name).click()
    }
    await button(c, '指定人员').last().click()
    return who.name
  }
  await add('secretary', '监票人')
  await c.getByText('召集或监督本次会议的人不能担任监票人').first().waitFor()
  for (const [account, phone] of [['auditor', '13800000006'], ['hotline', '13800000007']]) {
    const name = await add(account, '监票人', phone)
    await c.locator('tr', { hasText: name }).getByText('未宣誓').waitFor()
  }
  await c.getByText('0/2 名监票人已宣誓').waitFor()

  // The day has come and nobody swore: it does not open, also by hand, and says why.
  await w.on(17)
  c = await w.desk('community')
  await page(c)
  await confirm(c, '开始投票')
  await c.getByText('两名宣誓的监票人').first().waitFor()
  await w.look(c, '1-unsworn')
  for (const account of ['auditor', 'hotline']) {
    const s = await w.desk(account)
    await s.goto(`/console/assemblies/${id}/scrutiny`)
    await s.getByText('宣誓后、投票截止后可以下载').waitFor()
    assert.ok(await button(s, '宣誓').isDisabled(), 'first read, then sworn')
    await s.locator('.el-checkbox').click()
    await button(s, '宣誓').click()
    await s.locator('.mark.well', { hasText: '已宣誓' }).waitFor()
    if (account === 'auditor') await w.look(s, '2-sworn')
  }
  await page(c)
  if ((await state(c)) === 'noticed') await confirm(c, '开始投票')
  await until(async () => (await state(c)) === 'voting', 'voting is open')

  // A secret vote's workbook goes through a scrutineer's hands and no official's.
  const roll = (await w.get(c, `/api/assemblies/${id}/roll?limit=1000`)).items.filter((x) => !x.ended)
  const rows = roll.slice(0, 52).map((x, i) => [x.no, x.label, [i < 34 ? '同意' : '不同意', i < 21 ? '同意' : '不同意'], x.area])
  await page(c, 'city')
  await c.getByText('由宣誓的监票人在监票页导入').waitFor()
  const s = await w.desk('auditor')
  await s.goto(`/console/assemblies/${id}/scrutiny`)
  const take = (add) => s.locator('input[type=file]').setInputFiles({ name: '市级结果.xlsx', mimeType: 'application/octet-stream', buffer: workbook(cityRows([1, 2], rows, add)) })
  await take(1)
  await s.locator('.refused li', { hasText: '合计' }).first().waitFor()
  await take(0)
  await s.locator('.mark.well', { hasText: '收入 52 行' }).waitFor()
  await w.look(s, '3-taken')

  await w.on(28)
  c = await w.desk('community')
  await until(async () => (await state(c)) === 'closed', 'voting ended')
  await page(c)
  await confirm(c, '计票并公示初步结果')
  await until(async () => (await state(c)) === 'preliminary', 'the count hangs')
  await w.on(45)
  c = await w.desk('community')
  await page(c)
  await confirm(c, '公布正式结果')
  await until(async () => (await state(c)) === 'final', 'it is final')

  // Who is elected, with the figures, and nothing left to settle; the first election says that it was settled.
  const winner = (await w.get(c, `/api/assemblies/${id}/election`)).result
  const [z] = winner.zones
  assert.equal(winner.open, 0)
  assert.deepEqual([z.zone, z.elected.length, z.run_off ?? null], [zone.zone, zone.run_off.seats, null])
  await page(c, 'election')
  await c.locator('table.elected', { hasText: winner.names[z.elected[0]] }).getByText('34/52').first().waitFor()
  await w.look(c, '4-elected')
  await c.getByRole('link', { name: '本次会议为此前同票另行投票' }).click()
  await c.getByText('再次投票已有结果').waitFor()
  await w.look(c, '5-settled')
  const phone = await w.pocket('neighbour')
  for (const at of ['/vote/' + id, '/p/votes/' + id]) {
    await phone.goto(at)
    await settled(phone)
    await phone.locator('.outcome [data-zone]').first().getByText('34/52').first().waitFor()
    assert.ok((await phone.locator('.outcome').first().innerText()).includes(`当选 ${z.elected.length}/${z.elected.length} 席`), at)
  }
  await w.look(phone, '6-phone')
}
