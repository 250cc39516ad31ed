import assert from 'node:assert/strict'

export const name = 'live: what one browser does appears in the other'

export async function walk(w) {
  const street = await w.desk('street')
  const community = await w.desk('community')
  await street.goto('/console/cases?q=' + encodeURIComponent('两台电脑'))
  await community.goto('/console/cases?q=' + encodeURIComponent('两台电脑'))
  await street.getByText('没有符合条件的').waitFor()
  await community.getByText('没有符合条件的').waitFor()
  const loads = { street: 0, community: 0 }
  street.on('load', () => loads.street++)
  community.on('load', () => loads.community++)
  const m = await w.matter('两台电脑同时看：1幢门禁坏了。')
  const row = (p) => p.locator('tbody tr', { hasText: m.number })
  await row(street).waitFor()
  await row(community).waitFor()
  // The community dispatches; the street sees it change.
  await row(community).click()
  await community.locator('.deeds button', { hasText: '派单' }).click()
  await community.locator('form.deed button[type=submit]').click()
  await row(street).locator('.mark', { hasText: '已派单' }).waitFor()
  // And the manager's day holds the duty that came of it.
  const manager = await w.desk('manager')
  await manager.goto('/console/today')
  await manager.locator('li', { hasText: m.number }).first().waitFor()
  assert.deepEqual(loads, { street: 0, community: 0 }, 'nothing was reloaded')
}
