import assert from 'node:assert/strict'
import { until } from './walk.mjs'

export const name = 'without a network the page of counting again opens anew and counts a file, and the log shows what was kept'

export async function walk(w) {
  const p = await w.page('phone')
  const compound = (await w.compound(p)).id
  const done = (await w.get(p, '/api/public/assemblies?compound=' + compound)).items.find((m) => m.state === 'final')
  const file = await (await p.request.get(`/api/public/assemblies/${done.id}/bundle.json`)).body()
  for (const at of ['/log', '/verify']) {
    await p.goto(at)
    await p.locator('h1').waitFor()
    // Kept once the worker has every file that the page loaded.
    await until(() => p.evaluate(async () => {
      const files = [...new Set(performance.getEntriesByType('resource').map((x) => x.name))].filter((x) => x.includes('/assets/'))
      const there = await Promise.all(files.map((x) => caches.match(x)))
      return Boolean(await caches.match('/verify')) && files.length > 0 && there.every(Boolean)
    }), at + ' is kept')
    await p.waitForTimeout(3500) // the other language
  }
  await p.goto('/log')
  await p.locator('dl.facts').first().waitFor()
  await p.context().setOffline(true)

  await p.goto('/verify')
  await p.locator('h1', { hasText: '核对' }).waitFor()
  const take = (text) => p.locator('input[type=file]').setInputFiles({ name: 'vote.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await take(file)
  await p.getByText('全部对得上').waitFor()
  // Counted here and now: a changed digit is found as well.
  await take(file.toString().replace(/"choices":\{"1":"agree"/, '"choices":{"1":"against"'))
  await p.locator('.bad').first().waitFor()
  assert.equal(await p.getByText('全部对得上').count(), 0)
  await p.locator('button', { hasText: 'English' }).click()
  await p.locator('h1', { hasText: /again|check/i }).waitFor()

  await p.goto('/log')
  await p.locator('dl.facts').first().waitFor()
  await p.locator('p.due').waitFor()

  // Nothing of a person and nothing else of the house is kept.
  const kept = await p.evaluate(async () => (await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat())
  assert.ok(kept.every((x) => x === '/verify' || x.startsWith('/assets/') || x.startsWith('/api/public/log') || x.startsWith('/p/')), kept.join(' '))
}
