// The draw by which the street reviews a payment below its limit, computed again by whoever looks: SHA-256 of the line, its
// first eight bytes as a number, divided by d; a remainder below n is drawn. Nothing of the server's code is used.
import { sha256, utf8 } from './verify-tree'

export function remainder(line: string, d: number): number {
  let x = 0n
  for (const b of sha256(utf8(line)).slice(0, 8)) x = (x << 8n) | BigInt(b)
  return Number(x % BigInt(d))
}
