import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = "the street's board of formings: a blocker solved, a step that may not come yet, a group checked while written, an entry's proof"

export async function walk(w) {
  const p = await w.desk('street')
  await p.goto('/console/formings')
  await p.locator('tbody tr').first().waitFor()
  const board = await w.get(p, '/api/formings?limit=1')
  assert.ok(board.stages.reduce((n, s) => n + s.n, 0) === board.stages[0].of, 'every compound stands somewhere')
  // The filter lives in the address, and the row's panel shows what stands in the way.
  await p.locator('.sums button', { hasText: '选举难' }).click()
  await p.waitForURL('**blocker=elect**')
  const row = p.locator('tbody tr', { hasText: '选举难' }).first()
  const name_ = (await row.locator('b').first().innerText()).trim()
  await row.click()
  const side = p.locator('.side')
  await side.getByText('候选人不足').waitFor()
  await side.getByRole('button', { name: '打开组建' }).click()
  await p.waitForURL('**/console/formings/*')
  const id = p.url().split('/').pop()
  await p.locator('h1', { hasText: name_ }).waitFor()

  // The step that comes next says why it may not come yet.
  await p.locator('.way [aria-current=step]', { hasText: '召开业主大会会议' }).waitFor()
  await p.locator('.waits').getByText('表决最早').waitFor()
  assert.ok(await p.getByRole('button', { name: '登记：召开业主大会会议' }).isDisabled())

  // The blocker is solved with a note.
  await p.getByRole('button', { name: '已化解' }).click()
  const box = p.locator('.el-message-box:visible')
  await box.locator('textarea').fill('楼长入户动员，七人报名（走查）')
  await box.getByRole('button', { name: '已化解' }).click()
  await p.getByText('七人报名').waitFor()
  const file = await w.get(p, '/api/formings/' + id)
  assert.ok(file.blockers.every((b) => b.solved))

  // A group is checked while it is written: four members, or a head who stands for owners, may not be.
  const due = (await w.get(p, '/api/formings?stage=applied')).items[0]
  await p.goto('/console/formings/' + due.forming)
  await p.locator('.rules .good').first().waitFor()
  await p.getByRole('button', { name: '加一人' }).click()
  await p.locator('.rules .bad', { hasText: '人数为单数' }).waitFor()
  assert.ok(await p.getByRole('button', { name: '登记：成立筹备组' }).isDisabled())

  // What was done is in the trail under a name, and one click proves that the entry stands in the log.
  const audit = await w.desk('auditadmin')
  await audit.goto('/console/settings/audit')
  const line = audit.locator('tbody tr', { hasText: '化解堵点' }).first()
  await line.waitFor()
  await until(async () => {
    await line.getByRole('button', { name: '证明' }).click()
    const ok = await audit.locator('[data-check=inLog].good').waitFor({ timeout: 3000 }).then(() => true, () => false)
    if (!ok) await line.getByRole('button', { name: '证明' }).click()
    return ok
  }, 'the proof holds', 70_000)
  assert.equal(await audit.locator('.proof .bad').count(), 0)
  await audit.goto('/console/settings/logs')
  await audit.locator('[data-log=private]').getByText('根哈希').waitFor()
}
