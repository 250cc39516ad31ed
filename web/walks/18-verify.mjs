import assert from 'node:assert/strict'

export const name = 'a secret result is checked in the page, without a network; a spoilt bundle is named'

export async function walk(w) {
  const p = await w.page('desk')
  const compound = (await w.compound(p)).id
  const list = (await w.get(p, '/api/public/assemblies?compound=' + compound)).items
  const secret = list.find((m) => m.secret && ['preliminary', 'final'].includes(m.state))
  const open = list.find((m) => !m.secret && m.state === 'final')
  assert.ok(secret && open, 'the demo has both')

  // The posted page: figures with n/N, the derivation, and no way back to anybody.
  await p.goto('/vote/' + secret.id)
  await p.locator('.result').first().waitFor()
  assert.match(await p.locator('.result').first().innerText(), /\d+\/\d+[\s\S]*R01[\s\S]*成立/)
  await p.emulateMedia({ media: 'print' })
  assert.equal(await p.locator('.no-print:visible').count(), 0)
  await p.emulateMedia({ media: 'screen' })
  const bundle = await (await p.request.get(`/api/public/assemblies/${secret.id}/bundle.json`)).text()
  assert.ok(JSON.parse(bundle).ballots.every((x) => !('choices' in x || 'salt' in x || 'right' in x || 'n' in x)), 'the public file of a secret vote holds no content')

  // One click from there it is checked; what it proves and what not is said.
  await p.getByRole('link', { name: '在本页自己核对一遍' }).click()
  await p.locator('.verdict.well').waitFor()
  assert.equal(await p.locator('li.bad').count(), 0)
  for (const c of ['checkpoint_signature', 'cosignatures', 'ballot_in_log', 'ballot_count', 'groups', 'core_hash']) await p.locator(`li.good[data-check=${c}]`).waitFor()
  const said = await p.locator('main').innerText()
  assert.match(said, /这不能说明[\s\S]*只有监票人能核对/)

  // Now without a network: files dropped on the open page.
  await p.context().setOffline(true)
  const drop = (name, text) => p.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
  await drop('sound.json', bundle)
  await p.getByText('sound.json').waitFor()
  await p.locator('.verdict.well').waitFor()
  const b = JSON.parse(bundle)
  const canonical = (v) => (Array.isArray(v) ? '[' + v.map(canonical).join(',') + ']' : v && typeof v === 'object' ? '{' + Object.keys(v).sort().map((k) => JSON.stringify(k) + ':' + canonical(v[k])).join(',') + '}' : JSON.stringify(v))
  const bent = (f) => {
    const x = JSON.parse(bundle)
    f(x)
    return canonical(x) + '\n'
  }
  assert.equal(canonical(b) + '\n', bundle, 'the file is canonical')
  const spoilt = [
    ['one-bit.json', bundle.replace('"counted":true', '"counted":trub'), 'form'],
    ['dropped.json', bent((x) => x.ballots.splice(3, 1)), 'ballot_count'],
    ['added.json', bent((x) => x.ballots.push({ ...x.ballots[0], commitment: 'f'.repeat(64) })), 'ballot_in_log'],
    ['moved.json', bent((x) => ([x.ballots[1], x.ballots[2]] = [x.ballots[2], x.ballots[1]])), 'ballot_order'],
    ['roll.json', bent((x) => (x.roll.text = x.roll.text.replace(/\t(\d+)\.(\d\d)\tregistered/, '\t9$1.$2\tregistered'))), 'roll_hash'],
    ['result.json', bent((x) => (x.results[0].passed = !x.results[0].passed)), 'derivation'],
    ['groups.json', bent((x) => (x.groups[0].sums.all.agree += 1)), 'groups'],
  ]
  for (const [file, text, check] of spoilt) {
    assert.notEqual(text, bundle)
    await drop(file, text)
    if (check !== 'form') await p.locator('p', { hasText: file }).waitFor()
    await p.locator('.verdict.over').waitFor()
    await p.locator(`li.bad[data-check=${check}]`).waitFor()
  }
  await p.context().setOffline(false)

  // An open vote is counted again to the last figure.
  await p.goto('/verify?meeting=' + open.id)
  await p.locator('.verdict.well').waitFor()
  for (const c of ['ballot_commitment', 'ballot_counted', 'count', 'derivation']) await p.locator(`li.good[data-check=${c}]`).waitFor()

  // The log's page shows its keys, and this device finds that the log only grew.
  await p.goto('/log')
  await p.locator('li.good[data-check=checkpoint]').waitFor()
  await p.locator('li.good[data-check=grows]').waitFor()
  assert.match(await p.locator('main').innerText(), /\/public\+[0-9a-f]{8}\+/)
}
