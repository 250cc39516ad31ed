import { describe, expect, it } from 'vitest'
import { area, change, dayOf, instant, left, percent, sayDay, yuan } from './say'

describe('figures', () => {
  it('truncates and never rounds up', () => {
    expect(percent(121, 123)).toBe('98.37%')
    expect(percent(36, 44)).toBe('81.81%')
    expect(percent(9999999, 10000000)).toBe('99.99%')
    expect(percent(0, 0)).toBe('—')
    expect(percent(44, 44)).toBe('100.00%')
  })
  it('says a change from a named base', () => {
    expect(change(110, 4)).toBe('−96.36%')
    expect(change(4, 5)).toBe('+25.00%')
    expect(change(0, 5)).toBe('—')
    expect(change(1000, 999)).toBe('−0.10%')
  })
  it('keeps areas and money exact', () => {
    expect(area(9856)).toBe('98.56 m²')
    expect(area(1234567)).toBe('12,345.67 m²')
    expect(yuan(-5)).toBe('¥−0.05')
  })
})

describe('time', () => {
  const now = new Date('2026-11-21T10:00:00Z')
  it('is the street’s time wherever the browser is', () => {
    expect(dayOf(new Date('2026-11-20T16:30:00Z'))).toBe('2026-11-21')
    expect(instant(Date.parse('2026-11-20T16:30:00Z') * 1000, 'zh-CN', now)).toBe('今天 00:30')
    expect(instant('2026-03-01T01:05:00Z', 'zh-CN', now)).toBe('3月1日 09:05')
    expect(instant('2025-03-01T01:05:00Z', 'en', now)).toBe('1 Mar 2025 09:05')
    expect(instant(null, 'en', now)).toBe('—')
  })
  it('says days and months', () => {
    expect(sayDay('2025-03', 'zh-CN')).toBe('2025年3月')
    expect(sayDay('2025-03-09', 'en')).toBe('9 Mar 2025')
  })
  it('counts to a deadline and past it', () => {
    expect(left('2026-11-21T13:30:00Z', 'zh-CN', now)).toEqual({ state: 'soon', text: '还剩 3 小时' })
    expect(left('2026-11-24T13:30:00Z', 'en', now)).toEqual({ state: 'calm', text: '3 days left' })
    expect(left('2026-11-21T09:48:00Z', 'zh-CN', now)).toEqual({ state: 'over', text: '超期 12 分钟' })
    expect(left(0, 'en', now).state).toBe('none')
  })
})
