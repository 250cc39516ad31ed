// Money in whole fen: said as ¥1,234.50, and read from what people type, both without floating point.
export { yuan } from './say'

/** Fen of "1,234.5", "¥1234.50" or "１２３４元"; null when it is no amount. At most two decimals; above 90 billion yuan is none. */
export function fenOf(text: string): number | null {
  const s = text.normalize('NFKC').replace(/[\s,]/g, '').replace(/^([-−]?)[¥￥]/, '$1').replace(/元$/, '').replace('−', '-')
  const m = /^(-?)(\d{1,11})(?:\.(\d{1,2}))?$/.exec(s)
  if (!m) return null
  const fen = Number(BigInt(m[2]!) * 100n + BigInt((m[3] ?? '').padEnd(2, '0') || '0'))
  return m[1] && fen ? -fen : fen
}

/** Fen as it is typed: 123450 → "1234.50". */
export function typed(fen: number): string {
  const b = BigInt(Math.abs(fen))
  return (fen < 0 ? '-' : '') + String(b / 100n) + '.' + String(b % 100n).padStart(2, '0')
}
