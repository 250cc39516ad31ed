import assert from 'node:assert/strict'
import { COMPOUND, photo, until } from './walk.mjs'

export const name = 'a matter from the first word to the call-back, and the indicator moves'

export async function walk(w) {
  // Where the street stands before.
  const boss = await w.desk('leader')
  const figure = async (id) => {
    const f = (await w.get(boss, '/api/standing/' + id)).figure
    return { n: f.n, d: f.d }
  }
  await boss.goto('/console/standing/on_time')
  const shown = () => boss.locator('.figure .value .quiet').first().textContent()
  await boss.locator('.figure .value').first().waitFor()
  const before = { onTime: await figure('on_time'), calls: await figure('followed_up'), satisfied: await figure('satisfaction'), all: await figure('cases_month') }
  assert.equal(await shown(), `${before.onTime.n}/${before.onTime.d}`)

  // A resident, signed in with a phone code, reports, one question a screen.
  const p = await w.pocket()
  await p.goto('/p/')
  await p.locator('a.go.main').click()
  await p.locator('textarea[name=text]').fill('3幢二楼的路灯坏了两盏，晚上老人下楼看不见台阶。')
  const next = p.locator('button.next')
  await next.click()
  await p.locator('[name=compound]').fill(COMPOUND.slice(0, 2))
  await p.locator('.found button', { hasText: COMPOUND }).first().click()
  await p.locator('[name=spot]').fill('3幢 2 楼楼道')
  await next.click()
  await p.locator('.evidence input[type=file]').first().setInputFiles([await photo(p, 'dark.png', 10), await photo(p, 'stairs.png', 200)])
  await p.locator('.evidence figure').nth(1).waitFor()
  await next.click()
  await next.click()
  await p.getByText('看起来是').waitFor()
  await p.locator('.van-radio', { hasText: '公共照明' }).click()
  await next.click()
  await p.waitForURL('**/p/sent?**')
  const number = (await p.locator('.number').textContent()).trim()
  assert.match(number, /^\d{9}$/)
  await p.getByRole('link', { name: '看进度' }).or(p.getByRole('button', { name: '看进度' })).click()
  await p.waitForURL('**/p/matters/**')
  const id = p.url().split('/').pop()
  await p.getByText('街道正在派单').waitFor()
  assert.equal(await p.locator('.sheet img').count(), 2, 'both photographs are on the page')

  // The street finds it by its number and dispatches.
  const street = await w.desk('street')
  await street.goto('/console/cases?q=' + number)
  await street.locator('tbody tr').first().click()
  await street.locator('.deeds button', { hasText: '派单' }).click()
  await street.locator('form.deed button[type=submit]').click()
  await street.locator('.side .mark', { hasText: '已派单' }).first().waitFor()

  // The property manager takes it on the phone and handles it with photographs.
  const m = await w.pocket('manager')
  await m.goto('/p/matters/' + id)
  await m.getByRole('button', { name: '接单' }).click()
  await m.getByRole('button', { name: '办好了' }).click()
  await m.locator('[name=note]').fill('换了两盏声控灯，试过三遍都亮。')
  const files = m.locator('.evidence input[type=file]')
  await files.nth(0).setInputFiles(await photo(m, 'before.png', 30))
  await files.nth(1).setInputFiles(await photo(m, 'after.png', 120))
  await m.locator('.evidence figure').nth(1).waitFor()
  await m.getByRole('button', { name: '提交' }).click()
  await m.getByText('等另一个人去核实').waitFor()

  // The community verifies at the desk; the one who handled it is not offered that.
  assert.equal(await m.getByRole('button', { name: '核实' }).count(), 0)
  const c = await w.desk('community')
  await c.goto('/console/cases/' + id)
  await c.locator('.deeds button', { hasText: '核实' }).click()
  await c.locator('form.deed textarea').fill('到现场看过，两盏都亮。')
  await c.locator('form.deed button[type=submit]').click()
  await c.locator('.mark.well', { hasText: '按时' }).first().waitFor()

  // The resident sees it without a reload and says it is good.
  await p.getByRole('button', { name: '满意', exact: true }).click()
  await p.getByText('您确认过了').waitFor()

  // Somebody else calls back.
  const h = await w.desk('hotline')
  await h.goto('/console/cases/' + id)
  await h.locator('.deeds button', { hasText: '回访' }).click()
  await h.locator('form.deed .el-radio', { hasText: /^满意$/ }).click()
  await h.locator('form.deed textarea').fill('老人家说现在亮堂了。')
  await h.locator('form.deed button[type=submit]').click()
  await h.locator('.row > .mark', { hasText: '已办结' }).first().waitFor()
  const steps = await h.locator('.timeline, ol').last().textContent()
  for (const step of ['派单', '接单', '办理', '核实', '回访']) assert.ok(steps.includes(step), `the timeline tells of ${step}`)

  // Where the street stands now.
  const after = { onTime: await figure('on_time'), calls: await figure('followed_up'), satisfied: await figure('satisfaction'), all: await figure('cases_month') }
  const one = (x) => ({ n: x.n + 1, d: x.d + 1 })
  assert.deepEqual(after.onTime, one(before.onTime))
  assert.deepEqual(after.calls, one(before.calls))
  assert.deepEqual(after.satisfied, one(before.satisfied))
  assert.ok(after.all.n > before.all.n)
  await boss.reload()
  await until(async () => (await shown()) === `${after.onTime.n}/${after.onTime.d}`, 'the page shows the new figure')
  // The matter is in the list behind it.
  await boss.getByText(number).first().waitFor()
}
