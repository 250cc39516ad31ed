import assert from 'node:assert/strict'
import { boardPages, electionPages, moneyPhonePages, pocketPages, settled } from './pages.mjs'

export const name = 'elder mode: letters, targets and contrast as measured on the page'

export async function walk(w) {
  await w.matter('长辈版：楼下的栏杆晃，怕老人摔。')
  const p = await w.pocket()
  await p.goto('/p/')
  await p.getByRole('button', { name: '长辈版' }).click()
  await p.locator('html.elder').waitFor()
  const found = []
  const look = async (p, pages) => {
    for (const at of pages) {
      if (at) await p.goto(at)
      await settled(p)
      for (const x of await p.evaluate(measure)) found.push(`${at || p.url()}: ${x}`)
    }
  }
  await look(p, await pocketPages(w, p))
  // The five questions of a report, one after another.
  await p.goto('/p/report')
  await p.locator('textarea[name=text]').fill('长辈版：楼下的栏杆晃，怕老人摔。')
  for (let i = 0; i < 4; i++) {
    if (i === 1) await p.locator('[name=spot]').fill('5幢')
    await p.locator('button.next').click()
    await look(p, [''])
  }
  // Kept over a reload, and the desk has it too.
  await p.reload()
  await p.locator('html.elder').waitFor()
  // Dates are chosen from lists, not typed; reading aloud is offered where the browser can.
  if (await p.evaluate(() => typeof speechSynthesis !== 'undefined')) assert.ok(await p.getByRole('button', { name: '念给我听' }).count())
  const neighbour = await w.pocket('neighbour')
  await neighbour.goto('/p/')
  await neighbour.evaluate(() => localStorage.setItem('cuobian.elder', '1'))
  await look(neighbour, await electionPages(w, neighbour))
  const director = await w.pocket('director')
  await director.goto('/p/')
  await director.evaluate(() => localStorage.setItem('cuobian.elder', '1'))
  await look(director, await moneyPhonePages(w, director))
  const stranger = await w.page('phone')
  await stranger.goto('/p/')
  await stranger.evaluate(() => localStorage.setItem('cuobian.elder', '1'))
  await look(stranger, ['/p/sign-in', ...(await boardPages(w, stranger)).filter((x) => x !== '/screen').slice(2), '/console/sign-in'])
  const grid = await w.pocket('grid')
  await grid.goto('/p/')
  await grid.evaluate(() => localStorage.setItem('cuobian.elder', '1'))
  await look(grid, ['/p/day'])
  // The desk in large letters keeps its shape.
  const desk = await w.desk('community')
  await desk.goto('/console/today')
  await desk.evaluate(() => localStorage.setItem('cuobian.elder', '1'))
  for (const at of ['/console/cases', '/console/today', '/console/hotline', '/console/standing']) {
    await look(desk, [at])
    assert.ok((await desk.locator('#main').boundingBox()).width > 1000, `${at} keeps its width`)
    assert.ok(await desk.evaluate(() => document.documentElement.scrollWidth <= 1440), `${at} does not run out`)
  }
  assert.deepEqual([...new Set(found)], [])
}

/** Texts under 18 px, main actions under 60 × 60, others under 44 × 44, contrast under 4.5. */
function measure() {
  const out = []
  const say = (e) => `<${e.tagName.toLowerCase()}${e.className && typeof e.className === 'string' ? '.' + e.className.trim().split(/\s+/).slice(0, 3).join('.') : ''}> ${(e.innerText || e.getAttribute('aria-label') || '').trim().slice(0, 16)}`
  const seen = (e) => {
    const r = e.getBoundingClientRect()
    const s = getComputedStyle(e)
    return r.width > 1 && r.height > 1 && s.visibility !== 'hidden' && Number(s.opacity) > 0.1
  }
  const parse = (c) => {
    const m = /rgba?\(([^)]+)\)/.exec(c)
    if (!m) return null
    const [r, g, b, a = 1] = m[1].split(/[ ,/]+/).filter(Boolean).map(Number)
    return { r, g, b, a }
  }
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const ground = (e) => {
    for (let x = e; x; x = x.parentElement) {
      const s = getComputedStyle(x)
      if (s.backgroundImage !== 'none') return null
      const c = parse(s.backgroundColor)
      if (c && c.a > 0.99) return c
    }
    return { r: 255, g: 255, b: 255, a: 1 }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement
    if (!n.textContent.trim() || !e || /^(SCRIPT|STYLE|NOSCRIPT)$/.test(e.tagName) || !seen(e) || e.closest('.unseen, .skip, [aria-hidden=true]')) continue
    const s = getComputedStyle(e)
    const px = parseFloat(s.fontSize)
    if (px < 18) out.push(`${px} px: ${say(e)}`)
    if (e.closest('[disabled], .is-disabled, .van-button--disabled')) continue
    const [fore, back] = [parse(s.color), ground(e)]
    if (!fore || !back) continue
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    if (ratio < 4.5) out.push(`contrast ${ratio.toFixed(2)}: ${say(e)}`)
  }
  for (const e of document.querySelectorAll('button, a[href], input:not([type=file]), select, textarea, summary, label.add, label.quietly, .van-checkbox, .van-radio, .van-nav-bar__left')) {
    if (!seen(e) || e.matches('.skip, .unseen, [type=checkbox], [type=radio]') || e.closest('[aria-hidden=true]')) continue
    // A field is pressed anywhere in its frame.
    const frame = e.matches('input, textarea') ? e.closest('.van-field, .el-input__wrapper, .el-select__wrapper, .el-textarea, label') ?? e : e
    const r = frame.getBoundingClientRect()
    // A link inside a sentence is as high as its line.
    if (e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.parentElement.innerText.trim().length > e.innerText.trim().length + 4) continue
    const main = e.matches('.van-button--primary, .el-button--primary, .go.main, button.main')
    const least = main ? 60 : 44
    if (r.width < least - 0.5 || r.height < least - 0.5) out.push(`${Math.round(r.width)} × ${Math.round(r.height)}${main ? ' (main)' : ''}: ${say(e)}`)
  }
  return [...new Set(out)].slice(0, 12)
}
