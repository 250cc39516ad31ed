import { expect, test } from 'vitest'
import { fixed, loose, rate, spread } from './fee'

test('readings and rates are whole numbers', () => {
  expect(fixed('12.345', 3)).toBe(12345)
  expect(fixed('0.85', 4)).toBe(8500)
  expect(fixed('12.3456', 3)).toBeNull()
  expect(fixed('-1', 3)).toBeNull()
  expect(fixed('１２', 3)).toBe(12000)
  expect(loose(12345, 3)).toBe('12.345')
  expect(loose(12000, 3)).toBe('12')
  expect(loose(5, 3)).toBe('0.005')
  expect(rate(8500)).toBe('0.85')
})

test('an amount pays bills in their order; what is left is paid ahead', () => {
  const bills = [{ id: 'a', rest: 100 }, { id: 'b', rest: 50 }]
  expect(spread(120, bills)).toEqual({ paid: { a: 100, b: 20 }, ahead: 0 })
  expect(spread(170, bills)).toEqual({ paid: { a: 100, b: 50 }, ahead: 20 })
  expect(spread(0, bills)).toEqual({ paid: {}, ahead: 0 })
})
