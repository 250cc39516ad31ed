import assert from 'node:assert/strict'

export const name = 'the ballot of an election: candidates under their zone with its seats and the rule, from the final list to the receipt'

export async function walk(outer) {
  const w = await outer.house()
  const secretary = await w.desk('secretary')
  const m = (await w.get(secretary, '/api/assemblies?limit=100')).items.find((x) => x.title === '业主委员会换届选举（划区推选）')
  const e = await w.get(secretary, `/api/assemblies/${m.id}/election`)
  const waiting = e.candidates.flatMap((c) => c.objections ?? []).find((o) => o.state === 'open')
  await w.post(secretary, `/api/assemblies/${m.id}/candidate-objections/${waiting.id}/answer`, { uphold: false, answer: '铁棚已拆除。（走查）' })
  const street = await w.desk('street')
  await w.post(street, `/api/assemblies/${m.id}/candidates/final`)
  await w.on(10)

  const p = await w.pocket('voter')
  await p.goto('/p/votes/' + m.id)
  await p.getByText('候选人正式名单').waitFor()
  assert.equal(await p.locator('[data-zone]').count(), 3)
  assert.equal(await p.locator('.matter').count(), 0, 'candidates stand by zone and not as plain matters')
  await w.look(p, 'notice')
  await p.getByText('去投票').click()
  const zone = p.locator('.zone')
  for (const [i, text] of ['第1选区 · 2 席 · 第 1 名候选人，共 3 名', '第1选区 · 2 席 · 第 2 名候选人，共 3 名', '第1选区 · 2 席 · 第 3 名候选人，共 3 名', '第2选区 · 2 席 · 第 1 名', '第2选区', '第2选区', '第3选区 · 1 席 · 第 1 名候选人，共 2 名', '第3选区 · 1 席 · 第 2 名'].entries()) {
    await zone.getByText(text).waitFor()
    if (!i) {
      assert.ok((await zone.innerText()).includes('您可以同意超过 2 名'))
      assert.ok((await p.locator('.text').innerText()).includes('停车位'), 'the candidate’s own words')
      await w.look(p, 'candidate')
    }
    await p.locator(i % 3 === 2 ? '.choice.against' : '.choice.agree').click()
  }
  // The last look has them under their zones again.
  await p.getByText('再看一遍').waitFor()
  assert.deepEqual(await p.locator('.group').allInnerTexts(), ['第1选区 · 2 席', '第2选区 · 2 席', '第3选区 · 1 席'])
  await w.look(p, 'last-look')
  await p.getByRole('button', { name: '签名并投出' }).click()
  await p.waitForURL('**/receipts/**')
  const mine = await w.get(p, '/api/me/assemblies/' + m.id)
  assert.ok(mine.rights.every((r) => r.voted))
}
