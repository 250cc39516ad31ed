import assert from 'node:assert/strict'
import { settled } from './pages.mjs'
import { until } from './walk.mjs'

export const name = 'elections: an owner co-signs and objects on the phone, the desk makes the lists, board and phone show who is elected'

const FINISHED = '业主委员会换届选举'
const SEAT = '业主委员会补选（第3选区一名）'
const HUNG = '业主委员会换届选举（划区推选）'

export async function walk(w) {
  const desk = await w.desk('street')
  const meetings = (await w.get(desk, '/api/assemblies?limit=100')).items
  const [finished, seat, hung] = [FINISHED, SEAT, HUNG].map((t) => meetings.find((m) => m.title === t))
  const button = (p, text) => p.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const sure = (p, text) => p.locator('.el-message-box:visible').getByRole('button', { name: text }).click()

  // The phone: from the meeting to the candidates, and the tenth name for who stands by own choice.
  const phone = await w.pocket('neighbour')
  await phone.goto('/p/votes/' + seat.id)
  await phone.getByText('自荐、联名').click()
  await phone.waitForURL('**/election')
  const one = phone.locator('[data-candidate]', { hasText: '自荐' })
  await one.getByText('9/10').waitFor()
  await one.getByRole('button', { name: /联名$/ }).click()
  await one.getByText('10/10').waitFor()
  await one.getByText('您已联名').waitFor()
  assert.equal(await one.locator('button').count(), 0, 'one co-signs once')
  const before = await w.get(phone, `/api/me/assemblies/${seat.id}/election`)
  const self = before.candidates.find((c) => c.by === 'self')
  assert.ok(before.my_signed.includes(self.id) && self.cosigners === 10 && !self.person, 'counted, and nobody is handed a neighbour’s id')

  // A neighbour is proposed by home and name; a wrong name gets the same answer.
  for (const [home, name] of [['1-1-601', '查无此人'], ['1-1-301', '查无此人']]) {
    await phone.locator('[data-propose] button').click()
    await phone.locator('[name=home]').fill(home)
    await phone.locator('[name=name]').fill(name)
    await phone.locator('[data-propose] button[type=submit]').click()
    await phone.getByText('如果房号和姓名相符').waitFor()
  }

  // The desk of the community examines and posts the provisional list; the final one has to wait.
  const community = await w.desk('community')
  await community.goto(`/console/assemblies/${seat.id}?tab=election`)
  const row = community.locator('tr', { hasText: '10/10' })
  await row.getByRole('button', { name: '审查' }).click()
  await button(community, '记录审查结果').click()
  await row.locator('.mark.well').waitFor()
  await button(community, '公布初步名单').click()
  await sure(community, /公布初步名单|确定/)
  await community.getByText('初步名单公示到').waitFor()
  assert.ok(await button(community, '公布正式名单').count() === 0 || (await button(community, '公布正式名单').isDisabled()), 'not before it has hung')

  // The owner objects to a name on it, with a reason; the board has the number and no word of it.
  await phone.goto(`/p/votes/${seat.id}/election`)
  await phone.getByText('候选人初步名单公示').waitFor()
  const other = phone.locator('[data-candidate]', { hasText: '党组织推荐' })
  await other.getByRole('button', { name: '提异议' }).click()
  await other.locator('textarea').fill('他去年把房子租给了物业公司做仓库。（走查）')
  await other.getByRole('button', { name: '发送' }).or(other.locator('button[type=submit]')).first().click()
  await other.getByText('异议待答复').waitFor()
  const board = await w.page('desk')
  await board.goto('/vote/' + seat.id)
  await board.locator('[data-candidate]', { hasText: '异议 1 件' }).waitFor()
  assert.ok(!(await board.locator('body').innerText()).includes('仓库'))
  // The street answers, for the community convened; struck, with the reason.
  await desk.goto(`/console/assemblies/${seat.id}?tab=election`)
  const said = desk.locator('.said', { hasText: '仓库' })
  await said.getByRole('button', { name: '答复' }).click()
  await said.locator('.el-radio', { hasText: '除名' }).click()
  await said.locator('textarea').fill('租约为本人所签，与物业公司有利害关系。（走查）')
  await said.locator('button[type=submit]').click()
  await desk.locator('tr', { hasText: '已除名' }).waitFor()
  await until(async () => (await w.get(phone, `/api/me/assemblies/${seat.id}/election`)).candidates.some((c) => c.state === 'struck'), 'the owner reads it')
  await phone.reload()
  await other.getByText('已除名').waitFor()
  await other.getByText('租约为本人所签').first().waitFor()

  // Where a list has hung: the community answers what waits, and the final list makes each candidate a matter.
  await desk.goto(`/console/assemblies/${hung.id}?tab=election`)
  await desk.getByText('1 件对候选人的异议待答复').waitFor()
  assert.ok(await button(desk, '公布正式名单').isDisabled())
  const secretary = await w.desk('secretary')
  await secretary.goto(`/console/assemblies/${hung.id}?tab=election`)
  const waiting = secretary.locator('.said', { hasText: '铁棚' })
  await waiting.getByRole('button', { name: '答复' }).click()
  await waiting.locator('textarea').fill('铁棚已于上周拆除。（走查）')
  await waiting.locator('button[type=submit]').click()
  await waiting.getByText('上周拆除').waitFor()
  await desk.reload()
  await button(desk, '公布正式名单').click()
  await sure(desk, /公布正式名单|确定/)
  await until(async () => (await w.get(desk, '/api/assemblies/' + hung.id)).matters.length === 8, 'each candidate is a matter')
  await board.goto('/vote/' + hung.id)
  await board.getByText('候选人正式名单').first().waitFor()
  assert.equal(await board.locator('#candidates [data-zone]').count(), 3)

  // The finished one: elected, alternate, tie and empty seat, each with n/N, on the board and on the phone.
  for (const [p, at] of [[board, '/vote/'], [phone, '/p/votes/']]) {
    await p.goto(at + finished.id)
    await settled(p)
    const zone = (n) => p.locator('.outcome [data-zone]').nth(n)
    await zone(0).getByText('当选 2/2 席').waitFor()
    for (const s of ['40/50', '35/50', '候补第 1', '30/50']) assert.ok((await zone(0).innerText()).includes(s), `${at}: ${s}`)
    assert.equal(await zone(1).getByText('同票', { exact: true }).count(), 2)
    await zone(1).getByText('由再次投票决定').waitFor()
    await zone(2).getByText('1 席空缺').waitFor()
    await zone(0).locator('summary').first().click()
    await zone(0).getByText('2×40').first().waitFor()
    assert.equal(await p.locator('.outcome > .result').count(), 0, 'not as plain matters')
  }
  await desk.goto(`/console/assemblies/${finished.id}?tab=election`)
  await desk.locator('table.elected').getByText('40/50').first().waitFor()
  await desk.getByRole('link', { name: '票数相同，另行投票的会议' }).click()
  await desk.getByText('再次投票').first().waitFor()
}
