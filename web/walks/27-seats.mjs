import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = "a mandate given and accepted on two phones; a decision taken off; a member leaves, the alternate follows, things are handed over; a board's question answered on the phone; a zone proposes and signs the recall of its own member, on the phone and at the desk"

export async function walk(outer) {
  const w = await outer.house()
  const button = (p, text) => p.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const say = async (p, title, text) => {
    await p.locator('.el-message-box textarea').fill(text)
    await button(p.locator('.el-message-box'), title).click()
    await p.locator('.el-message-box').waitFor({ state: 'hidden' })
  }
  // An owner lets a neighbour vote, who accepts, and takes it back again.
  const owner = await w.pocket()
  const vote = (await w.get(owner, '/api/me/assemblies')).items.find((m) => m.open)
  await owner.goto('/p/votes/' + vote.id)
  await button(owner, '委托别人投票').click()
  await owner.locator('[name=holder]').fill('13800000003')
  await button(owner, '委托别人投票').click()
  await owner.getByText('等待接受').waitFor()
  const holder = await w.page('phone')
  await w.post(holder, '/api/sign-in/phone', { phone: '13800000003' })
  await w.post(holder, '/api/sign-in/phone/confirm', { phone: '13800000003', code: '246810' })
  await holder.goto('/p/votes/' + vote.id)
  await button(holder, '接受委托').click()
  await holder.getByText('受托投票').first().waitFor()
  await owner.reload()
  await owner.locator('.mark.well', { hasText: '已接受' }).waitFor()
  await button(owner, '收回委托').click()
  await owner.locator('[name=reason]').fill('我自己投')
  await button(owner, '收回委托').click()
  await owner.locator('.mark', { hasText: '已结束' }).waitFor()

  // The director takes an open decision off.
  const d = await w.desk('director')
  const org = (await w.get(d, '/api/me/committees')).items.find((m) => m.directs).org
  const page = (p, part) => p.goto(`/console/committees/${org}?part=${part}`)
  await page(d, 'meetings')
  await button(d, '撤下决定').click()
  await say(d, '撤下决定', '先核实报价。')
  await until(async () => (await w.get(d, `/api/committees/${org}/meetings`)).items[0].decisions[0].state === 'lost', 'the decision is off')

  // A member resigns on paper; the alternate of the zone follows; things are listed and signed off.
  const c = await w.desk('community')
  await page(c, 'members')
  await c.locator('tbody tr', { hasText: '第3选区' }).first().locator('button', { hasText: '登记书面辞职' }).click()
  await c.locator('.el-message-box textarea').fill('书面辞职：搬家。（示例）')
  await c.locator('.el-message-box .el-button--primary').click()
  const left = await until(async () => (await w.get(c, '/api/committees/' + org)).vacancies.find((v) => v.state === 'filled'), 'the alternate moved up')
  await c.getByText(left.name).first().waitFor()
  await page(c, 'changes')
  await button(c, '填写清单').first().click()
  await w.look(c, '1-list')
  await button(c, '提交清单').click()
  await c.locator('.mark.busy').first().waitFor()
  await page(d, 'changes')
  await button(d, '签收').first().click()
  await say(d, '签收', '已清点。')
  await until(async () => (await w.get(d, '/api/committees/' + org)).handovers.every((h) => h.received), 'all is handed over')
  await w.look(d, '2-handed')

  // The board asks on one phone; the director answers on another.
  const board = (await w.get(c, '/api/committees/' + org)).boards[0]
  const { person } = await w.get(c, '/api/people/' + (await w.get(c, '/api/orgs/' + board.id)).terms[0].person)
  const r = await c.request.fetch('/api/people/' + person.id, { method: 'PATCH', data: { version: person.version, reason: '走查', phones: ['13800001199'] } })
  assert.ok(r.ok(), await r.text())
  const member = await w.page('phone')
  await w.post(member, '/api/sign-in/phone', { phone: '13800001199' })
  await w.post(member, '/api/sign-in/phone/confirm', { phone: '13800001199', code: '246810' })
  await member.goto('/p/committee')
  await member.locator('[name=question]').fill('十月的停车收入公布了吗？（走查）')
  await button(member, '提交').click()
  await member.getByText('十月的停车收入').first().waitFor()
  const director = await w.pocket('director')
  await director.goto('/p/committee')
  const card = director.locator('.sheet', { hasText: '十月的停车收入' })
  await card.locator('[name=answer]').fill('十一月十日已张贴。（走查）')
  await w.look(director, '3-asked')
  await button(card, '答复并公布').click()
  await card.waitFor({ state: 'detached' })
  await member.reload()
  await member.getByText('十一月十日已张贴').waitFor()
  assert.ok((await w.get(d, '/api/committees/' + org)).questions.every((q) => q.answer))

  await zoneRecall(w, { button, org, c, d, director })
}

