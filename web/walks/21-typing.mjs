import assert from 'node:assert/strict'
import { photo } from './walk.mjs'

export const name = 'paper ballots: printed, taken back by code and picture, typed by two, a difference settled by a third'

export async function walk(w) {
  const d = await w.desk('director')
  const button = (text, at) => at.locator('button', { hasText: new RegExp(`^\\s*${text}`) })
  const m = (await w.get(d, '/api/assemblies?state=voting')).items.find((x) => !x.secret && x.channels.includes('paper'))

  // One sheet each for two rights that have voted already: the sheets take no part in how far the vote has come.
  await d.goto(`/console/assemblies/${m.id}?tab=sheets`)
  await button('印制纸质票', d).click()
  const codes = []
  for (const no of ['2', '3']) {
    await d.goto(`/console/assemblies/${m.id}/sheets`)
    const pick = d.locator('.make .el-select input')
    await pick.click()
    await pick.fill(no)
    await d.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: new RegExp(`^${no} · `) }).click()
    await button('只印这一张', d).click()
    await d.locator('section.one .stub').waitFor()
    codes.push((await d.locator('.stub .code').innerText()).trim())
    await d.locator('section.one .qr svg').waitFor()
  }

  // A third typist beside the two of the demo.
  const c = await w.desk('community')
  const third = await w.desk('street')
  const person = (await w.get(third, '/api/me')).person
  await w.post(c, `/api/assemblies/${m.id}/team`, { person, role: 'typist' })

  // Back they come: codes by the scanner, then the pictures in the same order.
  await c.goto(`/console/assemblies/${m.id}?tab=sheets`)
  const scan = c.locator('input.scan')
  await scan.fill('S:' + codes[0])
  await scan.press('Enter')
  await scan.fill(codes[1].toLowerCase())
  await scan.press('Enter')
  await c.locator('.pile li').nth(1).waitFor()
  await c.locator('input[type=file][multiple]').setInputFiles([await photo(c, 'a.png', 10), await photo(c, 'b.png', 120)])
  await button('登记收回 2 张', c).click()
  await c.locator('.pile .mark.well').nth(1).waitFor()

  // Keys alone: code, Enter, a number for each matter, Enter.
  const type = async (p, code, key) => {
    await p.goto(`/console/assemblies/${m.id}/typing`)
    const field = p.locator('input.scan')
    await field.fill(code)
    await field.press('Enter')
    await p.locator('.desk .code', { hasText: code }).waitFor()
    await p.locator('.desk img').waitFor()
    for (let i = 0; i < m.matters_n; i++) await p.keyboard.press(key)
    await p.keyboard.press('Enter')
    return p.locator('.said', { hasText: code }).innerText()
  }
  m.matters_n = (await w.get(d, '/api/assemblies/' + m.id)).matters.length
  assert.match(await type(c, codes[0], '1'), /等另一人/)
  assert.match(await type(c, codes[1], '1'), /等另一人/)
  // The same person does not type it twice, and the other sees nothing of what was typed.
  const field = c.locator('input.scan')
  await field.fill(codes[0])
  await field.press('Enter')
  await c.locator('.said', { hasText: '您已经录过' }).waitFor()
  const s = await w.desk('secretary')
  const blind = await w.get(s, `/api/assemblies/${m.id}/sheets/${codes[0]}`)
  assert.equal(blind.entries, 1)
  assert.ok(!JSON.stringify(blind).includes('agree'), 'blind to the other typist')
  assert.match(await type(s, codes[0], '1'), /已计入/)
  assert.match(await type(s, codes[1], '2'), /不一致/)

  // The third looks at the sheet and settles it.
  await third.goto(`/console/assemblies/${m.id}/typing`)
  await third.locator('.lists section').nth(1).locator('button', { hasText: codes[1] }).click()
  await third.locator('.mark.over').waitFor()
  await third.keyboard.press('1')
  await third.keyboard.press('Enter')
  await third.locator('.said', { hasText: '已计入' }).waitFor()
  const all = (await w.get(d, `/api/assemblies/${m.id}/sheets?state=settled`)).items.map((x) => x.code)
  for (const code of codes) assert.ok(all.includes(code), code)
}
