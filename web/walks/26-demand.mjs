import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = 'a fifth of the owners asks for a meeting, the committee does not convene, the street orders and entrusts the community, which convenes'

export async function walk(outer) {
  const w = await outer.house()
  const button = (p, text) => p.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  let c = await w.desk('community')
  const compound = await w.get(c, '/api/places/' + (await w.compound(c)).id)
  const demand = async (p) => (await w.get(p, '/api/assembly-demands')).items[0]
  const d = await demand(c)

  // Owners whose numbers stand on the register sign; the last one by hand on the phone, with a change of mind.
  const homes = (await w.get(c, `/api/places?under=${encodeURIComponent(compound.path)}&kind=home&limit=100`)).items
  let signed = d.signed
  for (const [i, h] of homes.slice(52, 66).entries()) {
    if (signed === 14) break
    const { person } = await w.get(c, '/api/people/' + (await w.get(c, '/api/homes/' + h.id)).owners[0].person)
    const phone = '138000010' + (10 + i)
    const r = await c.request.fetch('/api/people/' + person.id, { method: 'PATCH', data: { version: person.version, reason: '走查', phones: [phone] } })
    assert.ok(r.ok(), await r.text())
    const own = await w.page('phone')
    await w.post(own, '/api/sign-in/phone', { phone })
    await w.post(own, '/api/sign-in/phone/confirm', { phone, code: '246810' })
    signed = (await w.post(own, `/api/assembly-demands/${d.id}/sign`)).signed
    await own.context().close()
  }
  const mine = await w.pocket()
  await mine.goto('/p/demands')
  await button(mine, '我也联名').click()
  await button(mine, '撤回我的签名').click()
  await button(mine, '我也联名').click()
  await button(mine, '撤回我的签名').waitFor()
  await mine.locator('.mark', { hasText: '委员会应召集会议' }).waitFor()
  await w.look(mine, '1-a-fifth')

  // The committee lets its days pass: the street orders.
  const after = (due) => Math.ceil((new Date(due) - Date.now()) / 86_400_000) + 1
  await w.on(after((await demand(mine)).due))
  let s = await w.desk('street')
  await until(async () => (await demand(s)).stage === 'order', 'the street owes the order')
  const say = async (text, reason) => {
    await s.goto('/console/demands?open=' + d.id)
    await button(s, text).click()
    await s.locator('.el-message-box textarea').fill(reason)
    await button(s.locator('.el-message-box'), text).click()
    await s.locator('.el-message-box').waitFor({ state: 'hidden' })
  }
  await say('责令召集', '业主联名已达五分之一，业委会逾期未召集。')
  await s.locator('.side .mark', { hasText: '已责令' }).waitFor()
  await w.look(s, '2-ordered')

  // Nor was the order followed: the community is entrusted, and convenes from the demand.
  await w.on(after((await demand(s)).due))
  s = await w.desk('street')
  await until(async () => (await demand(s)).stage === 'entrust', 'the street may entrust')
  await say('委托社区组织', '责令后仍未召集。')
  await s.locator('.side .mark', { hasText: '已委托社区' }).waitFor()
  await w.look(s, '3-entrusted')
  assert.equal(await button(s, '据此召集会议').count(), 0, 'the community convenes, not the street')
  c = await w.desk('community')
  await c.goto('/console/demands?open=' + d.id)
  await button(c, '据此召集会议').click()
  await c.locator('h1', { hasText: '召集会议' }).waitFor()
  await w.look(c, '4-wizard')

  // The draft answers the demand: from here on names stay.
  await c.locator('.field:has(.name:text-is("会议名称")) input').fill('公共收益账目（走查）')
  await button(c, '下一步').click()
  await button(c, '增加议题').click()
  const matter = c.locator('form.matter')
  await matter.locator('.field:has(.name:text-is("决定什么")) .el-select').click()
  await c.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: '其他重大事项' }).click()
  await matter.locator('.field:has(.name:text-is("议题名称")) input').fill('公开2025年公共收益账目')
  await matter.locator('.field:has(.name:text-is("要决定的内容")) textarea').fill('在公告栏公布收支明细。（示例）')
  await button(c, '加入').click()
  await button(c, '下一步').click()
  await button(c, '下一步').click()
  await c.locator('.mark.well', { hasText: '日程合法' }).waitFor()
  await button(c, '存为草案').click()
  await until(async () => (await demand(c)).meeting, 'the draft answers the demand')
  const own = await w.pocket()
  await own.goto('/p/demands')
  await own.getByText('已经召集，看会议').waitFor()
  assert.equal(await button(own, '撤回我的签名').count(), 0)
}
