import assert from 'node:assert/strict'
import { COMPOUND, photo, until } from './walk.mjs'

export const name = 'inside WeChat on a bad network: the draft survives, and is sent when the signal is back'

const agent = 'Mozilla/5.0 (Linux; Android 13; M2012K11AC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64'

export async function walk(w) {
  const p = await w.pocket('resident', { userAgent: agent, serviceWorkers: 'block' })
  const line = await p.context().newCDPSession(p)
  await line.send('Network.enable')
  const signal = (there) => line.send('Network.emulateNetworkConditions', { offline: !there, latency: 250, downloadThroughput: 120_000, uploadThroughput: 40_000 })
  await signal(true)
  await p.goto('/p/report')
  const words = `微信里写的：电动车停在楼道里充电，怕起火。${Date.now() % 100000}`
  await p.locator('textarea[name=text]').fill(words)
  await p.locator('button.next').click()
  await p.locator('[name=compound]').fill(COMPOUND)
  await p.locator('.found button').first().click()
  await p.locator('button.next').click()
  await p.locator('.evidence input[type=file]').first().setInputFiles(await photo(p))
  await p.locator('.evidence figure').waitFor()
  assert.equal(await p.getByRole('button', { name: '按一下说话' }).count(), 0, 'voice by file inside WeChat')
  assert.ok(await p.getByText('选一段录音').count())
  await p.getByText('已留在本机').waitFor()

  // A reload in the middle: words, place and photograph are there again.
  await p.waitForTimeout(600)
  await p.reload()
  await until(async () => (await p.locator('textarea[name=text]').inputValue()) === words, 'the words are there again')
  for (let i = 0; i < 2; i++) await p.locator('button.next').click()
  await p.locator('.evidence figure').waitFor()
  await p.locator('button.next').click()
  await p.locator('button.next').click()

  // No signal: it waits on the phone.
  await signal(false)
  await p.getByRole('button', { name: '提交' }).click()
  await p.getByText('现在没有信号').waitFor()
  await p.locator('[role=status]').first().waitFor()
  const street = await w.desk('street')
  const arrived = async () => (await w.get(street, '/api/cases?q=' + encodeURIComponent(words.slice(0, 20)))).items.filter((m) => m.text.startsWith(words.slice(0, 12)))
  assert.equal((await arrived()).length, 0)

  // The signal is back: it goes out once, with its photograph.
  await signal(true)
  const [m] = await until(async () => ((await arrived()).length ? arrived() : null), 'the matter arrived', 40_000)
  assert.equal((await arrived()).length, 1)
  assert.equal((await w.get(street, '/api/cases/' + m.id)).photos.length, 1)
  await p.getByText('已经收到').or(p.getByText(m.number)).first().waitFor()

  // Nothing is installed, and printing asks for a browser.
  assert.equal(await p.evaluate(() => navigator.serviceWorker?.controller ?? null), null)
  await p.goto('/p/matters/' + m.id)
  await p.getByText('在浏览器打开').waitFor()
  assert.equal(await p.getByRole('button', { name: '打印' }).count(), 0)
}
