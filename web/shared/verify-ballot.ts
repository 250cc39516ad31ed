// A ballot's canonical text and commitment (form: rooms/assembly/ballot, Text). The same few lines make the commitment that
// this device signs and check the one that was counted.
import type { Choice } from './verify-count'
import { hex, sha256, utf8 } from './verify-tree'

export interface Ballot {
  meeting: string
  right: number
  /** By matter number. */
  choices: Record<string, Choice>
  /** Lower-case hex, at least 16 bytes. */
  salt: string
}

export function ballotText(b: Ballot): string {
  const said = Object.entries(b.choices)
    .filter(([, c]) => c !== 'none' && (c as string) !== '')
    .map(([m, c]) => [Number(m), c] as const)
    .sort(([a], [z]) => a - z)
  return `cuobian ballot 1\nmeeting\t${b.meeting}\nright\t${b.right}\n` + said.map(([m, c]) => `choice\t${m}\t${c}\n`).join('') + `salt\t${b.salt}\n`
}

export const commitment = (b: Ballot): string => hex(sha256(utf8(ballotText(b))))

export interface Cast {
  right: number
  n: number
  void?: boolean
}

/** Which ballot of each right counts: the one with the lowest or highest number that is not void. */
export function effective<T extends Cast>(cast: T[], counts: 'first' | 'last'): Map<number, T> {
  const out = new Map<number, T>()
  for (const c of cast) {
    if (c.void) continue
    const held = out.get(c.right)
    if (!held || (counts === 'first' ? c.n < held.n : c.n > held.n)) out.set(c.right, c)
  }
  return out
}
