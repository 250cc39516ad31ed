import assert from 'node:assert/strict'
import { COMPOUND } from './walk.mjs'

export const name = 'the public board without signing in, on paper, and the wall'

export async function walk(w) {
  await w.matter('公示板：3幢电梯厅的瓷砖松了。', { place_text: '3幢电梯厅' })
  const p = await w.page('desk')
  const answer = await p.goto('/b/')
  const policy = answer.headers()['content-security-policy'] ?? ''
  assert.match(policy, /default-src 'self'/)
  assert.ok(!/https?:|unsafe-eval|script-src[^;]*unsafe-inline/.test(policy), policy)
  await p.locator('input').first().fill(COMPOUND.slice(0, 2))
  await p.getByRole('link', { name: COMPOUND }).or(p.locator('a', { hasText: COMPOUND })).first().click()
  await p.waitForURL('**/b/*')
  await p.locator('.figure').first().waitFor()
  await p.locator('h1', { hasText: COMPOUND }).waitFor()
  const words = await p.locator('main').textContent()
  assert.match(words, /\d+\/\d+/, 'figures with n/N')
  assert.ok(!/1\d{10}|1\d{2}\*+\d{4}/.test(words), 'no telephone numbers on a public board')
  assert.ok(!/^\/api\/me$|^\/api\/cases$/.test([...w.asked].join('\n')), 'nothing of the desk is asked')
  // Its lists are public: no text of what people wrote, no names.
  const list = await w.get(p, '/api/public/compounds/' + p.url().split('/').pop() + '/cases')
  assert.ok(list.items.length && list.items.every((c) => !('text' in c) && !('reporter' in c) && !('holder' in c && c.holder?.name)), 'the public list names nobody')
  await p.emulateMedia({ media: 'print' })
  assert.equal(await p.locator('.no-print:visible').count(), 0)
  const pdf = await p.pdf({ format: 'A4' })
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g).length
  assert.ok(pages <= 2, `prints on ${pages} pages`)
  await p.emulateMedia({ media: 'screen' })
  await p.goto('/screen')
  await p.locator('.figure').nth(5).waitFor()
  // The wall shows all without scrolling at its usual size.
  await p.setViewportSize({ width: 1920, height: 1080 })
  assert.ok((await p.evaluate(() => document.documentElement.scrollWidth)) <= 1920)
  // A compound that is none gives a plain answer.
  await p.goto('/b/none')
  await p.locator('[role=alert], .fault').first().waitFor()
}
