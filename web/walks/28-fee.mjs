import assert from 'node:assert/strict'
import { settled } from './pages.mjs'

export const name = 'fees: a bill paid and receipted at the desk by keys alone, a second receipt for the same transfer refused, a refund, and the line of the bank matched'

export async function walk(w) {
  const p = await w.desk('manager')
  const keys = p.keyboard
  const compound = (await w.compound(p)).id
  const api = '/api/money/' + compound
  // One compound only: its desk opens by itself, and the cursor waits in the search.
  await p.goto('/console/money/fees')
  await p.waitForURL(`**/money/${compound}/fees**`)
  await p.waitForFunction(() => document.activeElement?.getAttribute('name') === 'find')
  // Somebody who owes, known from the list of arrears.
  const owes = (await w.get(p, api + '/arrears')).items
  assert.ok(owes.length, 'the demo has homes in arrears')
  const of = async (home) => w.get(p, `${api}/homes/${home}/account`)
  const home = owes[0].home
  const before = await of(home)
  const label = /(\d+)幢.*?(\d+)(?:单元|梯).*?(\d+)/.exec(before.place)?.slice(1).join('-') ?? before.place.split(/\s+/).pop()
  await keys.type(label)
  await p.locator('.hits li').first().waitFor()
  const at = await p.locator('.hits li').evaluateAll((rows, l) => rows.findIndex((r) => r.querySelector('b')?.textContent === l), label)
  assert.ok(at >= 0, 'found by its label ' + label)
  for (let i = 0; i < at; i++) await keys.press('ArrowDown')
  await w.look(p, 'found')
  await keys.press('Enter')
  await p.waitForURL('**home=' + home)
  await p.waitForFunction(() => document.activeElement?.getAttribute('name') === 'amount')
  const first = before.bills.find((b) => b.rest > 0)
  const fen = (n) => `${Math.trunc(n / 100)}.${String(n % 100).padStart(2, '0')}`
  // Part of it first, in cash: Enter takes it, the receipt waits under the cursor.
  await keys.type(fen(first.rest))
  await p.getByText('部分缴纳').waitFor()
  await w.look(p, 'part')
  await keys.press('Enter')
  await p.locator('.done').waitFor()
  await p.waitForFunction(() => document.activeElement?.textContent?.includes('打印收据'))
  await keys.press('Enter')
  await p.waitForURL('**/receipts/**')
  await p.locator('article h1').waitFor()
  assert.match(await p.locator('article').innerText(), /No\. \d{4}-\d{6}[\s\S]*元/)
  await settled(p)
  await w.look(p, 'receipt')
  const receipt = await w.get(p, `${api}/receipts/${p.url().split('/').pop()}`)
  assert.equal(receipt.amount, first.rest)
  assert.equal((await of(home)).bills.find((b) => b.id === first.id).state, 'paid')
  // Escape goes back to the search for the next.
  await keys.press('Escape')
  await p.waitForFunction(() => document.activeElement?.getAttribute('name') === 'find')
  // A transfer, with its number; the same number a second time is refused, said at the form.
  const other = owes.find((o) => o.home !== home) ?? owes[0]
  const number = 'WALK' + Date.now()
  const pay = async (amount) => {
    await p.waitForFunction(() => document.activeElement?.getAttribute('name') === 'amount')
    await keys.type(amount)
    await keys.press('ArrowDown')
    await keys.press('ArrowDown')
    await p.locator('input[name=ref]').waitFor()
    for (let i = 0; i < 8 && (await p.evaluate(() => document.activeElement?.getAttribute('name'))) !== 'ref'; i++) await keys.press('Tab')
    await keys.type(number)
    await keys.press('Enter')
  }
  await p.goto(`/console/money/${compound}/fees/desk?home=${other.home}`)
  await pay('88.80')
  await p.locator('.done').waitFor()
  const paid = (await of(other.home)).receipts[0]
  assert.deepEqual([paid.amount, paid.way, paid.ref], [8880, 'transfer', number])
  await p.locator('.done button').first().click()
  await pay('88.80')
  await p.getByText('这笔款已经开过收据').first().waitFor()
  assert.equal((await of(other.home)).receipts.filter((r) => r.ref === number).length, 1, 'one receipt for one transfer')
  await w.look(p, 'refused')
  // Some of the first is given back, with a reason.
  await p.goto(`/console/money/${compound}/fees/desk?home=${home}`)
  await p.locator('.past li', { hasText: receipt.no }).getByRole('button', { name: '退款' }).click()
  await p.locator('[name=back]').fill('1.00')
  await p.locator('[name=why]').fill('演练：多收一元')
  await p.locator('.el-dialog button[type=submit]').click()
  await p.locator('.past li', { hasText: '演练：多收一元' }).waitFor()
  assert.equal((await w.get(p, `${api}/receipts/${receipt.id}`)).refunded, 100)
  // Bills: the filter lives in the address, the derivation beside the bill.
  await p.goto(`/console/money/${compound}/fees/bills?state=overdue`)
  await p.locator('tbody tr').first().click()
  await p.locator('.steps li').first().waitFor()
  await w.look(p, 'bills')
  // The bank: an account, a statement looked at and imported, its line matched by the number of the transfer.
  const orgs = (await w.get(p, api + '/accounts')).items
  const fund = (await of(home)).bills[0].fund
  let account = orgs.find((a) => a.fund === fund && !a.closed_on)
  if (!account) {
    const me = await w.get(p, '/api/me')
    const org = me.grants.find((g) => g.org)?.org
    assert.ok(org, 'the manager acts for a company')
    account = await w.post(p, api + '/accounts', { fund, bank: '示例银行', number: '99' + Date.now(), holder_org: org, holder_kind: 'company', opened_on: paid.on })
  }
  await p.goto(`/console/money/${compound}/bank/accounts?account=${account.id}`)
  const csv = `交易日期,收入,支出,余额,对方户名,摘要,附言,流水号\n${paid.on},88.80,,88.80,某业主,转账,${paid.no},${number}\n${paid.on},3.33,,92.13,不明来款,转账,,${number}9\n`
  await p.locator('input[name=statement]').setInputFiles({ name: '演练对账单.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await p.locator('.preview').waitFor()
  await w.look(p, 'statement')
  await p.locator('.preview button', { hasText: '导入' }).click()
  if (await p.locator('.el-message-box:visible').waitFor({ timeout: 1500 }).then(() => true, () => false)) {
    await p.locator('.el-message-box textarea').fill('演练文件')
    await p.locator('.el-message-box__btns .el-button--primary').click()
  }
  await p.getByText('新增 2 笔流水').waitFor()
  await p.goto(`/console/money/${compound}/bank/lines?account=${account.id}`)
  await p.getByRole('button', { name: '自动对账' }).click()
  await p.locator('tbody tr', { hasText: paid.no }).locator('.mark', { hasText: '已对上' }).waitFor()
  const line = (await w.get(p, `${api}/lines?account=${account.id}&state=matched`)).items.find((l) => l.amount === 8880)
  assert.ok(line.matches[0].why.length, 'matched with its reasons')
  await p.locator('tbody tr', { hasText: paid.no }).click()
  await p.getByText('理由：').first().waitFor()
  await w.look(p, 'matched')
  assert.equal((await w.get(p, `${api}/lines?account=${account.id}&state=unmatched`)).items.length, 1, 'what nobody knows stays visible')
  await p.goto(`/console/money/${compound}/bank/lines?state=unmatched&account=${account.id}`)
  await p.locator('tbody tr').first().click()
  await p.getByRole('button', { name: '忽略' }).click()
  await p.locator('.el-message-box textarea').fill('退回付款行，演练')
  await p.locator('.el-message-box__btns .el-button--primary').click()
  await p.locator('.side').getByText('退回付款行，演练').waitFor()
  // A stranger to the compound gets nothing.
  const street = await w.desk('hotline').catch(() => null)
  if (street) assert.equal((await street.request.get(`${api}/homes?q=1`)).status(), 404)
}
