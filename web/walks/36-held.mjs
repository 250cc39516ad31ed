import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { photo, until } from './walk.mjs'

export const name = "a budget drafted and agreed; pay by quality from signed sheets to a settled sum that `cuobian verify` computes again; a year's accounts filed, and checked by an owner"

const program = process.env.CUOBIAN_TEST_BIN ? resolve(process.env.CUOBIAN_TEST_BIN) : join(fileURLToPath(new URL('../..', import.meta.url)), 'bin/cuobian')

export async function walk(w) {
  const manager = await w.desk('xh-manager')
  const director = await w.desk('xh-director')
  const street = await w.desk('xh-street')
  const here = (await w.get(manager, '/api/public/compounds?q=' + encodeURIComponent('西湖豪庭'))).items[0].id
  const book = (p, part) => p.goto(`/console/money/${here}?part=${part}`)
  const choose = async (p, form, n, text) => {
    await form.locator('.el-select').nth(n).click()
    await p.waitForTimeout(350)
    await p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first().click()
  }

  // A draft: two lines on one account are refused with a sentence; then it is kept.
  await book(manager, 'budgets')
  await manager.getByRole('button', { name: '起草预算' }).click()
  const draft = manager.locator('[data-form=draft]')
  await draft.locator('[name=budget-text]').fill('下一年度预算（走查）')
  for (const [i, account, sum] of [[0, '人员费用', '400000'], [1, '人员费用', '90000.50']]) {
    await choose(manager, draft, i, account)
    await draft.getByLabel(`金额 ${i + 1}`).fill(sum)
  }
  await draft.getByRole('button', { name: '保存草案' }).click()
  await draft.getByText('科目不得重复').first().waitFor()
  await choose(manager, draft, 1, '保洁').catch(() => choose(manager, draft, 1, '清洁卫生'))
  await draft.getByRole('button', { name: '保存草案' }).click()
  await manager.locator('[data-accounts]').getByText('草案').first().waitFor()
  assert.equal(await manager.locator('[data-form=pass]').count(), 0, 'the company does not agree its own budget')

  // The committee agrees it with the decision that did; the year with too much spent gets its decision too.
  const year = (await w.get(manager, `/api/money/${here}/budgets`)).items.find((b) => b.state === 'draft').year
  await book(director, 'budgets')
  await director.locator(`[data-budget="${year}"]`).waitFor()
  if (!(await director.locator('[data-form=pass]').count())) await director.locator(`[data-budget="${year}"]`).click()
  await choose(director, director.locator('[data-form=pass]'), 0, '下一年度')
  await director.getByRole('button', { name: '通过预算' }).click()
  await director.locator('[data-accounts]').getByText('已通过').first().waitFor()

  // The last closed year: filed by the company, in the public log; the same is not filed twice.
  const closed = (await w.get(manager, `/api/money/${here}/closings`)).items[0].through.slice(0, 4)
  await book(manager, 'budgets')
  // What went over its plan in that year is agreed by the committee with its decision: not by the company, not without a reason.
  await manager.locator(`[data-budget="${closed}"]`).click()
  await manager.locator('[data-accounts]').getByText(`${closed} 年预算与实际`).waitFor()
  await manager.locator('[data-accounts]').getByText('超支，待业委会决定').first().waitFor()
  assert.equal(await manager.getByRole('button', { name: '同意超支' }).count(), 0, 'the company does not agree its own overspending')
  await book(director, 'budgets')
  await director.locator(`[data-budget="${closed}"]`).click()
  await director.locator('[data-accounts]').getByText(`${closed} 年预算与实际`).waitFor()
  await director.locator('[data-accounts] tbody').getByRole('button', { name: '同意超支' }).first().click()
  const over = director.locator('[data-form=agree]')
  await choose(director, over, 0, `${closed} 年度人员费用超出`)
  await over.getByRole('button', { name: '同意超支' }).click()
  await over.getByText('请写明原因').or(over.getByText('请写')).first().waitFor()
  await w.look(director, 'over-refused')
  await over.locator('[name=agree-reason]').fill('节日值守加班（走查）')
  await over.getByRole('button', { name: '同意超支' }).click()
  await director.locator('[data-accounts] [title="节日值守加班（走查）"]').waitFor()
  await over.waitFor({ state: 'detached' })
  await manager.reload()
  await manager.locator(`[data-budget="${closed}"]`).click()
  await manager.locator('[data-accounts]').getByText(`${closed} 年预算与实际`).waitFor()
  await w.look(manager, 'budget')
  await manager.getByRole('button', { name: '公布决算', exact: true }).click()
  const filed = manager.locator('[data-filed]')
  await filed.locator('article').nth(1).waitFor()
  await filed.getByText('都是业主的钱').first().waitFor()
  await manager.getByRole('button', { name: '公布新版' }).click()
  await manager.locator('[data-form=file]').getByText('该年度决算没有变化').waitFor()
  // The year that is going on is not closed: refused.
  const open = await manager.request.post(`/api/money/${here}/annual-accounts`, { data: { year: Number(closed) + 1 } })
  assert.ok([409, 422].includes(open.status()), 'an open year is not filed')
  // A figure opens its entries.
  await manager.locator('[data-accounts] td.n a').first().click()
  await manager.waitForURL('**/entries?**')
  await manager.getByText('人员工资').first().waitFor()

  // A period of its own, before the one that the demo has.
  const periods = (await w.get(manager, `/api/money/${here}/quality`)).items
  const to = new Date(Date.parse(periods.at(-1).from) - 86_400_000).toISOString().slice(0, 10)
  const from = to.slice(0, 8) + '01'
  await book(manager, 'quality')
  await manager.getByRole('button', { name: '开启考核期' }).click()
  const begin = manager.locator('[data-form=open]')
  for (const [i, v] of [from, to].entries()) {
    await begin.locator('input').nth(i).fill(v)
    await begin.locator('input').nth(i).press('Tab')
  }
  await begin.getByRole('button', { name: '开启考核期' }).click()
  await manager.locator('[data-period=open]').waitFor()
  const enter = async (input, n, d, absent, paper) => {
    const f = manager.locator('[data-form=input]')
    await choose(manager, f, 0, input)
    if (absent) await f.locator('[name=sheet-absent]').fill(absent)
    else {
      await f.getByLabel('n', { exact: true }).fill(String(n))
      await f.getByLabel('N', { exact: true }).fill(String(d))
    }
    if (paper) await f.locator('input[type=file]').setInputFiles(paper)
    if (paper) await manager.waitForTimeout(700)
    await f.getByRole('button', { name: '填报', exact: true }).click()
  }
  await enter('巡查检查', 28, 30, '', null)
  await manager.locator('[data-form=input]').getByText('请附签名的填报单').first().waitFor() // without its sheet: refused
  await enter('巡查检查', 28, 30, '', await photo(manager, 'a.png', 10))
  await manager.locator('[data-sheets] tbody tr').nth(0).waitFor()
  await enter('隐患核实整改', 4, 5, '', await photo(manager, 'b.png', 60))
  await manager.locator('[data-sheets] tbody tr').nth(1).waitFor()
  await enter('星级评价', 0, 0, '年度星级未评（走查）', await photo(manager, 'c.png', 120))
  await manager.locator('[data-sheets] tbody tr').nth(2).waitFor()
  assert.equal(await manager.locator('[data-sheets] button', { hasText: '确认' }).count(), 0, 'nobody confirms the own sheet')

  // The committee confirms and freezes; the score stands there line by line.
  await book(director, 'quality')
  const id = (await w.get(manager, `/api/money/${here}/quality`)).items.find((x) => x.from === from).id
  const pick = async (p) => {
    await p.locator('[data-period]').waitFor()
    const list = (await w.get(p, `/api/money/${here}/quality`)).items
    await p.locator('.el-tab-pane:visible section').first().locator('button.el-button--small').nth(list.findIndex((x) => x.id === id) + (await p.getByRole('button', { name: '开启考核期' }).count())).click()
  }
  await pick(director)
  for (let i = 3; i > 0; i--) {
    await director.locator('[data-sheets] button', { hasText: '确认' }).first().click()
    await until(async () => (await director.locator('[data-sheets] button', { hasText: '确认' }).count()) === i - 1, 'a sheet confirmed')
  }
  await director.getByRole('button', { name: '冻结并计算' }).click()
  await director.locator('.el-message-box').getByRole('button', { name: '冻结并计算' }).click()
  await director.locator('[data-period=frozen]').waitFor()
  await director.getByText('得分（百分制）').waitFor()
  await w.look(director, 'frozen')

  // The company disputes one input, the street answers, a new version stands.
  await manager.reload()
  await pick(manager)
  const wrong = manager.locator('[data-form=dispute]')
  await choose(manager, wrong, 0, '隐患核实整改')
  await wrong.getByLabel('n', { exact: true }).fill('5')
  await wrong.getByLabel('N', { exact: true }).fill('5')
  await wrong.getByRole('button', { name: '请求更正' }).click()
  await wrong.getByText('请写明原因').first().waitFor() // without a reason: refused
  await wrong.locator('[name=dispute-why]').fill('第五处已整改（走查）')
  await wrong.getByRole('button', { name: '请求更正' }).click()
  await manager.locator('[data-disputes] article').waitFor()
  await book(street, 'quality')
  await pick(street)
  await street.getByRole('button', { name: '支持', exact: true }).click()
  await street.locator('.el-message-box textarea').fill('现场核实，已整改（走查）')
  await street.locator('.el-message-box').getByRole('button', { name: '支持', exact: true }).click()
  await street.getByText('已支持').waitFor()
  await street.locator('[data-period=frozen]').getByText('第 2 版').waitFor()

  // Each of the three downloads the file, and the program computes the same fen from it; a turned fen is found.
  const dir = await mkdtemp(join(tmpdir(), 'walks-pay-'))
  try {
    const shown = await street.locator('[data-earned]').innerText()
    for (const p of [manager, director, street]) {
      const file = await until(async () => {
        const r = await p.request.get(`/api/money/${here}/quality/${id}/bundle.json`)
        return r.ok() ? r.text() : null
      }, 'the record is in the log')
      const at = join(dir, 'pay.json')
      await writeFile(at, file)
      const { stdout } = await promisify(execFile)(program, ['verify', at])
      assert.ok(!stdout.includes('✗') && stdout.includes(shown.replace(/[¥,]/g, '')), stdout)
      const earned = JSON.parse(file).pay.earned
      await writeFile(at, file.replaceAll(`"earned":${earned}`, `"earned":${earned + 1}`))
      await assert.rejects(promisify(execFile)(program, ['verify', at]), 'a changed fen is found')
    }
    const years = await until(async () => {
      const r = await manager.request.get('/api/public/money/annual-accounts/' + here)
      return r.ok() ? r.text() : null
    }, 'the accounts are in the log')
    await writeFile(join(dir, 'accounts.json'), years)
    const { stdout } = await promisify(execFile)(program, ['verify', join(dir, 'accounts.json')])
    assert.ok(!stdout.includes('✗') && stdout.includes('年度决算'), stdout)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }

  // It is applied for; an owner without an account sees budget, pay and accounts, and checks them in the own browser.
  await manager.reload()
  await pick(manager)
  await manager.locator('[name=settle-account]').fill('6222020200112233445')
  await manager.getByRole('button', { name: '申请支付' }).click()
  await manager.locator('[data-period=asked]').waitFor()
  const payment = (await w.get(manager, `/api/money/${here}/quality/${id}`)).payment
  assert.ok(payment, 'a payment was applied for')
  const owner = await w.page('phone')
  await owner.goto(`/b/${here}/money`)
  await owner.locator('[data-held]').waitFor()
  await owner.locator('[data-pay]').getByText('得分').first().waitFor()
  await owner.locator('[data-filed]').getByText(closed).first().waitFor()
  await w.look(owner, 'board')
  await owner.goto('/verify?accounts=' + here)
  await owner.getByText('全部对得上').waitFor()
  await owner.locator('[data-check=vanished].good').waitFor()
}
