// A voter's own key: P-256, made on this device, never leaving it. The private half cannot be read out, not even by this
// page; it only signs. Each account on a shared phone has its own. The server knows the public half after a phone code.
import { base64, utf8 } from './verify-tree'
import { drop, keep, kept } from './vote-store'

interface KeptKey {
  account: string
  pair: CryptoKeyPair
  /** What the server calls it, empty until it has been told. */
  id: string
  made: number
}

/** False on pages without TLS, where browsers give no keys: then the owner votes on paper. */
export const canSign = (): boolean => typeof crypto !== 'undefined' && typeof crypto.subtle?.generateKey === 'function' && typeof indexedDB !== 'undefined'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** The key of this account on this device, if it has one. */
export async function keyOfDevice(account: string): Promise<KeptKey | undefined> {
  return canSign() ? kept<KeptKey>('keys', account) : undefined
}

/** Makes a key if there is none. */
export async function makeKey(account: string): Promise<KeptKey> {
  const there = await keyOfDevice(account)
  if (there) return there
  const pair = (await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])) as CryptoKeyPair
  const k: KeptKey = { account, pair, id: '', made: Date.now() }
  await keep('keys', k)
  return k
}

/** The public half as SPKI in base64. */
export async function publicHalf(k: KeptKey): Promise<string> {
  return base64(new Uint8Array(await crypto.subtle.exportKey('spki', k.pair.publicKey)))
}

/** The server took the key in under this id. */
export async function named(k: KeptKey, id: string): Promise<KeptKey> {
  const n = { ...k, id }
  await keep('keys', n)
  return n
}

export const forget = (account: string): Promise<unknown> => drop('keys', account)

/** Signs a text: ECDSA with SHA-256, the two numbers one after the other (64 bytes), base64. */
export async function sign(k: KeptKey, text: string): Promise<string> {
  const s = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, k.pair.privateKey, utf8(text) as BufferSource)
  return base64(new Uint8Array(s))
}

/** 32 bytes of chance, hex: what keeps a commitment from being guessed. Made here, known to nobody else before it is sent. */
export function newSalt(): string {
  const a = new Uint8Array(32)
  crypto.getRandomValues(a)
  return Array.from(a, (b) => b.toString(16).padStart(2, '0')).join('')
}
