import assert from 'node:assert/strict'

export const name = 'an overdue duty, its yellow card and the appeal'

export async function walk(w) {
  // The demo holds matters nobody handled in time; the ladder gave cards for them.
  const s = await w.desk('street')
  await s.goto('/console/overdue')
  await s.locator('section').first().locator('tbody tr').first().waitFor()
  for (const by of ['按岗位', '按地方', '按人']) {
    await s.locator('.el-radio-button', { hasText: by }).click()
    await s.locator('section').first().locator('th').first().filter({ hasText: by }).waitFor()
    await s.locator('section').first().locator('tbody tr').first().waitFor()
  }
  const overdue = await w.get(s, '/api/overdue?by=person')
  assert.ok(overdue.items[0].overdue > 0 && overdue.items.every((r) => r.overdue <= r.open))

  // The one who got the card appeals.
  const m = await w.desk('manager')
  await m.goto('/console/overdue')
  const row = m.locator('tr', { has: m.locator('.mark', { hasText: '黄牌' }) }).filter({ has: m.getByRole('button', { name: '申诉' }) }).first()
  await row.waitFor()
  await row.getByRole('button', { name: '申诉' }).click()
  await m.locator('.el-message-box textarea').fill('那天停电抢修，已向社区说明。')
  await m.locator('.el-message-box__btns button.el-button--primary').click()
  await m.getByText('那天停电抢修').first().waitFor()
  await m.getByText('申诉中').first().waitFor()

  // The street reads it and decides.
  await s.reload()
  const asked = s.locator('tr', { hasText: '那天停电抢修' }).first()
  await asked.waitFor()
  await asked.getByRole('button', { name: '裁定' }).click()
  await s.locator('.el-dialog:visible textarea').fill('停电属实，撤回。')
  await s.locator('.el-dialog:visible button', { hasText: '撤牌' }).click()
  await s.locator('tr', { hasText: '那天停电抢修' }).getByText('已撤回').waitFor()
  const cards = await w.get(m, '/api/cards')
  assert.ok(cards.items.some((c) => c.appeal.includes('停电') && c.state === 'withdrawn' && c.answer.includes('停电属实')))
}
