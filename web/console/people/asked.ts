/** What somebody asks to have done with what is kept about them. */
export interface Correction {
  id: string
  person: string
  name?: string
  kind: 'correct' | 'delete'
  text: string
  state: 'open' | 'granted' | 'refused'
  answer?: string
  created_at: string
  decided_at?: string
  version: number
}
