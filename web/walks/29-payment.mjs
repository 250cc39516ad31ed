import assert from 'node:assert/strict'
import { photo, until } from './walk.mjs'

export const name = 'a payment through three reviews and two seals by different hands, its PDF drawn in the page, paid, posted, put on the board by hand; one refused, whose sum is free again; somebody recused by the street'

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
  // Its documents stand in the page, above what is decided: the invoice as a picture, the contract drawn from its PDF.
  const drawn = director.locator('[data-papers] [data-pdf][data-drawn="1"] canvas')
  await drawn.waitFor()
  const ink = await drawn.evaluate((c) => {
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
    let dark = 0
    for (let i = 0; i < d.length; i += 4) if (d[i] < 128) dark++
    return dark
  })
  assert.ok(ink > 500, 'the contract is drawn: ' + ink)
  await until(() => director.locator('[data-papers] img').first().evaluate((e) => e.naturalWidth > 0), 'the invoice shows')
  assert.ok((await drawn.boundingBox()).y < (await director.getByRole('button', { name: '同意', exact: true }).boundingBox()).y, 'the document comes before the button')
  await w.look(director, 'papers')
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
  const holder = await w.hands(community, 13800000029)(keeper)
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

  // Put on the board by hand before its day, once; afterwards only a masked copy is added, never nothing.
  await director.getByRole('button', { name: '公示', exact: true }).click()
  await state(director, '已公示')
  assert.equal(await director.getByRole('button', { name: '公示', exact: true }).count(), 0, 'once')
  const add = director.getByRole('button', { name: '补充副本' })
  assert.ok(await add.isDisabled(), 'not without a copy')
  assert.equal((await director.request.post(`/api/payments/${third.id}/publish`, { data: { copies: [] } })).status(), 422)
  await director.locator('section.act input[type=file]').setInputFiles(await photo(director, '遮蔽副本.png', 140))
  await until(() => add.isEnabled(), 'the copy is there')
  await add.click()
  await director.locator('[data-papers] figcaption', { hasText: '已遮蔽' }).waitFor()
  const owner = await w.page('phone')
  await owner.goto('/b/' + here + '/money')
  await owner.getByText(third.purpose).first().waitFor()
  const line = await w.get(owner, '/api/public/money/lines/' + trail.entry)
  assert.equal(line.copies?.length, 1, 'everybody sees the masked copy: ' + JSON.stringify(line).slice(0, 300))

  // From the payment to its entry in the books, by the accounts' names, and the books are at zero.
  await director.getByRole('link', { name: '看分录' }).click()
  await director.locator('aside').getByText('公共收益－银行存款').waitFor()
  assert.equal(await director.locator('aside').getByText('income:').count(), 0, 'no codes')
  const proof = await until(() => w.get(director, `/api/money/${here}/proof`), 'a proof')
  assert.ok(proof.holds, JSON.stringify(proof.items.filter((i) => !i.holds)))

  // The payee is related to one of the community's: the street has that one stand aside, with the reason, and nobody twice.
  const fourth = (await w.get(street, '/api/payments?compound=' + here)).items.find((p) => p.state === 'community')
  await open(street, fourth)
  await street.getByRole('button', { name: '要求某人回避' }).click()
  const form = street.locator('form', { has: street.getByRole('combobox', { name: '人员', exact: true }) })
  const box = form.getByRole('combobox', { name: '人员', exact: true })
  const me = (await w.get(community, '/api/me')).name
  await box.click()
  await box.fill(me)
  await street.locator('.el-select-dropdown__item:visible', { hasText: me }).first().click()
  const send = form.getByRole('button', { name: '回避', exact: true })
  assert.ok(await send.isDisabled(), 'not without a reason')
  await form.locator('.field:has(.name:text-is("原因")) input').fill('收款方负责人是其配偶（走查）')
  await send.click()
  await street.getByText('收款方负责人是其配偶（走查）').first().waitFor()
  await w.look(street, 'recused')
  await open(community, fourth)
  await community.getByText('收款方负责人是其配偶（走查）').first().waitFor()
  assert.equal(await community.getByRole('button', { name: '同意', exact: true }).count(), 0, 'who is recused does not review')
  assert.ok((await community.request.post(`/api/payments/${fourth.id}/review`, { data: { hash: fourth.hash, choice: 'agree' } })).status() >= 400)
  const twice = await street.request.post(`/api/payments/${fourth.id}/recuse`, { data: { person: (await w.get(community, '/api/me')).person, reason: '再次' } })
  assert.equal(twice.status(), 422)
}
