// Runs the walks: each file NN-name.mjs beside this one walks through the house in a real browser. One demo of its own
// for all of them, on a free port with a temporary folder; CUOBIAN_TEST_BIN names the program (../bin/cuobian).
//   npm run walks [-- NN …]      CHROMIUM names the browser; WALKS_BASE an already running demo instead.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { startDemo } from './demo.mjs'
import { Walk } from './walk.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'))
const files = (await readdir(here)).filter((f) => /^\d\d-.*\.mjs$/.test(f) && (!wanted.length || wanted.some((w) => f.startsWith(w)))).sort()
const MOST = 300_000 // a walk that takes longer has lost its way
const shots = await mkdtemp(join(tmpdir(), 'walks-'))

const began = Date.now()
const demo = process.env.WALKS_BASE ? { base: process.env.WALKS_BASE, stop: async () => {} } : await startDemo()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
})
const kept = new Map() // signed-in states, one per account
let passed = 0
let failed = 0
// The longest first, so that no worker waits for one at the end.
const long = /^(06|07|08)/
const queue = [...files.filter((f) => long.test(f)), ...files.filter((f) => !long.test(f))]
async function worker() {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const at = Date.now()
    const { name, walk } = await import('./' + file)
    const w = new Walk({ base: demo.base, browser, kept, shots, file: file.replace(/\.mjs$/, '') })
    let timer
    try {
      await Promise.race([
        walk(w),
        new Promise((_, no) => (timer = setTimeout(() => no(new Error(`not through after ${MOST / 1000} s`)), MOST))),
      ])
      w.settle()
      passed++
      console.log(`ok      ${file.slice(0, 2)} ${name} (${((Date.now() - at) / 1000).toFixed(1)} s)`)
    } catch (e) {
      failed++
      const pictures = await w.picture()
      console.log(`failed  ${file.slice(0, 2)} ${name} (${((Date.now() - at) / 1000).toFixed(1)} s)`)
      console.log(String(e?.stack ?? e).split('\n').slice(0, 14).map((l) => '        ' + l).join('\n'))
      for (const t of w.troubles.slice(0, 8)) console.log('        beside that: ' + t)
      for (const p of pictures) console.log('        picture: ' + p)
    } finally {
      clearTimeout(timer)
      await w.close()
    }
  }
}
try {
  await Promise.all([worker(), worker()])
} finally {
  await browser.close()
  await demo.stop()
  if (!failed) await rm(shots, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed (${((Date.now() - began) / 1000).toFixed(0)} s)`)
process.exit(failed || !passed ? 1 : 0)
