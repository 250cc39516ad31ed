import assert from 'node:assert/strict'
import { auditPages, boardPages, consolePages, electionPages, feePages, moneyPhonePages, pocketPages, securityPages, settled, systemPages } from './pages.mjs'

export const name = '360 px: nothing runs out of the page at either door'

export async function walk(w) {
  const m = await w.matter('窄屏：这是一句很长很长的话，写给最小的手机看，AVeryLongWordWithoutAnyBreakThatSomebodyPastedHere1234567890，看会不会撑破页面。')
  assert.ok(m.id)
  const found = []
  const look = async (p, pages) => {
    for (const at of pages) {
      await p.goto(at)
      await settled(p)
      for (const x of await p.evaluate(measure)) found.push(`${at}: ${x}`)
    }
    await p.context().close()
  }
  const narrow = { viewport: { width: 360, height: 740 } }
  const street = await w.desk('street', narrow)
  const resident = await w.pocket()
  await Promise.all([
    look(street, await consolePages(w, street)).then(async () => {
      const manager = await w.desk('manager', narrow)
      await look(manager, await feePages(w, manager))
      await look(await w.desk('secadmin', narrow), securityPages)
      await look(await w.desk('auditadmin', narrow), auditPages)
      await look(await w.desk('sysadmin', narrow), systemPages)
    }),
    look(resident, await pocketPages(w, resident)).then(async () => {
      const grid = await w.pocket('grid')
      await look(grid, ['/p/day', '/p/matters'])
      const director = await w.pocket('director')
      await look(director, await moneyPhonePages(w, director))
      const neighbour = await w.pocket('neighbour')
      await look(neighbour, await electionPages(w, neighbour))
      const stranger = await w.page('phone')
      await look(stranger, [...(await boardPages(w, stranger)), '/console/sign-in', '/p/sign-in'])
    }),
  ])
  assert.deepEqual(found, [])
}

/** What sticks out of the page, and what may be pressed but cannot be reached. */
function measure() {
  const out = []
  const wide = document.documentElement.clientWidth
  const inner = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)
  if (inner > wide) out.push(`the page is ${inner} wide`)
  const scrolls = (e) => {
    for (let x = e.parentElement; x; x = x.parentElement) if (/auto|scroll/.test(getComputedStyle(x).overflowX) && x.scrollWidth > x.clientWidth) return true
    return false
  }
  for (const e of document.querySelectorAll('button, a[href], input, select, textarea, h1, h2, .figure')) {
    const r = e.getBoundingClientRect()
    if (!r.width || !r.height || getComputedStyle(e).visibility === 'hidden' || e.closest('.unseen, .skip, [aria-hidden=true], .rail') || e.matches('.unseen, .skip, [type=file], [type=checkbox], [type=radio]')) continue
    if ((r.right > wide + 1 || r.left < -1) && !scrolls(e)) out.push(`<${e.tagName.toLowerCase()} class="${e.className}"> ${(e.textContent || e.getAttribute('placeholder') || '').trim().slice(0, 20)}: from ${Math.round(r.left)} to ${Math.round(r.right)}`)
    // A word that stands one letter a line is broken too.
    const t = (e.textContent ?? '').trim()
    if (t.length > 3 && t.length < 30 && r.width < 24 && r.height > 60) out.push(`"${t}" stands upright`)
  }
  return out.slice(0, 6)
}
