import { expect, it } from 'vitest'
import { feeOf, feeText, yuanOf } from './fee'

it('says fees exactly', () => {
  expect(yuanOf(8500)).toBe('0.85')
  expect(yuanOf(12000)).toBe('1.20')
  expect(yuanOf(8525)).toBe('0.8525')
  expect(feeText({ fee_low: 8500, fee_high: 12000 })).toBe('0.85–1.20')
  expect(feeText({ fee_low: 0, fee_text: '面议' })).toBe('面议')
})
it('reads what it says', () => {
  for (const v of [0, 1, 8500, 12345, 990000]) expect(feeOf(yuanOf(v))).toBe(v)
  expect(feeOf('1.23456')).toBeNull()
  expect(feeOf('-1')).toBeNull()
})
