import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { PASSWORD } from './walk.mjs'

export const name = 'a second factor: a code app, and a passkey'

/** RFC 6238, SHA-1, 6 digits, 30 s; later: how many steps ahead. */
export function totp(secret, later = 0) {
  const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const count = Buffer.alloc(8)
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later))
  const h = createHmac('sha1', key).update(count).digest()
  const at = h[19] & 15
  return String((h.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

export async function walk(w) {
  const signIn = async (p, who) => {
    await p.goto('/console/sign-in')
    await p.locator('input[name=name]').fill(who)
    await p.locator('input[name=password]').fill(PASSWORD)
    await p.keyboard.press('Enter')
  }
  const leave = async (p) => {
    await p.locator('.who').click()
    await p.getByText('退出登录').click()
    await p.waitForURL('**/console/sign-in**')
  }

  // A code app. A second factor ends the other sessions of its account: no other walk uses these two.
  const p = await w.page('desk')
  await signIn(p, 'district')
  await p.waitForURL('**/console/today')
  await p.goto('/console/settings/account')
  await p.getByRole('button', { name: '设置动态码' }).click()
  const secret = (await p.locator('section code.num').textContent()).trim()
  await p.locator('input[autocomplete=one-time-code]').fill(totp(secret))
  await p.getByRole('button', { name: '确定' }).click()
  await p.locator('.codes code').first().waitFor()
  const recovery = (await p.locator('.codes code').allTextContents()).map((x) => x.trim())
  assert.ok(recovery.length >= 8)
  await leave(p)
  await signIn(p, 'district')
  await p.locator('input[name=code]').waitFor()
  await p.locator('input[name=code]').fill('000000' === totp(secret, 1) ? '111111' : '000000')
  await p.keyboard.press('Enter')
  await p.locator('[role=alert]').first().waitFor()
  await p.locator('input[name=code]').fill(totp(secret, 1))
  await p.keyboard.press('Enter')
  await p.waitForURL('**/console/today')
  // A recovery code works once.
  await leave(p)
  await signIn(p, 'district')
  await p.locator('input[name=code]').fill(recovery[0])
  await p.keyboard.press('Enter')
  await p.waitForURL('**/console/today')

  // A passkey.
  const q = await w.page('desk')
  const line = await q.context().newCDPSession(q)
  await line.send('WebAuthn.enable')
  const { authenticatorId } = await line.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  await signIn(q, 'staff')
  await q.waitForURL('**/console/today')
  await q.goto('/console/settings/account')
  await q.getByRole('button', { name: '新增通行密钥' }).click()
  await q.locator('.codes code').first().waitFor()
  const { credentials } = await line.send('WebAuthn.getCredentials', { authenticatorId })
  assert.equal(credentials.length, 1)
  assert.equal(credentials[0].rpId, 'localhost')
  await leave(q)
  await signIn(q, 'staff')
  await q.getByRole('button', { name: '用通行密钥' }).click()
  await q.waitForURL('**/console/today')
}
