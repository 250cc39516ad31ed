import assert from 'node:assert/strict'
import { COMPOUND } from './walk.mjs'

export const name = 'the hotline types while talking, prints a receipt, and the caller asks by number'

export async function walk(w) {
  const h = await w.desk('hotline')
  await h.goto('/console/hotline')
  // The first field has the cursor; everything is reached by Tab.
  const phone = h.locator('.hot input').first()
  await phone.waitFor()
  await h.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
  await h.keyboard.type('0595-22001133')
  await h.keyboard.press('Tab')
  await h.keyboard.type('林阿婆')
  await h.keyboard.press('Tab')
  await h.keyboard.type('电梯困住了人，按铃没人应，我电话 13912345678')
  await h.locator('aside [role=alert]').waitFor() // urgent, said while typing
  await h.getByText('建议类别').waitFor()
  // What was typed survives a reload.
  await h.reload()
  assert.match(await h.locator('textarea[name=text]').inputValue(), /电梯困住了人/)
  await h.locator('textarea[name=text]').focus()
  await h.keyboard.press('Tab')
  await h.keyboard.type(COMPOUND)
  await h.locator('.el-select-dropdown__item', { hasText: COMPOUND }).first().waitFor()
  await h.keyboard.press('ArrowDown')
  await h.keyboard.press('Enter')
  await h.locator('[name=spot]').fill('1幢 1 单元电梯')
  await h.keyboard.press('Control+Enter')
  const number = (await h.locator('.got .number').textContent()).trim()
  assert.match(number, /^\d{9}$/)
  const link = await h.getByRole('link', { name: '回执' }).getAttribute('href')
  const m = await w.get(h, '/api/cases/' + link.split('/').at(-2))
  assert.equal(m.urgency, 'urgent')
  assert.equal(m.compound_name, COMPOUND)
  assert.ok(!m.text.includes('13912345678'), 'the number in the words is masked')

  // The receipt, as it comes out on paper.
  await h.goto(link)
  await h.getByText(number).first().waitFor()
  await h.emulateMedia({ media: 'print' })
  assert.ok(!(await h.locator('body').textContent()).includes('22001133'), 'no telephone number on the receipt')
  assert.equal(await h.locator('button:visible').count(), 0, 'no buttons on paper')
  const pdf = await h.pdf({ format: 'A4' })
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length, 1, 'one page')

  // The caller asks without signing in: number and last four.
  const p = await w.page('phone')
  await p.goto('/p/ask')
  await p.locator('[name=number]').fill(number)
  await p.locator('[name=last4]').fill('1134')
  await p.locator('button[type=submit]').click()
  await p.locator('[role=alert]').first().waitFor()
  await p.locator('[name=last4]').fill('1133')
  await p.locator('button[type=submit]').click()
  await p.locator('section .mark').waitFor()
  const said = await p.locator('section.sheet').textContent()
  assert.ok(said.includes(number) && !said.includes('林'), 'the public timeline names nobody')
}
