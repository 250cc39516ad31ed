import { expect, test } from 'vitest'
import { fenOf, typed, yuan } from './yuan'

test('amounts are said and read without a fen of difference', () => {
  expect(yuan(123450)).toBe('¥1,234.50')
  for (const [text, fen] of [['1234.5', 123450], ['1,234.50', 123450], ['¥0.01', 1], ['０.２９元', 29], ['-3', -300], ['8.2', 820], ['99999999999.99', 9999999999999]] as const) expect(fenOf(text)).toBe(fen)
  for (const text of ['', '1.234', '1e3', '一', '1.', '.5', '--1', '123456789012']) expect(fenOf(text)).toBeNull()
  for (const fen of [0, 1, 10, 99, 100, 123450, -5]) expect(fenOf(typed(fen))).toBe(fen)
})
