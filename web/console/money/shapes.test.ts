import { describe, expect, it } from 'vitest'
import { periods, spanOf } from './shapes'

describe('periods', () => {
  it('goes back over the new year, each once, the latest first', () => {
    expect(periods('quarter', '2026-11-22', 6)).toEqual(['2026Q4', '2026Q3', '2026Q2', '2026Q1', '2025Q4', '2025Q3'])
    expect(periods('quarter', '2026-01-01', 2)).toEqual(['2026Q1', '2025Q4'])
    expect(periods('month', '2026-02-28', 3)).toEqual(['2026-02', '2026-01', '2025-12'])
    expect(periods('year', '2026-02-28', 2)).toEqual(['2026', '2025'])
  })
  it('knows first and last day of each', () => {
    expect(spanOf('2024-02')).toEqual({ from: '2024-02-01', to: '2024-02-29' })
    expect(spanOf('2026Q4')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
    expect(spanOf('2026')).toEqual({ from: '2026-01-01', to: '2026-12-31' })
    expect(spanOf('2026Q5')).toBeNull()
  })
})
