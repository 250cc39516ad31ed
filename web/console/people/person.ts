/** A person as typed into a form. */
export interface NewPerson {
  name: string
  kind: string
  gender: string
  phone: string
  id_kind: string
  identity: string
}

export const blankPerson = (): NewPerson => ({ name: '', kind: 'person', gender: '', phone: '', id_kind: '', identity: '' })

/** The body that the server takes: only what was filled in. */
export function personBody(p: NewPerson): Record<string, unknown> {
  const phones = p.phone.split(/[,，、;；\s]+/).filter(Boolean)
  return {
    name: p.name.trim(),
    kind: p.kind,
    ...(p.gender && p.kind === 'person' ? { gender: p.gender } : {}),
    ...(phones.length ? { phones } : {}),
    ...(p.id_kind && p.identity.trim() ? { id_kind: p.id_kind, identity: p.identity.replace(/\s/g, '') } : {}),
  }
}
