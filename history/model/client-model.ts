/** One client in one store, over all its openings. */
export interface ClientModel {
  readonly id: string
  /** The application refuses its payload (as last opened), or has revoked it (record number, -1 when not). */
  rejected: boolean
  revokedI: number
  /** It was handed a cursor of another store, so that a mismatch of identities is right for it. */
  foreign: boolean
  /** Record of the opening with which its memory began; -1 when it never was opened on record. */
  memoryI: number
  /** Record of its last opening, of its last end, and of its last crash (-1: none). */
  openI: number
  endI: number
  crashI: number
  /** The life whose backendId it surely knows; -1 when it knows none for sure. */
  knows: number
  /** The last life in which it was told of a `BackendIdMismatch`, or convicted once; -1 for none. */
  told: number
  /** The furthest position that it was shown in life `seenLife`, with record and time. */
  seenSeq: number
  seenI: number
  seenT: number
  seenLife: number
  /** Whether a `connect` of it ever succeeded. */
  connected: boolean
}

/** A client that has done nothing yet. */
export const newClientModel = (id: string): ClientModel => ({
  id,
  rejected: false,
  revokedI: -1,
  foreign: false,
  memoryI: -1,
  openI: -1,
  endI: -1,
  crashI: -1,
  knows: -1,
  told: -1,
  seenSeq: 0,
  seenI: -1,
  seenT: 0,
  seenLife: -1,
  connected: false,
})
