import assert from 'node:assert/strict'

export const name = 'the office: requests, organisations and people by hand, a household, merge and part, routes, ladders, a year, 12345, promises, keys'

export async function walk(w) {
  const p = await w.desk('street')
  const button = (text, at = p) => at.locator('button', { hasText: new RegExp(`^\\s*${text}\\s*$`) })
  const field = (label, at = p) => at.locator(`.field:has(.name:text-is("${label}"))`).last()
  const option = (text, page = p) => page.locator('.el-select-dropdown:visible .el-select-dropdown__item', { hasText: text }).first()
  const find = async (label, text) => {
    await field(label).locator('input').fill(text)
    await option(text).click()
  }
  const said = (page = p) => page.locator('.el-message--success').last().waitFor()
  const mark = String(Date.now() % 1_000_000)

  // Somebody asks; the office sees it and answers.
  const resident = await w.pocket()
  await w.post(resident, '/api/me/corrections', { kind: 'correct', text: '电话换了 ' + mark })
  await p.goto('/console/corrections')
  await p.locator('tbody tr', { hasText: mark }).click()
  const grant = button('已更正，同意')
  assert.ok(await grant.isDisabled(), 'no decision without an answer')
  await field('答复').locator('textarea').fill('已经改好')
  await grant.click()
  await said()
  await p.locator('tbody tr', { hasText: mark }).getByText('已同意').waitFor()
  // Consents stand by themselves and are taken back as easily as given.
  await resident.goto('/p/me')
  const agreed = resident.locator('.one .van-switch').first()
  await agreed.waitFor()
  const before = await agreed.getAttribute('aria-checked')
  await agreed.click()
  await resident.locator(`.one .van-switch[aria-checked="${before === 'true' ? 'false' : 'true'}"]`).first().waitFor()

  // An organisation by hand, corrected with a reason.
  const group = '示例党小组' + mark
  await p.goto('/console/orgs')
  await button('新增组织').click()
  await field('名称').locator('input').fill(group)
  await field('类别', p.locator('.adding')).locator('.el-select').click()
  await option('党小组').click()
  await button('保存').click()
  await p.locator('.adding').waitFor({ state: 'detached' })
  await p.goto('/console/orgs?q=' + encodeURIComponent(group))
  await p.locator('tbody tr', { hasText: group }).click()
  await button('更正').click()
  await field('备案号').locator('input').fill('示备' + mark)
  assert.ok(await button('保存').isDisabled(), 'no correction without a reason')
  await field('更正理由').locator('input').fill('补录')
  await button('保存').click()
  await p.locator('.panel', { hasText: '示备' + mark }).waitFor()

  // Two people by hand: one moves into a home and out again, then both turn out to be one, and do not.
  const [one, two] = ['测试甲' + mark, '测试乙' + mark]
  await p.goto('/console/people')
  await button('新增人员').click()
  await find('所属地方', '明鑫花苑')
  await field('姓名').locator('input').fill(one)
  await button('保存').click()
  await p.locator('.panel', { hasText: one }).waitFor()
  const owner = (await w.get(p, '/api/people?q=hzx')).items.find((x) => x.at.some((s) => s.kind === 'owner'))
  await p.goto('/console/homes/' + owner.at.find((s) => s.kind === 'owner').node)
  await button('登记入住').click()
  await p.locator('.el-radio', { hasText: '新登记一个人' }).click()
  await field('姓名').locator('input').fill(two)
  await button('登记入住', p.locator('form')).click()
  const lives = p.locator('tr', { hasText: two })
  await button('迁出', lives).click()
  await field('理由').locator('input').fill('搬走')
  await button('迁出', p.locator('form')).click()
  await p.locator('tr', { hasText: two }).getByText('曾住').waitFor()
  const second = (await w.get(p, '/api/people?q=' + encodeURIComponent(two))).items[0]
  await p.goto(`/console/people?q=${encodeURIComponent(two)}&open=${second.id}`)
  await button('与别人合并').click()
  await find('合并到', one)
  await field('为什么是同一个人').locator('input').fill('重复登记')
  await button('与别人合并', p.locator('.panel form')).click()
  await button('拆开').click()
  await p.locator('.el-message-box input').fill('不是同一个人')
  await button('拆开', p.locator('.el-message-box')).click()
  await button('与别人合并').waitFor()

  // A promise is kept.
  const contract = (await w.get(p, '/api/contracts')).items[0]
  await w.post(p, `/api/contracts/${contract.id}/promises`, { text: '修好门禁 ' + mark, due: '2026-01-05' })
  await p.goto('/console/promises?state=open')
  await p.locator('tbody tr', { hasText: mark }).click()
  await button('已兑现').click()
  await said()
  await p.locator('tbody tr', { hasText: mark }).waitFor({ state: 'detached' })

  // A route of the street's own, taken away again.
  await p.goto('/console/settings/routes')
  await button('新增规则').click()
  await field('方式').locator('.el-select').click()
  await option('国企物业').click()
  await p.locator('.el-radio', { hasText: '只定岗位' }).click()
  await field('岗位').locator('.el-select').click()
  await option('网格员').click()
  await button('保存').click()
  const own = p.locator('section.sheet:has(h2:text-is("本地规则"))')
  const rule = own.locator('tr', { hasText: '国企物业' })
  await rule.getByText('网格员').waitFor()
  await button('移除', rule).click()
  await rule.waitFor({ state: 'detached' })

  // A ladder out of order cannot be saved.
  await p.goto('/console/settings/ladders')
  await p.locator('.el-radio-button', { hasText: '只提醒' }).click()
  const steps = p.locator('ol li')
  await p.waitForFunction(() => document.querySelectorAll('ol li').length === 2)
  await button('加一步').click()
  await field('理由').locator('input').fill('再提醒一次')
  assert.ok(await button('保存').isEnabled())
  await steps.last().locator('.side').click()
  await option('到期前').click()
  await p.getByText('要排在上一步之后').waitFor()
  assert.ok(await button('保存').isDisabled(), 'steps stand in order of time')

  // A year's notice counts its days before it is published.
  await p.goto('/console/settings/calendars')
  await button('录入放假安排').click()
  const days = p.locator('.line').first().locator('input[type=date]')
  await days.nth(0).fill('2027-10-01')
  await days.nth(1).fill('2027-10-07')
  await p.getByText('共放假 7 天，补班 0 天').waitFor()
  assert.ok(await button('公布这一年').isDisabled(), 'no notice without a name and a reason')

  // The sample of 12345 can be read back as it is.
  const sample = await p.request.get('/api/case-imports/sample.xlsx')
  await p.goto('/console/import12345')
  await p.locator('input[type=file]').setInputFiles({ name: 'sample.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: await sample.body() })
  await p.getByText('先看一看，还没有登记').waitFor()
  await p.locator('input[type=file]').setInputFiles({ name: 'no.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('no book') })
  await p.locator('.fault').waitFor()

  // A key is shown once and ended; who may not keep keys has no such page.
  const s = await w.desk('secadmin')
  await s.goto('/console/settings/keys')
  const keys = s.locator('section.sheet:has(h2:text-is("接口密钥"))')
  await button('新建密钥', keys).click()
  await field('名称', keys).locator('input').fill('示例平台' + mark)
  await field('可当岗位', keys).locator('.el-select').click()
  await option('网格员', s).click()
  await s.keyboard.press('Escape')
  await keys.locator('form button[type=submit]').click()
  assert.ok((await keys.locator('.secret').inputValue()).length > 20)
  await s.reload()
  await keys.locator('tr', { hasText: mark }).waitFor()
  assert.equal(await keys.locator('.secret').count(), 0, 'shown once')
  await button('停用', keys.locator('tr', { hasText: mark })).click()
  await button('停用', s.locator('.el-message-box')).click()
  await keys.locator('tr', { hasText: mark }).getByText('已停用').waitFor()
  const rail = s.locator('nav.rail')
  await rail.getByText('设置').waitFor()
  for (const k of ['人员', '更正请求', '12345 导入']) assert.equal(await rail.getByText(k, { exact: true }).count(), 0, k + ' is not for the security administrator')
  await p.goto('/console/settings')
  assert.equal(await p.locator('nav button', { hasText: '密钥' }).count(), 0)

  // The machine room.
  const a = await w.desk('sysadmin')
  await a.goto('/console/settings/system')
  await a.getByText('提醒与升级').waitFor()
  await a.getByText('没有，不访问任何外部地址').waitFor()
}
