import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export const name = 'an import with errors: preview, run, refused rows, report, again, undo'

const ledger = fileURLToPath(new URL('testdata/ledger.xlsx', import.meta.url))

export async function walk(w) {
  const p = await w.desk('street')
  const state = (words) => p.locator('header .mark', { hasText: words }).waitFor({ timeout: 40_000 })
  const upload = async () => {
    await p.goto('/console/imports')
    await p.locator('.drop input[type=file]').setInputFiles(ledger)
    await p.waitForURL('**/console/imports/*')
    await state('待确认')
  }
  const tally = async (what) => (await p.locator('.tallies tr', { hasText: what }).locator('td.n').allTextContents()).map((x) => Number(x.replaceAll(',', '')))

  await upload()
  // What was understood: the meaning of each column, and the differences; nothing is written yet.
  for (const meaning of ['小区', '楼栋', '房号', '业主证件号']) await p.locator('.field', { hasText: meaning }).first().waitFor()
  assert.equal((await tally('房屋'))[0], 8)
  const found = async () => (await w.get(p, '/api/places?kind=compound&q=' + encodeURIComponent('走访花园'))).items.length
  assert.equal(await found(), 0)
  // Refused rows say where and why, without the numbers that stood in them.
  const refused = p.locator('section', { has: p.locator('h2', { hasText: '拒收的行' }) })
  for (const code of ['area', 'id_checksum', 'owner_missing', 'owner_conflict']) await refused.locator('td', { hasText: new RegExp(`^${code}$`) }).first().waitFor()
  assert.equal(await refused.locator('tbody tr').count(), 4)
  assert.ok(!/\d{17}/.test(await refused.textContent()), 'no identity number in a refusal')

  await p.getByRole('button', { name: '确认写入' }).click()
  await state('已导入')
  assert.equal(await found(), 1)
  const [report] = await Promise.all([p.waitForEvent('download'), p.getByRole('link', { name: '下载标红的原表' }).click()])
  const book = await readFile(await report.path())
  assert.equal(book.subarray(0, 2).toString(), 'PK')
  assert.match(report.suggestedFilename(), /\.xlsx$/)
  const first = p.url()

  // The same file once more changes nothing.
  await upload()
  assert.deepEqual((await tally('房屋')).slice(0, 2), [0, 0])
  await p.getByRole('button', { name: '确认写入' }).click()
  await state('已导入')
  assert.equal(await found(), 1)

  // Undo of the first takes it out again.
  await p.goto(first)
  await p.getByRole('button', { name: '撤销这次导入' }).click()
  await p.locator('.el-message-box input').fill('走访试一遍')
  await p.locator('.el-message-box__btns button.el-button--primary').click()
  await state('已撤销')
  assert.equal((await w.get(p, '/api/people?q=' + encodeURIComponent('许走一'))).items.filter((x) => x.at?.length).length, 0, 'nobody of the file owns a home any more')
}
