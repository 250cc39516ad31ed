// What time it is at the house. A phone's own clock may be wrong; every answer of the house carries the right one.

/** How far the house's clock goes ahead of this machine's, milliseconds. */
let ahead = 0

/** hear takes the house's time from an answer's Date header, which counts whole seconds; small differences are the way it took. */
export function hear(date: string | null, here = Date.now()): void {
  const there = Date.parse(date ?? '')
  if (Number.isNaN(there)) return
  ahead = Math.abs(there - here) < 10_000 ? 0 : there - here
}

/** The house's time. */
export const clock = (): Date => new Date(Date.now() + ahead)
