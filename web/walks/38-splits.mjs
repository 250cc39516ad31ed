import assert from 'node:assert/strict'
import { photo, until } from './walk.mjs'

export const name = 'payments split below the limits: refused without quotes by their sum, judged by it, seen on the board of the street; a lot drawn from the public log and computed again; withdrawn; a duty opens its own page; a keeper named by a resolution cools and is taken back, the company has no say in it'

export async function walk(outer) {
  const w = await outer.house()
  const staff = await w.desk('staff')
  const street = await w.desk('street')
  const here = (await w.compound(staff)).id
  const field = (p, label) => p.locator(`.field:has(.name:text-is("${label}"))`).last()
  const choose = async (label) => {
    const box = field(staff, label).locator('input[role=combobox]')
    await until(async () => {
      await box.press('ArrowDown')
      await new Promise((r) => setTimeout(r, 400))
      await box.press('ArrowDown')
      await box.press('Enter')
      await new Promise((r) => setTimeout(r, 200))
      return (await field(staff, label).locator('.el-select__placeholder:not(.is-transparent)').count()) > 0
    }, label + ' is chosen')
  }

  // Applied for in the page: who reviews is said, and what was decided is offered.
  const fill = async (yuan, what) => {
    await staff.goto('/console/money/payments/new?compound=' + here)
    await staff.locator('[data-bench]').getByText('名委员').waitFor()
    await choose('支出科目')
    await field(staff, '金额').locator('input').fill(String(yuan))
    await staff.locator('[name=payee]').fill('走查园林公司')
    await staff.locator('[name=purpose]').fill(what)
    await choose('决定或依据文件')
    await staff.locator('input[type=file]').first().setInputFiles(await photo(staff, '发票.png', yuan % 300))
    await until(() => staff.getByRole('button', { name: '提交申请' }).isEnabled(), 'the application is whole')
    await staff.getByRole('button', { name: '提交申请' }).click()
  }
  const sent = async () => {
    await staff.waitForURL(/\/payments\/[0-9a-z]{10,}$/)
    return staff.url().split('/').pop()
  }
  await fill(4000, '补种草坪（走查一）')
  const first = await sent()
  assert.equal(await staff.locator('[data-split]').count(), 0, 'alone')
  await fill(3000, '补种草坪（走查二）')
  const second = await sent()
  await staff.locator('[data-split]').getByText('¥7,000.00').waitFor()
  await staff.locator('[data-split] a').first().click()
  await staff.waitForURL('**/' + first)
  // The third would bring the sum above the limit of quotes: refused at the field, with the sum.
  await fill(14_000, '补种草坪（走查三）')
  await staff.getByText('21000.00').first().waitFor()
  assert.ok(staff.url().includes('/payments/new'), 'not sent')
  await w.look(staff, 'quotes')

  // The street's board shows the two; who does not oversee is refused.
  await street.goto('/console/money/splits?open=true')
  const cluster = street.locator('[data-cluster]', { hasText: '走查园林公司' })
  await cluster.getByText('¥7,000.00').waitFor()
  assert.equal(await cluster.locator('tbody tr').count(), 2)
  await w.look(street, 'board')
  assert.equal((await staff.request.get('/api/money/splits')).status(), 403)

  // The applicant withdraws the second with a reason; the sum on the board shrinks.
  await staff.goto('/console/money/payments/' + second)
  await staff.getByRole('button', { name: '撤回申请' }).click()
  await staff.locator('.el-message-box textarea').fill('合并办理（走查）')
  await staff.locator('.el-message-box').getByRole('button', { name: '撤回申请' }).click()
  await staff.locator('[data-state]', { hasText: '已撤回' }).waitFor()
  await street.reload()
  await until(async () => !(await cluster.getByText('¥7,000.00').isVisible().catch(() => false)), 'the withdrawn one does not count')

  // Below the limit: after the community's review the public log signs, the lot is drawn, and this browser computes it again.
  const director = await w.desk('director')
  const list = (await w.get(street, '/api/payments?compound=' + here)).items
  const small = list.find((p) => p.state === 'community' && p.amount <= 500_000 && !p.split)
  const community = await w.desk('community')
  await community.goto('/console/money/payments/' + small.id)
  await community.getByRole('button', { name: '同意', exact: true }).click()
  await community.locator('[data-again]').getByText('与记录一致').waitFor()
  await community.locator('[data-draw] summary').click()
  await community.locator('[data-draw]').getByText('cuobian-draw-2').waitFor()
  await w.look(community, 'drawn')

  // A duty opens its own page with one tap.
  await director.goto('/console/today')
  const waits = (await w.get(director, '/api/duties?kind=money.review')).items[0]
  await director.locator('li button.what', { hasText: waits.zh }).first().click()
  await director.waitForURL('**/money/payments/' + waits.ref.split('/')[1])

  // A keeper named by a resolution cools down first and is taken back in that time; a company may not ask for one.
  const before = (await w.get(street, `/api/money/${here}/roles`)).items.find((r) => r.kind === 'keeper_community')
  const role = (p) => p.request.post(`/api/money/${here}/roles`, { data: { kind: 'keeper_community', person: before.person, resolution: before.resolution, words: '连任（走查）', deciders: before.deciders } })
  const asked = await role(street)
  assert.ok(asked.ok(), await asked.text())
  await street.goto(`/console/money/${here}?part=roles`)
  await street.getByText('冷静期').first().waitFor()
  await street.getByRole('button', { name: '撤销更换' }).first().click()
  await street.locator('.el-message-box textarea').fill('决议有误（走查）')
  await street.locator('.el-message-box').getByRole('button', { name: '撤销更换' }).click()
  await street.getByText('已撤销').first().waitFor()
  assert.ok([403, 409].includes((await role(staff)).status()), 'the company has no say')

  // The form offers those in office whose post fits, the community's too; who waits for an approval may not decide.
  const quote = (await (await director.request.post('/api/blobs?kind=photo', { multipart: { file: await photo(director, '报价.png', 210) } })).json()).id
  await director.request.post('/api/payments', { data: { compound: here, fund: 'income', account: 'income:spent', amount: 150_000, payee_name: '走查绿植公司', purpose: '摆放绿植（走查）', decision: 'budgets/demo/3', documents: [{ blob: quote, kind: 'quote' }] } }).then(async (r) => assert.ok(r.ok(), await r.text()))
  await street.reload()
  await street.getByRole('button', { name: '更换', exact: true }).click()
  const form = street.locator('form', { has: street.getByText('在决议上签字的人') })
  const pick = async (label, words) => {
    const input = form.getByRole('combobox', { name: label, exact: true })
    await form.locator('.el-select', { has: street.getByRole('combobox', { name: label, exact: true }) }).click()
    const option = street.locator('#' + (await input.getAttribute('aria-controls'))).locator('[role=option]', { hasText: words }).first()
    await option.waitFor()
    if ((await option.getAttribute('aria-disabled')) === 'true') return false
    await option.click()
    return true
  }
  await pick('职责', '社区印章保管人')
  const change = form.getByRole('button', { name: '更换', exact: true })
  assert.ok(await change.isDisabled(), 'not without a person and a resolution')
  assert.ok(await pick('人员', before.name), 'the keeper is of the community, not of the compound')
  await form.locator('input[type=file]').setInputFiles(await photo(street, '决议.png', 77))
  const waiting = (await w.get(director, '/api/me')).name
  assert.equal(await pick('在决议上签字的人 1', waiting), false, 'who waits for an approval is not offered as a decider')
  await street.keyboard.press('Escape')
  await until(() => change.isEnabled(), 'the resolution is there')
  // A resolution without its words, then without anybody who decided, is refused at its field.
  await pick('在决议上签字的人 1', (await w.get(street, `/api/money/${here}/office-holders`)).items.find((h) => h.posts.includes('committee_member') && !h.waits).name)
  await change.click()
  await form.locator('.field.faulty', { hasText: '决议文字并附照片' }).waitFor()
  await w.look(street, 'role-refused')
  await form.locator('textarea').fill('同意连任用印人（走查）')
  await change.click()
  await street.locator('.role', { hasText: '同意连任用印人（走查）' }).getByText('冷静期').waitFor()
  await street.locator('.role', { hasText: '同意连任用印人（走查）' }).getByText('生效时间').waitFor()
  await w.look(street, 'role')
  // Who waits for an approval may not ask for one: the director has an application under way.
  await director.goto(`/console/money/${here}?part=roles`)
  const asks = await director.request.post(`/api/money/${here}/roles`, { data: { kind: 'keeper_community', person: before.person, resolution: before.resolution, words: '更换（走查）', deciders: before.deciders } })
  assert.equal(asks.status(), 403)
  assert.match(await asks.text(), /等待审批/)
}
