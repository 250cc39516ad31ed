import assert from 'node:assert/strict'
import { auditPages, boardPages, consolePages, electionPages, feePages, pocketPages, securityPages, settled, systemPages } from './pages.mjs'

// Used by 06 and 16: every page in one language, with no words of the other apart from what people wrote.

// Words of the other language that stand there on purpose.
const fine = { en: /^(中文|厝边)$/, zh: /^(English|Excel|Enter|Tab|Ctrl|Esc|Open311|PDF|QR|Cuobian|xlsx|R05|Chrome|Linux|hledger)$/i }

export async function speaks(w, tongue) {
  const m = await w.matter('两种语言：2幢门口的长椅松了。')
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
    }
    await p.context().close()
  }
  const street = await w.desk('street')
  const resident = await w.pocket()
  await Promise.all([
    look(street, await consolePages(w, street)).then(async () => {
      const manager = await w.desk('manager')
      await look(manager, await feePages(w, manager))
      await look(await w.desk('secadmin'), securityPages)
      await look(await w.desk('auditadmin'), auditPages)
      await look(await w.desk('sysadmin'), systemPages)
    }),
    look(resident, await pocketPages(w, resident)).then(async () => {
      const neighbour = await w.pocket('neighbour')
      await look(neighbour, await electionPages(w, neighbour))
      const stranger = await w.page('desk')
      await look(stranger, [...(await boardPages(w, stranger)), '/console/sign-in', '/p/sign-in'])
    }),
  ])
  assert.deepEqual([...new Set(found)], [], `words of the other language on pages in ${tongue}`)
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
