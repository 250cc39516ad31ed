// What a walk holds in its hands: people with browsers of their own, and the watch kept beside every page: nothing
// from another host, no violated content policy, no fault of a script.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { startDemo } from './demo.mjs'

export const PASSWORD = 'lamp-bridge-harbour' // of every invented account of the demo
export const RESIDENT = { phone: '13800000001', code: '246810' }
export const NEIGHBOUR = { phone: '13800000004', code: '246810' } // of 兴淮花苑, where committees are elected
export const VOTER = { phone: '13800000005', code: '246810' } // of a compound whose list of candidates has hung
export const UPSTAIRS = { phone: '13800000003', code: '246810' } // second floor of the resident's staircase
export const COMPOUND = '明鑫花苑'

const sizes = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
}

export class Walk {
  constructor({ base, browser, kept, shots, file }) {
    Object.assign(this, { base, browser, kept, shots, file })
    this.contexts = []
    this.houses = []
    this.troubles = []
    this.asked = new Set()
  }

  /** A browser of somebody's own. how: desk or phone; more: options of the context. */
  async page(how = 'desk', more = {}) {
    const c = await this.browser.newContext({ baseURL: this.base, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...sizes[how], ...more })
    c.setDefaultTimeout(20_000)
    c.setDefaultNavigationTimeout(30_000)
    this.contexts.push(c)
    c.on('page', (p) => this.watch(p))
    return c.newPage()
  }

