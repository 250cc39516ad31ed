// A demo house of the walks' own: a free port, a temporary folder, gone afterwards.
import { spawn } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

const freePort = () =>
  new Promise((done, no) => {
    const s = createServer()
    s.on('error', no)
    s.listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => done(port))
    })
  })

export async function startDemo() {
  const program = process.env.CUOBIAN_TEST_BIN ? resolve(process.env.CUOBIAN_TEST_BIN) : join(root, 'bin/cuobian')
  await access(program).catch(() => {
    throw new Error(`no program at ${program}: make build, or name it in CUOBIAN_TEST_BIN`)
  })
  const dir = await mkdtemp(join(tmpdir(), 'walks-house-'))
  const port = await freePort()
  const base = `http://localhost:${port}`
  let child, over
  async function start(...more) {
    child = spawn(program, ['demo', '--data', dir, '--addr', `127.0.0.1:${port}`, ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const s of [child.stdout, child.stderr]) s.on('data', (d) => (said = (said + d).slice(-4000)))
    let gone = false
    const mine = child
    over = new Promise((done) => mine.on('exit', () => done((gone = true))))
    const until = Date.now() + 90_000
    for (;;) {
      if (gone) throw new Error('the demo ended:\n' + said)
      if (await fetch(base + '/healthz').then((r) => r.ok, () => false)) return
      if (Date.now() > until) {
        mine.kill('SIGKILL')
        throw new Error('the demo does not answer:\n' + said)
      }
      await new Promise((r) => setTimeout(r, 150))
    }
  }
  async function end() {
    const mine = child
    mine.kill('SIGTERM')
    const late = setTimeout(() => mine.kill('SIGKILL'), 10_000)
    await over
    clearTimeout(late)
  }
  await start()
  return {
    base,
    /** Begins again with its clock so many hours ahead of the wall's. */
    async ahead(hours) {
      await end()
      await start('--ahead', hours + 'h')
    },
    async stop() {
      await end()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
