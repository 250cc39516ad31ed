import assert from 'node:assert/strict'

export const name = 'the keyboard alone: sign in, find, walk, act, close'

export async function walk(w) {
  const m = await w.matter('键盘走廊：3幢消防门关不上，请人来看看。')
  const p = await w.page('desk')
  const keys = p.keyboard
  await p.goto('/console/')
  await p.locator('input[name=name]').waitFor()
  await p.waitForFunction(() => document.activeElement?.getAttribute('name') === 'name')
  await keys.type('street')
  await keys.press('Tab')
  await keys.type('lamp-bridge-harbour')
  await keys.press('Enter')
  await p.waitForURL('**/console/today')
  await p.locator('.rail').waitFor()
  // g c goes to the matters, / to the search.
  await keys.press('g')
  await keys.press('c')
  await p.waitForURL('**/console/cases**')
  await p.locator('tbody tr').nth(3).waitFor()
  await keys.press('j')
  await keys.press('j')
  await keys.press('k')
  assert.equal(await p.locator('tbody tr').evaluateAll((rows) => rows.findIndex((r) => r.classList.contains('active'))), 0)
  await keys.press('/')
  await keys.type('键盘走廊')
  await p.waitForURL('**q=**')
  await p.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
  await keys.press('Escape')
  await keys.press('j')
  await keys.press('Enter')
  await p.locator('.side .words').waitFor()
  assert.ok(p.url().includes('open=' + m.id), 'what is open lives in the address')
  // Tab to the first deed and dispatch it.
  const seen = []
  for (let i = 0; i < 40; i++) {
    await keys.press('Tab')
    const at = await p.evaluate(() => {
      const e = document.activeElement
      const r = e?.getBoundingClientRect()
      return { text: e?.textContent?.trim().slice(0, 12), ring: getComputedStyle(e).boxShadow !== 'none' || getComputedStyle(e).outlineStyle !== 'none', shown: Boolean(r?.width) }
    })
    seen.push(at.text)
    if (at.text === '派单') {
      assert.ok(at.ring && at.shown, 'the focus is seen')
      break
    }
  }
  assert.equal(seen.at(-1), '派单', 'Tab reaches the deed: ' + seen.join(' | '))
  await keys.press('Enter')
  await p.locator('form.deed').waitFor()
  await p.waitForFunction(() => document.activeElement?.closest('form.deed')) // the form takes the cursor
  await keys.press('Control+Enter')
  await p.locator('.side .mark', { hasText: '已派单' }).first().waitFor()
  await keys.press('Escape')
  await p.locator('.side').waitFor({ state: 'detached' })
  await keys.press('?')
  await p.locator('.el-dialog:visible').waitFor()
  await keys.press('Escape')
  await p.locator('.el-dialog:visible').waitFor({ state: 'detached' })
}
