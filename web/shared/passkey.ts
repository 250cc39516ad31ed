// Passkeys: options and answers travel as JSON with base64url for bytes (WebAuthn Level 3 naming).

const toBytes = (s: string): ArrayBuffer => {
  const b = atob(s.replace(/-/g, '+').replace(/_/g, '/').padEnd(Math.ceil(s.length / 4) * 4, '='))
  return Uint8Array.from(b, (c) => c.charCodeAt(0)).buffer
}
const toText = (b: ArrayBuffer | null): string | undefined =>
  b ? btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') : undefined

type Raw = Record<string, unknown>
const within = (o: Raw): Raw => (o.publicKey ?? o) as Raw

function bytesIn(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list as Raw[] | undefined) ?? []).map((c) => ({ ...c, id: toBytes(String(c.id)) })) as PublicKeyCredentialDescriptor[]
}

/** Answers a sign-in challenge; null when the person backs out. */
export async function usePasskey(options: Raw): Promise<Raw | null> {
  const o = within(options)
  const c = (await navigator.credentials
    .get({ publicKey: { ...o, challenge: toBytes(String(o.challenge)), allowCredentials: bytesIn(o.allowCredentials) } as PublicKeyCredentialRequestOptions })
    .catch(() => null)) as PublicKeyCredential | null
  if (!c) return null
  const r = c.response as AuthenticatorAssertionResponse
  return {
    id: c.id, rawId: toText(c.rawId), type: c.type,
    response: { clientDataJSON: toText(r.clientDataJSON), authenticatorData: toText(r.authenticatorData), signature: toText(r.signature), userHandle: toText(r.userHandle) },
  }
}

/** Makes a new passkey; null when the person backs out. */
export async function makePasskey(options: Raw): Promise<Raw | null> {
  const o = within(options)
  const user = o.user as Raw
  const c = (await navigator.credentials
    .create({
      publicKey: {
        ...o, challenge: toBytes(String(o.challenge)), user: { ...user, id: toBytes(String(user.id)) }, excludeCredentials: bytesIn(o.excludeCredentials),
      } as unknown as PublicKeyCredentialCreationOptions,
    })
    .catch(() => null)) as PublicKeyCredential | null
  if (!c) return null
  const r = c.response as AuthenticatorAttestationResponse
  return { id: c.id, rawId: toText(c.rawId), type: c.type, response: { clientDataJSON: toText(r.clientDataJSON), attestationObject: toText(r.attestationObject) } }
}