  watch(p) {
    const host = new URL(this.base).host
    p.on('pageerror', (e) => this.troubles.push(`script at ${p.url()}: ${e.message}`))
    p.on('console', (m) => {
      if (m.type() === 'error' && /Content Security Policy|Uncaught|Unhandled/i.test(m.text())) this.troubles.push(`console at ${p.url()}: ${m.text()}`)
      if (m.type() === 'warning' && /intlify|Not found '/.test(m.text())) this.troubles.push(`words at ${p.url()}: ${m.text()}`)
    })
    p.on('request', (r) => {
      const u = new URL(r.url())
      if (!/^(data|blob|about):$/.test(u.protocol) && u.host !== host) this.troubles.push(`fetched from elsewhere: ${r.url()}`)
      this.asked.add(u.pathname)
    })
    p.on('response', (r) => {
      if (r.status() >= 500) this.troubles.push(`${r.status()} ${r.request().method()} ${r.url()}`)
    })
  }

  /** The door of the console for one of the demo's accounts. The session is made once and used by all walks. */
  async desk(name, more = {}) {
    return this.page('desk', { storageState: await this.state(name), ...more })
  }

  /** The pocket of a member of staff, or of the demo's resident. */
  async pocket(name = 'resident', more = {}) {
    return this.page('phone', { storageState: await this.state(name), ...more })
  }

  /** Desks of persons who have no account: p, who keeps the register, puts a number beside each, from first on, and they sign in by it. */
  hands(p, first) {
    const desks = new Map()
    return async (person) => {
      if (desks.has(person)) return desks.get(person)
      const number = String(first + desks.size)
      const known = (await this.get(p, '/api/people/' + person)).person
      const told = await p.request.patch('/api/people/' + person, { data: { version: known.version, reason: '本人登记手机（走查）', phones: [number] } })
      if (!told.ok()) throw new Error(await told.text())
      const desk = await this.page('desk')
      await this.post(desk, '/api/sign-in/phone', { phone: number })
      await this.post(desk, '/api/sign-in/phone/confirm', { phone: number, code: '246810' })
      desks.set(person, desk)
      return desk
    }
  }

  state(name) {
    if (!this.kept.has(name)) this.kept.set(name, this.signIn(name))
    return this.kept.get(name)
  }

  async signIn(name) {
    const c = await this.browser.newContext({ baseURL: this.base, locale: 'zh-CN', ...sizes.phone })
    try {
      const send = async (path, data) => {
        const r = await c.request.post(path, { data })
        assert.ok(r.ok(), `${path} for ${name}: ${r.status()} ${await r.text()}`)
        return r
      }
      const owner = { resident: RESIDENT, neighbour: NEIGHBOUR, voter: VOTER, upstairs: UPSTAIRS }[name]
      if (owner) {
        // Through the page, once: a phone gets one code a minute.
        const p = await c.newPage()
        await p.goto('/p/sign-in')
        await p.locator('[name=phone]').fill(owner.phone)
        await p.locator('.van-checkbox').click()
        // The code is asked for and kept before it is typed, however busy the house is.
        await Promise.all([p.waitForResponse((r) => r.request().method() === 'POST' && r.url().includes('/api/')), p.locator('button:has-text("发验证码")').click()])
        await p.locator('[name=code]').fill(owner.code)
        await p.locator('button[type=submit]').click()
        await p.waitForURL('**/p/')
      } else await send('/api/sign-in', { name, password: PASSWORD })
      return await c.storageState()
    } finally {
      await c.close()
    }
  }

  /** Asks the server as whoever owns the page. */
  async get(page, path) {
    const r = await page.request.get(path)
    assert.ok(r.ok(), `GET ${path}: ${r.status()} ${(await r.text()).slice(0, 300)}`)
    return r.json()
  }

  async post(page, path, data = {}) {
    const r = await page.request.post(path, { data })
    assert.ok(r.ok(), `POST ${path}: ${r.status()} ${(await r.text()).slice(0, 300)}`)
    return r.status() === 204 ? undefined : r.json()
  }

  /** The demo's compound, as the register has it. */
  async compound(page) {
    const found = await this.get(page, '/api/public/compounds?q=' + encodeURIComponent(COMPOUND))
    assert.ok(found.items.length, 'the demo has its compound')
    return found.items[0]
  }

  /** A matter reported by the demo's resident, for walks that begin later in its life. */
  async matter(text, more = {}) {
    const p = await this.pocket()
    const place = (await this.compound(p)).id
    const m = await this.post(p, '/api/cases', { place, place_text: '3幢', text, channel: 'phone', client_key: 'walk-' + Math.random().toString(36).slice(2) + Date.now(), ...more })
    await p.context().close()
    return m
  }

  /** A demo house of one's own, for walks that need days to pass: its walk, and the way to move its clock on. */
  async house() {
    const demo = await startDemo()
    const own = new Walk({ base: demo.base, browser: this.browser, kept: new Map(), shots: this.shots, file: this.file })
    own.troubles = this.troubles
    own.contexts = this.contexts
    this.houses.push(demo)
    /** So many days after the walk began; everybody signs in anew. */
    own.on = async (days) => {
      for (const c of own.contexts.splice(0)) await c.close()
      await demo.ahead(24 * days)
      own.kept.clear()
    }
    return own
  }

  /** Keeps a picture of a page where WALKS_PICTURES names a folder, for whoever wants to look. */
  async look(p, name) {
    if (process.env.WALKS_PICTURES) await p.screenshot({ path: join(process.env.WALKS_PICTURES, `${this.file}-${name}.png`), fullPage: true })
  }

  /** Troubles seen beside the way fail the walk as well. */
  settle() {
    assert.deepEqual(this.troubles, [], 'troubles seen beside the way')
  }

  async picture() {
    const made = []
    for (const [i, p] of this.contexts.flatMap((c) => c.pages()).entries()) {
      const path = join(this.shots, `${this.file}-${i}.png`)
      if (await p.screenshot({ path, timeout: 5000 }).then(() => true, () => false)) made.push(`${path} ${p.url()}`)
    }
    return made
  }

  async close() {
    for (const c of this.contexts) await c.close().catch(() => undefined)
    for (const h of this.houses) await h.stop().catch(() => undefined)
  }
}

/** Waits until what f answers is true (or something); for what no selector can wait for. */
export async function until(f, what, ms = 20_000) {
  const end = Date.now() + ms
  for (;;) {
    const v = await f()
    if (v) return v
    if (Date.now() > end) assert.fail('waited in vain: ' + what)
    await new Promise((r) => setTimeout(r, 150))
  }
}

/** A photograph: a PNG made of a few coloured fields, no file needed. */
export async function photo(page, name = 'photo.png', hue = 20) {
  const data = await page.evaluate(
    (h) => {
      const c = document.createElement('canvas')
      c.width = 320
      c.height = 240
      const g = c.getContext('2d')
      for (let i = 0; i < 12; i++) {
        g.fillStyle = `hsl(${h + i * 9} 60% ${30 + i * 4}%)`
        g.fillRect((i % 4) * 80, Math.floor(i / 4) * 80, 80, 80)
      }
      return c.toDataURL('image/png').split(',')[1]
    },
    hue,
  )
  return { name, mimeType: 'image/png', buffer: Buffer.from(data, 'base64') }
}
