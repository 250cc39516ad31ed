import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { photo } from './walk.mjs'

export const name = "what was held back is settled by the star result; the page computes pay by quality again and finds what was forged; a cost that is not in the plan is agreed to"

export async function walk(w) {
  const manager = await w.desk('xh-manager')
  const director = await w.desk('xh-director')
  const here = (await w.get(manager, '/api/public/compounds?q=' + encodeURIComponent('西湖豪庭'))).items[0].id
  const api = `/api/money/${here}`
  const book = (p, part) => p.goto(`/console/money/${here}?part=${part}`)
  const list = (await w.get(manager, api + '/quality')).items
  const old = list.find((q) => q.state === 'paid')
  const label = (q) => `${q.from.slice(0, 4)}年${Number(q.from.slice(5, 7))}月`
  const pick = async (p, q) => {
    await p.locator('[data-period]').waitFor()
    await p.locator('section button.el-button--small', { hasText: label(q) }).first().click()
  }

  // The page's own check: fetched, sound to the fen; then the same file with one fen turned, one input bettered, a version dropped.
  await book(manager, 'quality')
  const frozen = list.find((q) => q.state === 'frozen') ?? old
  await pick(manager, frozen)
  const shown = await manager.locator('[data-earned]').innerText()
  const [check] = await Promise.all([manager.context().waitForEvent('page'), manager.locator('[data-check-pay]').click()])
  await check.getByText('全部对得上').waitFor()
  for (const name of ['form', 'parts', 'base', 'amount', 'hash', 'checkpoint_signature', 'in_log', 'published', 'versions']) await check.locator(`[data-check=${name}].good`).waitFor()
  assert.ok((await check.locator('[data-result]').innerText()).includes(shown), 'the same sum')
  await w.look(check, 'verified')
  await manager.locator('[data-bundle]').waitFor()
  const [d] = await Promise.all([manager.waitForEvent('download'), manager.locator('[data-bundle]').click()])
  const sound = await readFile(await d.path(), 'utf8')
  const owner = await w.page('phone') // anybody with the file, without an account
  await owner.goto('/verify')
  const give = async (text) => {
    await owner.locator('input[type=file]').setInputFiles({ name: 'pay.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await owner.locator('.verdict').waitFor()
  }
  await give(sound)
  await owner.getByText('全部对得上').waitFor()
  const earned = JSON.parse(sound).pay.earned
  await give(sound.replaceAll(`"earned":${earned}`, `"earned":${earned + 1}`))
  await owner.locator('[data-check=amount].bad').waitFor()
  await owner.locator('[data-check=in_log].bad').waitFor()
  await w.look(owner, 'forged')
  const [, n] = /"figure":\{"d":\d+,"n":(\d+)\},"input":"patrols"/.exec(sound)
  await give(sound.replace(/("figure":\{"d":\d+,"n":)\d+(\},"input":"patrols")/, `$1${Number(n) - 1}$2`))
  await owner.locator('[data-check=parts].bad').getByText('inputs.patrols').waitFor()
  assert.ok(await owner.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'fits 360 px')

  // What was held back of last year: no more than that, not without a reason, not without the star result.
  await book(manager, 'quality')
  await pick(manager, old)
  await manager.locator('[data-period=paid]').waitFor()
  assert.equal(await manager.locator('[data-form=held]').count(), 0, 'the company does not settle its own hold-back')
  await book(director, 'quality')
  await pick(director, old)
  const held = director.locator('[data-form=held]')
  await held.waitFor()
  const button = held.getByRole('button')
  const field = (label) => held.locator('.field', { hasText: label }).locator('input')
  await field('付给企业').or(held.locator('input').first()).first().fill(String((old.held + 1) / 100))
  await held.locator('input').nth(1).fill('四星，扣减一半（走查）')
  await held.locator('input[type=file]').setInputFiles(await photo(director, 'stars.png', 200))
  await held.locator('.mark.well').waitFor()
  await held.getByRole('button').last().click()
  await held.locator('.bad, [role=alert]').first().waitFor()
  await w.look(director, 'too-much')
  const half = Math.trunc(old.held / 2)
  await held.locator('input').first().fill((half / 100).toFixed(2))
  await held.locator('input').nth(1).fill('')
  await button.last().click()
  await held.getByText('请写明原因').first().waitFor()
  await held.locator('input').nth(1).fill('四星，扣减一半（走查）')
  await held.locator('input').last().fill('6222020200112233445')
  await button.last().click()
  await held.waitFor({ state: 'detached' })
  await director.locator('[data-period=paid]').waitFor()
  const now = await w.get(director, `${api}/quality/${old.id}`)
  assert.ok(now.held_payment, 'a payment of the rest was applied for')
  const payment = await w.get(director, '/api/payments/' + now.held_payment)
  assert.equal(payment.amount, half)
  const back = (await w.get(director, `${api}/entries?q=${encodeURIComponent('暂扣酬金不予支付')}`)).items
  assert.ok(back.some((e) => e.legs.some((l) => l.account === 'fees:held' && l.amount === old.held - half)), 'the rest stays with the owners')
  await w.look(director, 'settled')

  // A cost that no line planned stands apart; the committee agrees to it with a decision and a reason, and the board says so.
  await book(director, 'budgets')
  const year = Number((await w.get(director, api)).today.slice(0, 4)) // next year's may be agreed as well
  await director.locator(`[data-budget="${year}"]`).click()
  await director.getByText(`${year} 年预算与实际`).waitFor()
  await director.locator('[data-off]').waitFor()
  const line = director.locator('[data-off-line="fees:spent:charges"]')
  await line.getByText('不在预算内，待业委会决定').waitFor()
  await line.getByRole('button', { name: '同意预算外支出' }).click()
  const form = director.locator('[data-form=agree]')
  await form.locator('.el-select').click()
  await director.waitForTimeout(350)
  await director.locator('.el-select-dropdown:visible .el-select-dropdown__item').first().click()
  await form.getByRole('button', { name: '同意预算外支出' }).click()
  await form.getByText('请写明原因').or(form.getByText('请写')).first().waitFor()
  await form.locator('[name=agree-reason]').fill('支付渠道手续费（走查）')
  await form.getByRole('button', { name: '同意预算外支出' }).click()
  await line.getByText('不在预算内，业委会已同意').waitFor()
  await w.look(director, 'off-plan')
  await owner.goto(`/b/${here}/money`)
  const board = owner.locator('[data-held] details').first()
  await board.locator('[data-off]').getByText('不在预算内').waitFor()
  await board.locator('tr', { hasText: '银行手续费' }).getByText('业委会已同意').waitFor()
  await w.look(owner, 'board')
}
