import assert from 'node:assert/strict'
import { auditPages, boardPages, consolePages, electionPages, feePages, heldPages, moneyPhonePages, pocketPages, securityPages, settled, systemPages } from './pages.mjs'

// Words of the other language that stand there on purpose.
const fine = { en: /^(中文|厝边)$/, zh: /^(English|Excel|Enter|Tab|Ctrl|Esc|Open311|PDF|QR|Cuobian|xlsx|R05|Chrome|Linux|hledger)$/i }

/**
 * Goes through every page of both doors in one language: no words of the other language but what people wrote, and
 * whatever `more` finds in a page. `opened` is how the desk's pages are opened.
 */
export async function everyPage(w, tongue, { opened, more = () => [] } = {}) {
  const m = await w.matter('窄屏：这是一句很长很长的话，写给最小的手机看，AVeryLongWordWithoutAnyBreakThatSomebodyPastedHere1234567890，看会不会撑破页面。')
  assert.ok(m.id)
  const found = []
  const look = async (p, pages) => {
    const data = new Set([new URL(w.base).host])
    const under = new Set() // answers still being read
    p.on('response', (r) => {
      if (!r.url().includes('/api/') || !/json/.test(r.headers()['content-type'] ?? '')) return
      const one = r.json().then((t) => gather(t, data, tongue), () => undefined).then(() => under.delete(one))
      under.add(one)
    })
    await p.goto(pages[0])
    await settled(p)
    await p.evaluate((l) => localStorage.setItem('cuobian.tongue', l), tongue === 'en' ? 'en' : 'zh-CN')
    for (const at of pages) {
      await p.goto(at)
      await settled(p)
      const texts = await p.evaluate(read)
      await Promise.all(under)
      for (const x of texts) {
        const rest = /^[a-z]+\.[a-zA-Z]+(\.[\w-]+)*$/.test(x) && !data.has(x) ? 'a key without words' : foreign(x, data, tongue)
        if (rest) found.push(`${at}: ${rest}   (${x.slice(0, 60)})`)
      }
      for (const x of await p.evaluate(more)) found.push(`${at}: ${x}`)
    }
    await p.context().close()
  }
  const street = await w.desk('street', opened)
  const resident = await w.pocket()
  await Promise.all([
    look(street, await consolePages(w, street)).then(async () => {
      const manager = await w.desk('manager', opened)
      await look(manager, await feePages(w, manager))
      const director = await w.desk('xh-director', opened)
      await look(director, await heldPages(w, director))
      await look(await w.desk('secadmin', opened), securityPages)
      await look(await w.desk('auditadmin', opened), auditPages)
      await look(await w.desk('sysadmin', opened), systemPages)
    }),
    look(resident, await pocketPages(w, resident)).then(async () => {
      await look(await w.pocket('grid'), ['/p/day', '/p/matters'])
      const director = await w.pocket('director')
      await look(director, await moneyPhonePages(w, director))
      const neighbour = await w.pocket('neighbour')
      await look(neighbour, await electionPages(w, neighbour))
      const stranger = await w.page(opened ? 'phone' : 'desk')
      await look(stranger, [...(await boardPages(w, stranger)), '/console/sign-in', '/p/sign-in'])
    }),
  ])
  assert.deepEqual([...new Set(found)], [])
}

/** All strings of an answer; of a pair in both languages only the one of the page. */
function gather(x, into, tongue) {
  if (typeof x === 'string') {
    if (x) into.add(x.trim())
  } else if (Array.isArray(x)) for (const y of x) gather(y, into, tongue)
  else if (x && typeof x === 'object')
    for (const [k, v] of Object.entries(x)) {
      const pair = /^(.*_)?(zh|en)$/.exec(k)
      if (pair && pair[2] !== tongue && x[(pair[1] ?? '') + tongue]) continue
      gather(v, into, tongue)
    }
}

/** What is left of a text in the other language once all data is taken out of it. */
function foreign(text, data, tongue) {
  const other = tongue === 'en' ? /[\u4e00-\u9fff]+/g : /[A-Za-z]{3,}/g
  if (!text.match(other)) return ''
  let t = text.replace(/[\w.:]+\/\S*/g, ' ') // addresses are the same in both
  t = t.replace(/Open311|SHA-256|cuobian witness/g, ' ') // so are names of a protocol, an algorithm, a command
  for (const d of [...data].filter((d) => d.length > 1).sort((a, b) => b.length - a.length)) if (t.includes(d)) t = t.replaceAll(d, ' ')
  return (t.match(other) ?? []).filter((x) => !fine[tongue].test(x)).join(' ')
}

/** Every text a reader sees or hears. */
function read() {
  const out = new Set()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement
    if (!e || /^(SCRIPT|STYLE|NOSCRIPT|CODE|PRE)$/.test(e.tagName) || !e.getClientRects().length) continue
    const t = n.textContent.trim()
    if (t) out.add(t)
  }
  for (const e of document.body.querySelectorAll('[placeholder],[aria-label],[title],[alt]'))
    if (e.getClientRects().length) for (const a of ['placeholder', 'aria-label', 'title', 'alt']) if (e.getAttribute(a)?.trim()) out.add(e.getAttribute(a).trim())
  out.add(document.title)
  return [...out]
}
