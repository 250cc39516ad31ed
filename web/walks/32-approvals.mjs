import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = 'the phone before a payment: the document before the eyes, a signature, a refusal, standing aside, one of the two seals; a line asked about and answered'

export async function walk(outer) {
  const w = await outer.house()
  const director = await w.pocket('director')
  const mine = async (p, state) => (await w.get(p, '/api/payments?mine=true')).items.find((x) => x.state === state)
  const one = async (p, x) => w.get(p, '/api/payments/' + x.id)

  // A committee's last signature: the picture stands above the amount, and nothing is signed unread.
  const first = await mine(director, 'committee')
  await director.goto('/p/money/approvals')
  await director.locator('[data-payment]', { hasText: first.purpose }).click()
  const picture = director.locator('[data-paper] img').first()
  await picture.waitFor()
  await until(() => picture.evaluate((e) => e.naturalWidth > 0), 'the document is a picture that shows')
  // Its contract is a PDF: drawn in the page by our own script, not blank, nothing fetched from elsewhere.
  const contract = director.locator('[data-pdf][data-drawn="1"] canvas')
  await contract.waitFor()
  const ink = await contract.evaluate((c) => {
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
    let dark = 0
    for (let i = 0; i < d.length; i += 4) if (d[i] < 128) dark++
    return dark
  })
  assert.ok(ink > 500, 'the page of the contract is drawn: ' + ink)
  const above = (await picture.boundingBox()).y < (await director.locator('.big').boundingBox()).y
  assert.ok(above, 'the document comes before the amount')
  const sign = director.getByRole('button', { name: '同意，签字' })
  assert.ok(await sign.isDisabled(), 'not before it was read')
  await director.locator('[name=read]').check()
  await sign.click()
  await until(async () => (await one(director, first)).signed === first.signed + 1, 'signed')
  await director.locator('.timeline li', { hasText: '业委会 · 同意' }).nth(first.signed).waitFor()
  assert.equal(await director.locator('[data-act]').count(), 0, 'nobody signs twice')
  await w.look(director, 'signed')

  // The community refuses it, with a reason; the applicant's sum is released.
  const community = await w.pocket('community')
  const at = (await one(community, first)).state
  assert.equal(at, 'community')
  await community.goto('/p/money/approvals/' + first.id)
  await community.getByRole('button', { name: '不同意' }).click()
  const refuse = community.locator('form button[type=submit]')
  assert.ok(await refuse.isDisabled(), 'not without a reason')
  await community.locator('[name=reason]').fill('报价单不是本小区的（走查）')
  await refuse.click()
  await community.locator('[data-state=refused]').waitFor()
  await community.getByText('报价单不是本小区的（走查）').first().waitFor()
  const again = await community.request.post(`/api/payments/${first.id}/review`, { data: { hash: first.hash, choice: 'agree' } })
  assert.ok(again.status() >= 400 && again.status() < 500, 'refused is refused')

  // The street stands aside in another.
  const street = await w.pocket('street')
  const third = await mine(street, 'street')
  await street.goto('/p/money/approvals/' + third.id)
  await street.getByRole('button', { name: '我要回避' }).click()
  await street.locator('[name=reason]').fill('收款方负责人是亲属（走查）')
  await street.locator('form button[type=submit]').click()
  await street.getByText('回避：').first().waitFor()
  assert.equal(await street.locator('[data-act]').count(), 0)

  // The seal: another text than the one shown is refused; the one shown takes it.
  const secretary = await w.pocket('secretary')
  const sealed = await mine(secretary, 'sealing')
  await secretary.goto('/p/money/approvals/' + sealed.id)
  const paper = await w.get(secretary, `/api/payments/${sealed.id}/paper`)
  await secretary.getByText(paper.hash).first().waitFor()
  assert.equal((await secretary.request.post(`/api/payments/${sealed.id}/seal`, { data: { hash: '0'.repeat(64) } })).status() >= 400, true)
  await secretary.locator('[name=read]').check()
  await secretary.getByRole('button', { name: '用印', exact: true }).click()
  await secretary.locator('.van-dialog').getByRole('button', { name: '用印' }).click()
  await secretary.locator('[data-seals]').getByText('签名有效').waitFor()
  await secretary.getByText('还差 1 枚').waitFor()
  assert.equal((await one(secretary, sealed)).seals.length, 1)
  await w.look(secretary, 'sealed')

  // An owner opens a published line, asks, and is answered.
  const owner = await w.pocket()
  await owner.goto('/p/money/published')
  await owner.locator('[data-board] a').first().click()
  await owner.locator('[data-lines] .line > button').first().click()
  await owner.getByRole('button', { name: '问这一笔' }).click()
  await owner.locator('[name=question]').fill('这一笔的合同在哪里看？（走查）')
  await owner.locator('form button[type=submit]').click()
  const question = owner.locator('[data-question]', { hasText: '合同在哪里看' })
  await question.getByText('待答复').waitFor()
  const here = (await w.compound(owner)).id
  const q = (await w.get(owner, `/api/money/${here}/questions`)).items.find((x) => x.mine && x.text.includes('合同在哪里看'))
  await w.post(director, `/api/money/${here}/questions/${q.id}/answer`, { text: '在公示栏，合同编号已遮名。（走查）' })
  await owner.reload()
  await question.getByText('已答复').waitFor()
  await question.getByText('合同编号已遮名').waitFor()
  await w.look(owner, 'answered')
}
