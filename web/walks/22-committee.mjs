import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = 'a committee decision is signed on two phones; the minutes are posted, printed, and stand in the public log'

export async function walk(w) {
  const desk = await w.desk('director')
  const mine = (await w.get(desk, '/api/me/committees')).items.find((m) => m.directs)
  assert.ok(mine, 'the director has a committee')
  const open = (await w.get(desk, `/api/committees/${mine.org}/meetings`)).items.find((m) => m.state === 'held')
  assert.ok(open, 'the demo has a meeting whose minutes are due')

  // The desk says who is missing, and posts no minutes before the decision is made.
  await desk.goto(`/console/committees/${mine.org}?part=meetings`)
  const box = desk.locator(`[data-meeting="${open.id}"]`)
  await box.getByText('签字 3/9').waitFor()
  await box.getByText('还差 2 人过半数').waitFor()
  await box.getByRole('button', { name: '按决定起草' }).click()
  assert.ok(await box.getByRole('button', { name: '公布纪要' }).isDisabled(), 'an open decision holds the minutes back')

  // The director signs on the own phone, another member on another.
  const first = await w.pocket('director')
  const second = await w.page('phone')
  await second.goto('/p/sign-in')
  await second.locator('[name=phone]').fill('13800000003')
  await second.locator('.van-checkbox').click()
  await second.locator('button:has-text("发验证码")').click()
  await second.locator('[name=code]').fill('246810')
  await second.locator('button[type=submit]').click()
  await second.waitForURL('**/p/')
  for (const p of [first, second]) {
    await p.goto('/p/committee')
    const card = p.locator('.sheet', { hasText: '本月例会' })
    await card.getByText('水泵房做防水').waitFor() // the text stands above the signature
    await card.getByRole('button', { name: '同意并签字' }).click()
    await card.getByText('您签了').waitFor()
  }
  await second.locator('.sheet', { hasText: '本月例会' }).getByText('已作出').waitFor()

  // The desk hears of it by itself; the minutes go out, once.
  await box.getByText('签字 5/9').waitFor()
  await box.getByRole('button', { name: '按决定起草' }).click()
  assert.match(await box.locator('textarea').inputValue(), /水泵房做防水.*已作出 5\/9/)
  await box.locator('textarea').fill('水泵房做防水，过半数委员签字通过。（走查）')
  await box.getByRole('button', { name: '公布纪要' }).click()
  await until(async () => (await w.get(desk, '/api/committee-meetings/' + open.id)).state === 'minuted', 'minutes are posted')
  const kept = await w.get(desk, '/api/committee-meetings/' + open.id)
  assert.ok(kept.deadlines.every((d) => !d.late), 'within the three days')

  // Every paper of the committee on one page, and on paper.
  await desk.goto(`/console/committees/${mine.org}?part=papers&kind=minutes`)
  await desk.getByRole('button', { name: /委员会会议纪要：本月例会/ }).click()
  await desk.getByRole('link', { name: '打印' }).first().click()
  await desk.waitForURL(`**/committees/${mine.org}/papers/*`)
  await desk.getByText('水泵房做防水').first().waitFor()
  const printed = await desk.locator('article').innerText()
  assert.match(printed, /SHA-256 [0-9a-f]{64}/)

  // And its record in the public log names nobody.
  const stranger = await w.page('desk')
  const record = await until(async () => (await w.get(stranger, '/api/public/log/records?kind=committee.minutes&limit=500')).items.find((r) => JSON.stringify(r).includes(printed.match(/SHA-256 ([0-9a-f]{64})/)[1])), 'the minutes stand in the public log', 40_000)
  assert.ok(!/示例）|1\d{10}/.test(JSON.stringify(record)), 'no name in the public record')
}
