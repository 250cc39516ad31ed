import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = "an interim committee proposed and approved; a committee elected anew files, takes over, and has its seal; a seal kept, lost and entered again; an advisory group; a recall put to the assembly"

export async function walk(outer) {
  const w = await outer.house()
  const button = (p, text) => p.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const field = (p, label) => p.locator(`.field:has(.name:text-is("${label}"))`)
  const say = async (p, title, text) => {
    await p.locator('.el-message-box:visible').locator('textarea, input:not([type=hidden])').first().fill(text)
    await button(p.locator('.el-message-box:visible'), title).click()
    await p.locator('.el-message-box').waitFor({ state: 'hidden' })
  }
  const choose = async (p, select, text) => {
    await select.click()
    await p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first().click()
  }
  /** Finds a person by name in a field that searches. */
  const find = async (p, select, person) => {
    await select.click()
    await select.locator('input').fill(person)
    await p.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: person }).first().click()
  }
  const day = (p, label, d) => field(p, label).locator('input').fill(d)
  const s = await w.desk('street')
  const rows = (await w.get(s, '/api/formings?limit=200')).items
  const owners = async (r) => [...new Map((await w.get(s, `/api/people?under=${encodeURIComponent(r.path)}&limit=60`)).items.filter((x) => x.at?.some((a) => a.kind === 'owner')).map((x) => [x.name, x])).values()]
  /** A phone of somebody whose number the desk entered; the session serves the desk too. */
  let phones = 0
  const of = async (id, how = 'phone') => {
    const { person } = await w.get(s, '/api/people/' + id)
    const phone = '138000016' + String(10 + phones++)
    const r = await s.request.fetch('/api/people/' + id, { method: 'PATCH', data: { version: person.version, reason: '走查', phones: [phone] } })
    assert.ok(r.ok(), await r.text())
    const p = await w.page(how)
    await w.post(p, '/api/sign-in/phone', { phone })
    await w.post(p, '/api/sign-in/phone/confirm', { phone, code: '246810' })
    return p
  }

  // A forming that did not start is given up; the street's board begins an interim committee in its place.
  const stuck = rows.find((r) => r.stage === 'opened')
  const other = rows.find((r) => r.stage === 'elected')
  const [here, elsewhere] = [await owners(stuck), await owners(other)]
  await s.goto('/console/formings/' + stuck.forming)
  await button(s, '终止组建').click()
  await say(s, '终止组建', '凑不齐联名，改设临时管理委员会。（走查）')
  await s.locator('.mark', { hasText: '已终止' }).waitFor()
  await s.goto('/console/formings?open=' + encodeURIComponent(stuck.path))
  const side = s.locator('.side')
  await button(side, '立项').click()
  await side.locator('.el-radio', { hasText: '临时管理委员会' }).click()
  await field(side, '理由').locator('textarea').fill('首次业主大会一直没有开成。（走查）')
  await button(side.locator('form'), '立项').click()
  await s.waitForURL('**/console/formings/*')
  const sitters = s.locator('form.step .one')
  const people = [elsewhere[0], elsewhere[1], elsewhere[2], here[0], here[1], here[2], elsewhere[3]]
  for (const [i, x] of people.entries()) await find(s, sitters.nth(i).locator('.el-select').nth(1), x.name)
  await button(s, '登记：提出临管会人选').click()
  await s.locator('form.step .fault', { hasText: '须为本小区业主' }).waitFor() // one of the four owners owns elsewhere
  await w.look(s, '1-not-an-owner')
  await find(s, sitters.nth(6).locator('.el-select').nth(1), here[3].name)
  await button(s, '登记：提出临管会人选').click()
  await s.locator('.way [aria-current=step]', { hasText: '街道批准' }).waitFor()
  await day(s, '任期至', '2031-01-01')
  await button(s, '登记：街道批准').click()
  await s.getByText('任期最长 3 年').first().waitFor()
  await w.look(s, '2-too-long')
  await day(s, '任期至', '')
  await button(s, '登记：街道批准').click()
  await s.locator('.mark.well', { hasText: '已完成' }).waitFor()
  await s.getByRole('link', { name: '打开委员会' }).click()
  await s.locator('.mark', { hasText: '临管会' }).first().waitFor()
  await w.look(s, '3-interim')

  // Elected six days ago: the committee is filed within its thirty days, and its seal made on the receipt.
  const file = await w.get(s, '/api/formings/' + other.forming)
  const elected = await w.get(s, '/api/committees/' + file.org)
  await s.goto('/console/formings/' + other.forming)
  await s.locator('tr', { hasText: '备案' }).getByText('R11').first().waitFor()
  const step = (title) => s.locator('form.step', { hasText: title })
  await day(step('报送备案'), '日期', new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10))
  await button(s, '登记：报送备案').click()
  await s.getByText('日期不能在今天之后').first().waitFor()
  await day(step('报送备案'), '日期', '')
  await field(step('报送备案'), '另附材料').locator('textarea').fill('管理规约一份（走查）')
  await button(s, '登记：报送备案').click()
  await button(s, '登记：备案回执').waitFor()
  await s.getByRole('link', { name: '打印备案材料' }).first().click()
  await s.locator('article', { hasText: elected.members[0].name }).waitFor()
  await w.look(s, '4-filing')
  await s.goBack()
  await field(step('备案回执'), '备案号').locator('input').fill('走查备〔2026〕9号')
  await button(s, '登记：备案回执').click()
  await button(s, '登记：刻制印章').waitFor()
  await find(s, field(step('刻制印章'), '保管人').locator('.el-select'), elected.alternates[0].name)
  await button(s, '登记：刻制印章').click()
  await s.getByText('只有本届在任委员').first().waitFor() // an alternate keeps no seal
  await find(s, field(step('刻制印章'), '保管人').locator('.el-select'), elected.members[1].name)
  await button(s, '登记：刻制印章').click()
  await s.locator('.way .done', { hasText: '刻制印章' }).waitFor()
  assert.ok((await w.get(s, '/api/formings/' + other.forming)).deadlines.some((d) => d.kind === 'committee.file' && d.met && !d.late), 'filed in time')

  // A member calls the first meeting, and signs for what the former committee hands over; its seal is out of use then.
  const member = await of(elected.members[1].person, 'desk')
  await member.goto('/console/formings/' + other.forming)
  await day(member, '会议日期', new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10))
  await button(member, '登记：首次委员会会议').click()
  await member.waitForURL('**/console/committees/*part=meetings')
  await member.locator('.mark', { hasText: '已召集' }).waitFor()
  await s.goto(`/console/committees/${file.org}?part=changes`)
  await button(s, '填写清单').click()
  await button(s, '加一项').click()
  await button(s, '提交清单').click()
  await s.locator('.mark', { hasText: '待签收' }).waitFor()
  assert.equal(await button(s, '签收').count(), 0, 'who made the list does not sign for it')
  await member.goto(`/console/committees/${file.org}?part=changes`)
  await button(member, '签收').click()
  await say(member, '签收', '印章和账册已清点。（走查）')
  await member.locator('.mark', { hasText: '已签收' }).waitFor()
  await s.goto('/console/committees/' + file.former)
  await s.locator('[data-part=seal] .mark', { hasText: '已停用' }).waitFor()
  assert.equal(await button(s.locator('[data-part=seal]'), '登记印章').count(), 0, 'a committee out of office enters none')
  await w.look(s, '5-former')

  // An advisory group: nobody of the committee; three who are not in it.
  await s.goto(`/console/committees/${file.org}?part=questions`)
  await button(s, '成立监事会（顾问组）').click()
  const apart = elsewhere.filter((x) => ![...elected.members, ...elected.alternates].some((m) => m.person === x.id)).slice(0, 3)
  await field(s, '名称（可不填）').locator('input').fill('业主顾问组（走查）')
  const group = field(s, '成员，三至五人').locator('.el-select')
  for (const x of [elected.members[0], apart[0], apart[1]]) {
    await find(s, group, x.name)
    await s.locator('form.box .mark', { hasText: x.name }).waitFor()
  }
  await s.locator('form.box button[type=submit]').click()
  await s.getByText('成员不能是业委会委员').first().waitFor()
  await w.look(s, '6-board-refused')
  await s.getByRole('button', { name: `移除 ${elected.members[0].name}` }).click()
  await find(s, group, apart[2].name)
  await s.locator('form.box button[type=submit]').click()
  await s.getByText('业主顾问组（走查）').first().waitFor()
  await s.locator('form.box').waitFor({ state: 'detached' })

  // A committee that no forming led to: its filing, then its seal, entered, kept by another, lost, and entered again.
  const alone = rows.find((r) => r.org && !r.interim && !r.forming && r.name !== outer.COMPOUND && r.stage === 'committee' && r.org !== file.former)
  const d = await w.desk('director')
  const org = (await w.get(d, '/api/me/committees')).items.find((m) => m.directs).org
  await s.goto('/console/committees/' + alone.org)
  await s.locator('[data-part=seal]').getByText('请先在页首登记备案').waitFor()
  await button(s, '登记备案').click()
  await say(s, '登记备案', '走查备〔2026〕10号')
  await s.getByText('走查备〔2026〕10号').waitFor()
  await s.locator('[data-part=seal]').getByText('请先在页首登记备案').waitFor({ state: 'detached' })

  await d.goto('/console/committees/' + org)
  const seal = d.locator('[data-part=seal]')
  if (await button(seal, '换人保管').count().then((n) => n === 0 ? seal.locator('.mark.well').waitFor({ timeout: 3000 }).then(() => true, () => false) : true)) {
    // The desk of payments had one made already.
    await button(seal, '停用').click()
    await say(d, '停用', '重新刻制。（走查）')
  }
  const members = (await w.get(d, '/api/committees/' + org)).members
  const enter = async (on, keeper) => {
    await choose(d, field(seal, '保管人').locator('.el-select'), keeper)
    await day(seal, '刻制或收回日期', on)
    await seal.locator('button[type=submit]').click()
  }
  await button(seal, '登记印章').first().click()
  await enter(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10), members[1].name)
  await seal.getByText('日期不能在今天之后').first().waitFor()
  await w.look(d, '7-seal-refused')
  await enter('', members[1].name)
  await seal.locator('.mark.well', { hasText: '在用' }).waitFor()
  await seal.getByText(members[1].name).waitFor()
  await button(seal, '换人保管').click()
  await choose(d, field(seal, '保管人').locator('.el-select'), members[2].name)
  await seal.locator('button[type=submit]').click()
  await seal.locator('b', { hasText: members[2].name }).waitFor()
  await d.goto(`/console/committees/${org}?part=papers&kind=minutes`)
  await d.locator('.papers li button').first().click()
  await button(d, '用印').click()
  await say(d, '用印', '张贴公告栏。（走查）')
  await until(async () => (await w.get(d, `/api/committees/${org}/papers?kind=stamp`)).count > 0, 'the use stands in the log of seals')
  await d.goto('/console/committees/' + org)
  await button(seal, '停用').click()
  await say(d, '停用', '遗失，已登报。（走查）')
  await d.locator('.alarms', { hasText: '没有在用的印章' }).waitFor()
  await w.look(d, '8-seal-lost')
  await button(seal, '登记印章').first().click()
  await seal.getByText('停用的印章不能恢复使用').waitFor()
  await enter('', members[1].name)
  await seal.locator('.mark.well', { hasText: '在用' }).waitFor()
  await d.locator('.alarms', { hasText: '没有在用的印章' }).waitFor({ state: 'detached' })

  // A third of nine sign a recall, on desk and phones; the director drafts the meeting from it, the community puts it there.
  await d.goto(`/console/committees/${org}?part=changes`)
  const recall = async () => {
    await button(d, '提议罢免').first().click()
    await choose(d, field(d, '委员').locator('.el-select'), members[5].name)
    await field(d, '事实和理由').locator('textarea').fill('半年未到会。（走查）')
    await d.locator('form.box button[type=submit]').click()
  }
  await recall()
  await d.locator('.mark', { hasText: '人数不够' }).waitFor()
  await d.locator('form.box').waitFor({ state: 'detached' })
  await recall()
  await d.getByText('对此人的罢免提议正在办理').first().waitFor()
  await button(d, '取消').click()
  const c = await w.desk('community')
  await c.goto(`/console/committees/${org}?part=changes`)
  await c.locator('.mark', { hasText: '人数不够' }).waitFor()
  assert.equal(await button(c, '提交业主大会').count(), 0, 'not before enough have signed')
  for (const m of [members[2], members[3]]) {
    const p = await of(m.person)
    await p.goto('/p/committee')
    const card = p.locator('.sheet', { hasText: '半年未到会' })
    await button(card, '我也联名').click()
    await card.locator('.mark.own').waitFor()
    await w.look(p, '9-recall')
  }
  await d.locator('.mark.well', { hasText: '人数已够' }).waitFor()
  await d.getByRole('link', { name: '起草会议' }).click()
  await d.locator('h1', { hasText: '召集会议' }).waitFor()
  assert.match(await field(d, '会议名称').locator('input').inputValue(), new RegExp('罢免' + members[5].name))
  await button(d, '下一步').click()
  await d.locator('article', { hasText: '半年未到会' }).waitFor()
  await w.look(d, '10-matter')
  await button(d, '下一步').click()
  await button(d, '下一步').click()
  await d.locator('.mark.well', { hasText: '日程合法' }).waitFor()
  await button(d, '存为草案').click()
  await d.waitForURL(/assemblies\/(?!new)/)
  const meeting = d.url().split('/').pop().split('?')[0]
  await c.goto(`/console/committees/${org}?part=changes`)
  await button(c, '提交业主大会').click()
  await choose(c, c.locator('form.row .el-select').first(), '罢免')
  await c.locator('form.row .el-select').nth(1).getByText('1. 罢免').waitFor()
  await w.look(c, '11-put')
  await c.locator('form.row button[type=submit]').click()
  await c.locator('.mark', { hasText: '待大会表决' }).waitFor()
  const kept = (await w.get(c, '/api/committees/' + org)).recalls[0]
  assert.ok(kept.meeting === meeting && kept.matter === 1)
}
