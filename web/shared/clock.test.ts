import { afterEach, expect, test } from 'vitest'
import { clock, hear } from './clock'
import { houseDay, left } from './say'

afterEach(() => hear(new Date().toUTCString()))

test('a clock that goes wrong here is put right by the house', () => {
  const later = Date.now() + 20 * 86_400_000
  hear(new Date(later).toUTCString())
  expect(Math.abs(clock().getTime() - later)).toBeLessThan(5000)
  expect(left(new Date(later - 60_000).toISOString(), 'zh-CN').state).toBe('over')
  expect(houseDay()).toBe(new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date(later)))
})

test('what took a moment on the way, or says nothing, moves no clock', () => {
  hear(new Date(Date.now() - 4000).toUTCString())
  expect(Math.abs(clock().getTime() - Date.now())).toBeLessThan(1000)
  hear(new Date(Date.now() + 3_600_000).toUTCString())
  hear(null)
  hear('soon')
  expect(clock().getTime() - Date.now()).toBeGreaterThan(3_000_000)
})
