import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = 'a sweeper goes from door to door without a signal; visits come in once, and a conflict is said'

export async function walk(w) {
  const p = await w.pocket('grid')
  await p.goto('/p/votes')
  await p.locator('a[href*="/sweep/"]').first().click()
  await p.waitForURL('**/p/sweep/*')
  const id = p.url().split('/').pop()
  await p.locator('.cell').first().waitFor()
  assert.match(await p.locator('.gap').innerText(), /\d+\/\d+[\s\S]*还差|够了/)
  const before = await w.get(p, `/api/assemblies/${id}/sweep/totals`)
  const open = p.locator('.cell:not(.well)')
  const doors = await open.evaluateAll((l) => l.map((e) => e.getAttribute('aria-label')))
  assert.ok(doors.length > 3, 'some have not voted')

  // The signal goes; the page stays, and two doors are visited.
  await p.context().setOffline(true)
  const at = (n) => p.locator(`.cell[aria-label="${doors[n]}"]`)
  await at(0).click()
  await p.getByRole('button', { name: '不愿投' }).click()
  await p.getByRole('button', { name: '物业费纠纷' }).click()
  await p.locator('[name=note]').fill('说先修好门禁再谈。')
  await p.getByRole('button', { name: '保存' }).click()
  await p.locator('.visit').waitFor({ state: 'detached' })
  await at(1).click()
  await p.getByRole('button', { name: '已投票', exact: true }).click()
  await p.getByRole('button', { name: '同意', exact: true }).click()
  const save = p.getByRole('button', { name: '保存' })
  assert.ok(await save.isDisabled(), 'no ballot without a signature')
  const pad = await p.locator('canvas').boundingBox()
  await p.mouse.move(pad.x + 30, pad.y + 90)
  await p.mouse.down()
  for (let i = 1; i < 12; i++) await p.mouse.move(pad.x + 30 + i * 18, pad.y + 90 + (i % 2 ? -30 : 30))
  await p.mouse.up()
  await until(() => save.isEnabled(), 'the signature is there')
  await save.click()
  await p.getByText('2 户还在手机里没发出').waitFor()
  assert.equal((await w.get(await w.desk('secretary'), `/api/assemblies/${id}/sweep/totals`)).voted, before.voted)

  // A reload without the server would lose nothing; with the signal both come in, once.
  await p.context().setOffline(false)
  await p.evaluate(() => window.dispatchEvent(new Event('online')))
  await p.getByText('户还在手机里没发出').waitFor({ state: 'detached', timeout: 40_000 })
  const after = await until(async () => {
    const t = await w.get(p, `/api/assemblies/${id}/sweep/totals`)
    return t.voted === before.voted + 1 ? t : null
  }, 'one ballot more')
  assert.equal(after.visits.refused, (before.visits.refused ?? 0) + 1)
  await p.locator(`.cell.well[aria-label^="${doors[1].split(' ')[0]}"]`).waitFor()

  // The convener sees figures, never doors; a member of staff who does not sweep sees neither.
  const director = await w.desk('secretary')
  assert.equal((await director.request.get(`/api/assemblies/${id}/sweep?building=${encodeURIComponent(after.buildings[0].building)}`)).status(), 403)
  const manager = await w.desk('manager')
  assert.ok([403, 404].includes((await manager.request.get(`/api/assemblies/${id}/sweep/totals`)).status()))

  // A door visited with somebody who is not of the pair is refused, and the phone says so instead of losing it.
  await p.evaluate(async (x) => {
    const db = await new Promise((ok, no) => {
      const q = indexedDB.open('cuobian-votes')
      q.onsuccess = () => ok(q.result)
      q.onerror = () => no(q.error)
    })
    const me = await (await fetch('/api/me')).json()
    await new Promise((ok) => {
      const tx = db.transaction('visits', 'readwrite')
      tx.objectStore('visits').put({ client_key: 'walk-conflict', account: me.account, meeting: x, right: 999999, label: '9-9-999', with: me.person, result: 'absent', reason: '', note: '', said_at: new Date().toISOString(), fault: '', stuck: false })
      tx.oncomplete = ok
    })
  }, id)
  await p.reload()
  await p.evaluate(() => window.dispatchEvent(new Event('online')))
  await p.locator('li', { hasText: '9-9-999' }).getByText('▲').waitFor()
  await p.getByRole('button', { name: '不要了' }).click()
  await p.locator('li', { hasText: '9-9-999' }).waitFor({ state: 'detached' })
}
