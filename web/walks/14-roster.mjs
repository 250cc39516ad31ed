import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'

export const name = 'the roster: by initials, a number with a reason, coverage, the list behind a figure, Excel'

export async function walk(w) {
  const p = await w.desk('street')
  await p.goto('/console/people')
  const find = p.locator('.bar input[type=search]')
  // By initials, by home, and by the last four digits of a number.
  const row = p.locator('tbody tr', { hasText: '洪振兴' }).first()
  for (const q of ['hzx', '1-1-101', '0001']) {
    await find.fill(q)
    await p.waitForURL('**q=' + q)
    await row.waitFor()
  }
  assert.match(await row.textContent(), /\*{4,}0001/, 'numbers are masked')
  await row.click()
  // Revealing asks why.
  const phone = p.locator('.side .masked').first()
  await phone.getByRole('button', { name: '查看' }).click()
  const dialog = p.locator('dialog[open]')
  assert.ok(await dialog.locator('button[type=submit]').isDisabled())
  const why = '走访核对电话 ' + (Date.now() % 100000)
  await dialog.locator('input').fill(why)
  await dialog.locator('button[type=submit]').click()
  await p.waitForFunction(() => /1\d{10}/.test(document.querySelector('.side .masked')?.textContent ?? ''))
  const number = (await phone.textContent()).match(/1\d{10}/)[0]
  // And the log has it, with the reason and without the number.
  const audit = await w.desk('auditadmin')
  const trail = await w.get(audit, '/api/audit?limit=50')
  const entry = trail.items.find((e) => JSON.stringify(e).includes(why))
  assert.ok(entry, 'the log tells of the reveal')
  assert.ok(!JSON.stringify(entry).includes(number))
  await audit.goto('/console/settings/audit')
  await audit.getByText(why).first().waitFor()

  // Coverage: which compound lacks which post, and the crew of four.
  await p.goto('/console/coverage')
  await p.locator('tbody tr').nth(3).waitFor()
  assert.ok(await p.locator('td .lack').count())
  await p.locator('.el-radio-button', { hasText: '一官一警一干一员' }).click()
  await p.locator('th', { hasText: '法官' }).first().waitFor()

  // A figure's list is one click away and as long as its figure.
  await p.goto('/console/standing')
  await p.locator('a.figure', { hasText: '党组织覆盖率' }).click()
  await p.locator('section table tbody tr a').first().waitFor()
  const figure = (await w.get(p, '/api/standing/party_cover')).figure
  await p.getByText(`${figure.n}/${figure.d}`).first().waitFor()
  await p.locator('.el-radio-button', { hasText: '没计入的' }).click()
  const rows = p.locator('section').last().locator('tbody tr')
  assert.equal(await rows.count(), figure.d - figure.n)
  await rows.first().locator('a').click()
  await p.waitForURL('**/console/places?open=**')
  await p.locator('.side h2, .side h1').first().waitFor()

  // Excel of what is filtered, for a purpose.
  await p.goto('/console/cases?state=live')
  await p.locator('tbody tr').first().waitFor()
  await p.getByRole('button', { name: '导出 Excel' }).click()
  const box = p.locator('.el-dialog:visible')
  assert.ok(await box.locator('.el-dialog__footer .is-disabled').count(), 'no export without a purpose')
  await box.locator('input').fill('走访核对')
  const [file] = await Promise.all([p.waitForEvent('download'), box.locator('.el-dialog__footer a').click()])
  assert.equal((await readFile(await file.path())).subarray(0, 2).toString(), 'PK')
  const exported = (await w.get(audit, '/api/audit?limit=50')).items.find((e) => JSON.stringify(e).includes('走访核对'))
  assert.ok(exported, 'the log tells of the export')
}