/** Owners of a zone recall its member: proposed at the desk and on the phone, signed by a fifth of the zone. */
async function zoneRecall(w, { button, org, c, d, director }) {
  const committee = () => w.get(c, '/api/committees/' + org)
  const { zones, members } = await committee()
  const of = (zone) => members.filter((m) => m.zone === zone && m.post === 'committee_member')
  const [here, there] = zones
  /** Phones of owners of a zone who have no seat, their numbers entered by the community. */
  let n = 0
  const owners = async (zone, want) => {
    const homes = (await w.get(c, `/api/places?under=${encodeURIComponent(zone.buildings[0])}&kind=home&limit=40`)).items
    const got = []
    for (const h of homes.reverse()) {
      if (got.length === want) return got
      const { person } = await w.get(c, '/api/people/' + (await w.get(c, '/api/homes/' + h.id)).owners[0].person)
      if (members.some((m) => m.person === person.id)) continue
      const phone = '138000012' + String(10 + n++)
      const r = await c.request.fetch('/api/people/' + person.id, { method: 'PATCH', data: { version: person.version, reason: '走查', phones: [phone] } })
      assert.ok(r.ok(), await r.text())
      const p = await w.page('phone')
      await w.post(p, '/api/sign-in/phone', { phone })
      await w.post(p, '/api/sign-in/phone/confirm', { phone, code: '246810' })
      got.push(p)
    }
    assert.fail('so many owners of the zone')
  }
  const neighbours = await owners(here, 4)
  const [stranger] = await owners(there, 1)
  const whom = of(here.name)[0]
  const zoneOnly = '只有该委员所在选区的业主'
  const begin = async (p) => {
    await p.goto('/p/committee')
    await button(p, '提议罢免一名委员').click()
    await p.locator('[data-recall] .van-radio', { hasText: whom.name }).click()
    await p.locator('[data-recall] .van-radio', { hasText: `${here.name}业主` }).click()
    await p.locator('[data-recall] [name=recall]').fill('半年没有参加会议，也不答复本选区业主。（走查）')
    await button(p, '提议并联名').click()
  }

  // On the phone an owner of another zone is refused; one of the zone's own proposes.
  await begin(stranger)
  await stranger.locator('[data-recall]').getByText(zoneOnly).waitFor()
  assert.equal((await committee()).recalls.length, 0)
  const [first] = neighbours
  await begin(first)
  const card = (p) => p.locator('.sheet', { hasText: '提议罢免：' + whom.name })
  await card(first).getByText(`${here.name}业主提出`).waitFor()
  await card(first).locator('.mark', { hasText: '人数还不够' }).waitFor()
  await w.look(first, '4-zone-proposed')

  // At the desk the director, an owner of the same zone: not in another zone's name, no second proposal, another member yes.
  const own = (m) => d.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: m.name }).first()
  const pick = async (m, zone) => {
    await d.locator('form.box .el-select').click()
    await own(m).click()
    await d.locator('form.box .el-radio', { hasText: `以${zone}业主名义` }).click()
    await button(d.locator('form.box'), '提议罢免').click()
  }
  await d.goto(`/console/committees/${org}?part=changes`)
  await button(d, '提议罢免').first().click()
  await d.locator('form.box textarea').fill('经手的维修没有公布。（走查）')
  await pick(of(there.name)[0], there.name)
  await d.getByText(zoneOnly).first().waitFor()
  await pick(whom, here.name)
  await d.getByText('对此人的罢免提议正在办理').first().waitFor()
  await pick(of(here.name)[1], here.name)
  await d.locator('form.box').waitFor({ state: 'detached' })
  const other = d.locator('article.one', { hasText: '经手的维修没有公布' })
  await other.getByText(`${here.name}业主提出`).waitFor()
  assert.equal(await button(other, '联名').count(), 0, 'members do not sign for a zone at the desk')
  await w.look(d, '5-zone-desk')

  // A fifth of the zone signs on the phone; an owner of another zone does not.
  await stranger.goto('/p/committee')
  await button(card(stranger), '我也联名').click()
  await stranger.getByText(zoneOnly).first().waitFor()
  for (const p of [director, ...neighbours.slice(1)]) {
    await p.goto('/p/committee')
    await button(card(p), '我也联名').click()
    await card(p).locator('.mark.own').waitFor()
  }
  await card(neighbours.at(-1)).locator('.mark', { hasText: '人数已够' }).waitFor()
  const r = (await committee()).recalls.find((x) => x.person === whom.person)
  assert.deepEqual([r.by, r.zone, r.signed, r.enough], ['zone', here.name, 5, true])
  assert.ok(r.signed * 5 >= r.of && (r.signed - 1) * 5 < r.of, 'a fifth of the zone, not of the compound')
}
