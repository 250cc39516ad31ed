import assert from 'node:assert/strict'

export const name = "a quarter's disclosure checked by an owner: from the picture to a line's voucher to the verify page; one changed fen is named"

export async function walk(w) {
  const p = await w.page('desk')
  const compound = (await w.compound(p)).id
  const board = await w.get(p, '/api/public/money?compound=' + compound)
  assert.ok(board.statement && board.flows.length > 1, 'the demo has published a quarter')

  // From the compound's page to the picture; its table adds up to the closing.
  await p.goto('/b/' + compound)
  await p.getByRole('link', { name: '公共收益公示' }).click()
  await p.locator('.picture path.band').first().waitFor()
  // A stream for each account that brought something, one for each thing that was paid, and what was and is there.
  const paid = (await w.get(p, '/api/public/money/statements/' + board.statement)).words.lines.filter((l) => l.amount < 0)
  assert.equal(await p.locator('.picture path.band').count(), board.flows.filter((f) => f.into).length + Math.min(paid.length, 5) + (board.opening > 0 ? 1 : 0) + (board.closing > 0 ? 1 : 0))
  for (const l of paid.slice(0, 4)) assert.match(await p.locator('.picture svg').textContent(), new RegExp(l.words.slice(0, 3)))
  const fen = (s) => Number(BigInt(s.replace('−', '-').replace(/[^\d-]/g, '')))
  const cells = await p.locator('table.plain td.num').allInnerTexts()
  assert.equal(cells.slice(0, -1).reduce((n, s) => n + fen(s), 0), fen(cells.at(-1)), 'opening, in and out make the closing')
  assert.match(await p.locator('main').innerText(), /季报 \d{4}Q\d/)

  // A line opens to its voucher: what was paid shows the reviews and the seals, and no full name or number.
  await p.locator('.line .out').first().click()
  const voucher = p.locator('.voucher').first()
  await voucher.getByText('用印').first().waitFor()
  const said = await voucher.innerText()
  assert.match(said, /收款人[\s\S]*审核同意/)
  assert.ok(!/\d{7,}/.test(said.replace(/[0-9a-f]{64}/g, '').replace(/\b[0-9a-z]{20,}\b/g, '').replace(/sha256 [0-9a-f]+/g, '')), 'no number of an account or a telephone')
  await w.look?.(p, 'board-money')
  await p.emulateMedia({ media: 'print' })
  assert.equal(await p.locator('.no-print:visible').count(), 0)
  await p.emulateMedia({ media: 'screen' })

  // One tap on: everything is checked with this page's own code.
  await p.getByRole('link', { name: '自己核对' }).click()
  await p.locator('.verdict').waitFor()
  const checked = await p.locator('main').innerText()
  for (const c of ['checkpoint_signature', 'in_log', 'statement_hash', 'statement_sums', 'chain', 'seal', 'changed', 'shown_days']) await p.locator(`li.good[data-check=${c}]`).waitFor()
  assert.match(checked, /这不能说明[\s\S]*凭证和银行流水/)
  await w.look?.(p, 'verify-money')

  // The same file with one changed fen, without a network: it is found, and the statement is named.
  const file = await (await p.request.get('/api/public/money/files/' + compound)).text()
  await p.context().setOffline(true)
  const canonical = (v) => (Array.isArray(v) ? '[' + v.map(canonical).join(',') + ']' : v && typeof v === 'object' ? '{' + Object.keys(v).sort().map((k) => JSON.stringify(k) + ':' + canonical(v[k])).join(',') + '}' : JSON.stringify(v))
  const bent = JSON.parse(file)
  const s = bent.statements.find((x) => x.lines.length)
  s.lines[0].amount++
  await p.locator('input[type=file]').setInputFiles({ name: 'bent.json', mimeType: 'application/json', buffer: Buffer.from(canonical(bent) + '\n') })
  await p.getByText('bent.json').waitFor()
  await p.locator('li.bad[data-check=statement_hash]').waitFor()
  await p.locator('li.bad[data-check=statement_sums]').waitFor()
  assert.match(await p.locator('li.bad[data-check=statement_hash]').innerText(), new RegExp((s.kind === 'month' ? '月报 ' : '季报 ') + s.period))
  await p.context().setOffline(false)
}
