import assert from 'node:assert/strict'
import { COMPOUND } from './walk.mjs'

export const name = 'a convener: from the draft through the wizard, an unlawful date refused, to the posted roll'

export async function walk(w) {
  const p = await w.desk('director')
  const button = (text, at = p) => at.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const field = (label, at = p) => at.locator(`.field:has(.name:text-is("${label}"))`).last()
  const option = (text) => p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first()
  const title = '绿化改造表决 ' + (Date.now() % 1_000_000)

  await p.goto('/console/assemblies')
  await button('召集会议').click()
  await p.locator('h1', { hasText: '召集会议' }).waitFor()
  assert.ok(await button('下一步').isDisabled(), 'no way on without a name')
  await field('会议名称').locator('input').fill(title)
  await button('下一步').click()

  // The law gives the rule of a matter.
  assert.ok(await button('下一步').isDisabled(), 'no way on without a matter')
  await button('增加议题').click()
  const matter = p.locator('form.matter')
  await field('决定什么', matter).locator('.el-select').click()
  await option('改变共有部分用途').click()
  await matter.getByText('双四分之三').waitFor()
  await field('决定什么', matter).locator('.el-select').click()
  await option('其他重大事项').click()
  await matter.getByText('双过半').waitFor()
  await field('议题名称', matter).locator('input').fill('改造中心绿地')
  await field('要决定的内容', matter).locator('textarea').fill('补种乔木，增设长椅，费用由公共收益列支。（示例）')
  await button('加入').click()
  await button('下一步').click()

  // Open or secret, and what it means.
  await p.locator('label.el-radio', { hasText: '无记名' }).click()
  await p.getByText('两名小区外').waitFor()
  await p.locator('label.el-radio', { hasText: '记名公开' }).click()
  await p.getByText('每套房怎么投').waitFor()
  await button('下一步').click()

  // Dates proposed with their reasons; an own one against the law is named, and there is no way on.
  await p.locator('.mark.well', { hasText: '日程合法' }).waitFor()
  assert.match(await p.locator('tr[data-day=opens_on]').innerText(), /R09/)
  assert.ok(!(await button('下一步').isDisabled()))
  const opens = p.locator('tr[data-day=opens_on] input[type=date]')
  const lawful = await opens.inputValue()
  const notice = await p.locator('tr[data-day=notice_on] input[type=date]').inputValue()
  await opens.fill(notice)
  await opens.blur()
  const bad = p.locator('tr[data-day=opens_on] [role=alert]')
  await bad.first().waitFor()
  assert.match(await bad.first().innerText(), /R\d\d/)
  assert.ok(await button('下一步').isDisabled(), 'an unlawful timetable goes nowhere')
  assert.ok(await button('存为草案').isDisabled(), 'nor is it kept')
  assert.ok(await p.locator('.steps button').nth(4).isDisabled())
  await button('改成 .*', p.locator('tr[data-day=opens_on]')).click()
  await p.locator('.mark.well', { hasText: '日程合法' }).waitFor()
  assert.equal(await opens.inputValue(), lawful, 'the earliest lawful day')
  await button('下一步').click()

  // The whole, and then the roll is posted.
  const look = p.locator('section.look')
  for (const s of [title, '业主委员会', '记名公开', '改造中心绿地', '双过半']) await look.getByText(s).first().waitFor()
  await button('名册定稿并公示').click()
  await button('名册定稿并公示', p.locator('.el-message-box')).click()
  await p.waitForURL(/\/assemblies\/\w+\?tab=roll$/)
  await p.locator('h1', { hasText: title }).waitFor()
  await p.locator('.mark', { hasText: '名册公示' }).first().waitFor()
  const id = new URL(p.url()).pathname.split('/').pop()
  const m = await w.get(p, '/api/assemblies/' + id)
  assert.equal(m.state, 'posted')
  assert.equal(m.matters.length, 1)
  await p.locator('.totals', { hasText: String(m.roll.heads) }).waitFor()
  await p.locator('tbody tr', { hasText: '1-1-101' }).first().waitFor()
  assert.equal(await button('修改草案').count(), 0, 'only what may be done now')
  await button('发会议通知').waitFor()

  // The roll as it hangs on the board, large.
  await p.goto(`/console/assemblies/${id}/papers/roll?size=A3`)
  await p.locator('.frame.A3 h1', { hasText: '名册' }).waitFor()
  await p.locator('article', { hasText: COMPOUND }).waitFor()

  // Cancelled with a reason, so that other walks find the house as it was.
  await p.goto('/console/assemblies/' + id)
  await button('取消会议').click()
  await p.locator('.el-message-box textarea').fill('示例结束')
  await button('取消会议', p.locator('.el-message-box')).click()
  await p.locator('.mark', { hasText: '取消' }).first().waitFor()
}
