import assert from 'node:assert/strict'
import { COMPOUND, until } from './walk.mjs'

export const name = 'an owner votes in elder mode in five taps or fewer, also without a signal, and checks the receipt in three'

export async function walk(w) {
  const p = await w.pocket()
  await p.goto('/p/')
  await p.getByRole('button', { name: '长辈版' }).click()
  await p.locator('html.elder').waitFor()
  let taps = 0
  const tap = async (l) => {
    await l.waitFor()
    await l.click()
    taps++
  }
  // From the home page to the notice, and on to a cast ballot: one matter.
  await tap(p.locator('a.card.vote').first())
  await p.waitForURL('**/p/votes/*')
  const meeting = p.url().split('/').pop()
  await p.getByText('怎样算通过').waitFor()
  assert.match(await p.locator('.meeting').innerText(), /公开表决|无记名表决/, 'open or secret is said')
  assert.match(await p.locator('.right').first().innerText(), /m²/, 'my area is said')
  const atNotice = taps
  await tap(p.getByRole('button', { name: '去投票' }))
  for (const name of ['同意', '不同意', '弃权']) await p.getByRole('button', { name: new RegExp('^' + name) }).waitFor()
  // Every answer lies on the first screen of a phone.
  const low = await p.locator('.choice.abstain').evaluate((e) => e.getBoundingClientRect().bottom)
  assert.ok(low <= 740, `the last answer ends at ${low} px`)
  await tap(p.locator('.choice.agree'))
  await p.getByText('再看一遍').waitFor()
  // The signal goes before it is cast: the signed ballot stays on the phone and goes out by itself.
  await p.context().setOffline(true)
  await tap(p.locator('.cast'))
  await p.getByText('票已签好留在本机').waitFor()
  assert.ok(taps - atNotice <= 5, `${taps - atNotice} taps from the notice`)
  await p.context().setOffline(false)
  await p.evaluate(() => window.dispatchEvent(new Event('online')))
  await p.locator('.verdict.well').waitFor({ timeout: 70_000 })
  const word = p.url().split('/').pop().split('?')[0]
  assert.match(word, /^[0-9a-f]{64}$/)
  // The server took it once, and holds no salt.
  const mine = (await w.get(p, '/api/me/receipts')).items.filter((r) => r.meeting === meeting)
  assert.deepEqual(mine.map((r) => [r.commitment, r.salt]), [[word, '']])

  // Three taps: my ballot is in and unchanged.
  await p.goto('/p/')
  taps = 0
  await tap(p.locator('a.go', { hasText: '小区投票' }))
  await tap(p.getByText('我的回执'))
  await tap(p.locator(`a[href$="${word}"]`))
  await p.locator('.verdict.well').waitFor()
  assert.ok(taps <= 3, `${taps} taps to the receipt`)
  for (const c of ['signature', 'record', 'in_log', 'choices']) await p.locator(`li.good[data-check=${c}]`).waitFor()
  assert.equal(await p.locator('li.bad').count(), 0)
  await p.getByRole('button', { name: '存成图片' }).click()
  await p.locator('figure img').waitFor()
  // What the code leads to says neither whose it is nor what it says.
  const stranger = await w.page('phone')
  await stranger.goto('/r/' + word)
  await stranger.locator('.verdict.well').waitFor()
  const shown = await stranger.locator('main').innerText()
  assert.ok(!/同意|1-1-101|1幢/.test(shown), shown)

  // The choices are on this phone alone: another phone of the same owner sees the receipt without them.
  // It is WeChat's browser, where nothing can be downloaded.
  const other = await w.pocket('resident', { userAgent: 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.47.2560(0x28002F30) Language/zh_CN', serviceWorkers: 'block' })
  await other.goto('/p/receipts/' + word)
  await other.locator('li.note[data-check=choices]').waitFor()
  await other.locator('li.good[data-check=in_log]').waitFor()
  assert.equal(await other.getByRole('button', { name: '存成文件' }).count(), 0)
  assert.ok(await other.getByRole('button', { name: '存成图片' }).count())

  // The last ballot counts: the owner may vote again, and the earlier receipt still stands in the log.
  await p.goto('/p/votes/' + meeting)
  await p.getByText('已投票').first().waitFor()
  await p.getByRole('button', { name: '改投' }).click()
  await p.locator('.choice.against').click()
  await p.locator('.cast').click()
  await p.locator('.verdict.well').waitFor({ timeout: 70_000 })
  await until(async () => (await w.get(p, '/api/me/receipts')).items.filter((r) => r.meeting === meeting).length === 2, 'two receipts')
  const two = (await w.get(p, '/api/me/receipts')).items.filter((r) => r.meeting === meeting)
  assert.deepEqual(two.map((r) => [r.commitment === word, r.counts]).sort(), [[false, true], [true, false]])

  // An owner of no home of this compound has no ballot; the page of the compound shows the meeting to everybody.
  const board = await w.page('desk')
  await board.goto('/b/' + (await w.compound(board)).id)
  await board.getByRole('link', { name: '使用维修资金更换水泵' }).click()
  await board.locator('h1', { hasText: '使用维修资金更换水泵' }).waitFor()
  const roll = await board.locator('#roll').innerText()
  assert.ok(/72/.test(roll) && !/示例业主|先生|女士|1\d{10}/.test(roll), 'the roll names nobody')
  assert.ok(COMPOUND)
}
