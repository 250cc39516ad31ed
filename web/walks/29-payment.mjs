import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = 'a payment through three reviews and two seals by different hands, paid and posted; one refused, whose sum is free again'

export async function walk(outer) {
  const w = await outer.house()
  const street = await w.desk('street')
  const here = (await w.compound(street)).id
  const list = (await w.get(street, '/api/payments?compound=' + here)).items
  const at = (state) => list.find((p) => p.state === state)
  const free = async () => (await w.get(street, '/api/money/' + here)).funds.find((f) => f.fund === 'income').available
  const open = async (p, x) => {
    await p.goto('/console/money/payments/' + x.id)
    await p.locator('[data-state]').waitFor()
  }
  const state = (p, words) => p.locator('[data-state]', { hasText: words }).waitFor()

  // The committee's signatures count as one review: the director's is the fifth of nine.
  const first = at('committee')
  const director = await w.desk('director')
  await open(director, first)
  await state(director, '业委会审核')
  await director.getByText('4/9').waitFor()
  await director.getByRole('button', { name: '同意', exact: true }).click()
  await state(director, '社区审核')
  assert.equal(await director.getByRole('button', { name: '同意', exact: true }).count(), 0, 'no person twice')

  // The community refuses another: with a reason, and the sum is free again.
  const second = at('community')
  const community = await w.desk('community')
  const before = await free()
  await open(community, second)
  await community.getByRole('button', { name: '不同意', exact: true }).click()
  await community.locator('.el-message-box textarea').fill('报价高于市价（走查）')
  await community.locator('.el-message-box').getByRole('button', { name: '不同意', exact: true }).click()
  await state(community, '不同意')
  await community.getByText('预留的金额已经释放').waitFor()
  await community.getByText('报价高于市价（走查）').first().waitFor()
  assert.equal(await free(), before + second.amount, 'the reserved sum is free again')

  // The street's review of the third; a stranger to the keys sees no seal.
  const third = at('street')
  await open(street, third)
  await street.getByRole('button', { name: '同意', exact: true }).click()
  await state(street, '待用印')
  assert.equal(await street.getByRole('button', { name: '用印', exact: true }).count(), 0)

  // The committee's keeper gets a phone on the register, signs in by it and puts the first seal; never the second.
  const keeper = third.keeper_committee
  const known = (await w.get(community, '/api/people/' + keeper)).person
  const told = await community.request.patch('/api/people/' + keeper, { data: { version: known.version, reason: '本人登记手机（走查）', phones: ['13800000029'] } })
  assert.ok(told.ok(), await told.text())
  const holder = await w.page('desk')
  await w.post(holder, '/api/sign-in/phone', { phone: '13800000029' })
  await w.post(holder, '/api/sign-in/phone/confirm', { phone: '13800000029', code: '246810' })
  await open(holder, third)
  await holder.getByRole('button', { name: '用印', exact: true }).click()
  await state(holder, '已用一印')
  await holder.locator('[data-seal]').first().waitFor()
  assert.equal(await holder.getByRole('button', { name: '用印', exact: true }).count(), 0, 'one person does not put both seals')

  // The community's keeper puts the second; the director pays, and it is posted.
  const secretary = await w.desk('secretary')
  await open(secretary, third)
  await secretary.getByRole('button', { name: '用印', exact: true }).click()
  await state(secretary, '待付款')
  await open(director, third)
  await director.locator('[name=slip]').fill('走查回单 29')
  await director.getByRole('button', { name: '付款并入账' }).click()
  await state(director, '已付款')
  assert.equal(await director.locator('[data-seal]').count(), 2)
  assert.equal(await director.getByText('签名有效').count(), 2)
  const trail = await w.get(street, '/api/payments/' + third.id)
  const hands = trail.steps.filter((s) => ['review', 'seal', 'pay', 'apply'].includes(s.what)).map((s) => s.person)
  assert.equal(new Set(hands).size, hands.length, 'no person twice')
  for (const stage of ['committee', 'community', 'street']) assert.ok(trail.steps.some((s) => s.what === 'review' && s.stage === stage), stage)

  // From the payment to its entry in the books, and the books are at zero.
  await director.getByRole('link', { name: '看分录' }).click()
  await director.locator('aside').getByText('income:bank').waitFor()
  const proof = await until(() => w.get(director, `/api/money/${here}/proof`), 'a proof')
  assert.ok(proof.holds, JSON.stringify(proof.items.filter((i) => !i.holds)))
}
