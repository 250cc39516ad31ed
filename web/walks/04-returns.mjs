import assert from 'node:assert/strict'

export const name = 'a return, and the second return goes to the street'

export async function walk(w) {
  const m = await w.matter('小区门口的市政路灯不亮，晚上很黑。')
  const dispatch = async (who) => {
    const s = await w.desk(who)
    await s.goto('/console/cases/' + m.id)
    await s.locator('.deeds button', { hasText: '派单' }).click()
    await s.locator('form.deed button[type=submit]').click()
    await s.locator('.row > .mark', { hasText: '已派单' }).first().waitFor()
    return s
  }
  const back = async (p, words) => {
    await p.locator('.deeds button', { hasText: '退单' }).or(p.locator('.deeds .el-dropdown button')).first().click()
    if (!(await p.locator('form.deed').count())) await p.locator('.el-dropdown-menu__item:visible', { hasText: '退单' }).click()
    await p.locator('form.deed .el-radio', { hasText: '不属本单位职责' }).click()
    assert.ok(await p.locator('form.deed button[type=submit]').isDisabled(), 'no return without words')
    await p.locator('form.deed textarea').fill(words)
    await p.locator('form.deed button[type=submit]').click()
    await p.locator('.row > .mark', { hasText: '已退单' }).first().waitFor()
  }
  await dispatch('community')
  const k = await w.desk('manager')
  await k.goto('/console/cases/' + m.id)
  await back(k, '路灯在红线外，不归物业。')
  assert.equal((await w.get(k, '/api/cases/' + m.id)).returned, 1)

  // The community sends it out once more, and it comes back again.
  const c = await dispatch('community')
  await k.reload()
  await back(k, '查过图纸，是市政的灯。')
  // Now only the street decides.
  const mayOf = async (p) => (await w.get(p, '/api/cases/' + m.id)).may
  assert.ok(!(await mayOf(c)).includes('dispatch'), 'the community may not send it out a third time')
  await c.reload()
  await c.locator('.words').waitFor()
  assert.equal(await c.locator('.deeds button', { hasText: '派单' }).count(), 0)
  const street = await w.desk('street')
  assert.ok((await mayOf(street)).includes('dispatch'))
  const s = await dispatch('street')
  const steps = await s.locator('body').textContent()
  assert.ok(steps.includes('路灯在红线外') && steps.includes('查过图纸'), 'both reasons are told')
  // Whoever reported it reads where it is, in plain words.
  const r = await w.pocket()
  await r.goto('/p/matters/' + m.id)
  await r.getByText('等承办单位接单').first().waitFor()
}
