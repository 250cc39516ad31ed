/** A promise made to owners under a contract. */
export interface Promised {
  id: string
  contract_id: string
  path: string
  text: string
  due?: string
  state: 'open' | 'kept' | 'broken'
  note?: string
  decided_on?: string
  version: number
}
