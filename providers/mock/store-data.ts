import { StoreFaults } from "./store-faults.ts"
import type { StoredEvent } from "./stored-event.ts"

/** What one atomic write brings: the rows of a batch and the head after them. */
export interface StorageChange {
  readonly rows: ReadonlyArray<StoredEvent>
  readonly head: number
}

/** What reads of a store are served from: the primary's data, or a copy of them. */
export interface StoreView {
  readonly rows: ReadonlyArray<StoredEvent>
  readonly head: number
  /** Absent before the first contact and after a wipe. */
  readonly backendId: string | undefined
  /** Whether rows ascend, so that positions can be found by halving. */
  readonly ascending: boolean
  /** Counts changes of the data: a copy with another version than the primary's is behind. */
  readonly version: number
}

/** Everything of one store that outlives the backend's process. */
export interface StoreData extends StoreView {
  readonly storeId: string
  rows: ReadonlyArray<StoredEvent>
  head: number
  backendId: string | undefined
  /** What a power loss leaves: as many rows and this head. */
  flushedRows: number
  flushedHead: number
  ascending: boolean
  version: number
  /** The term of the backend's instance that may write; an earlier one was superseded. */
  term: number
  /** Lives so far; never set back, so that no backendId comes twice. */
  lives: number
  readonly faults: StoreFaults<StoreView>
  outages: number
  /** Writing statements until the one that fails. */
  failIn: number | undefined
  /** Statements that an outage or an aimed fault refused. */
  bit: number
}

/** How rows reach the storage; both can be replaced by a mutant. */
export interface StorageSeams {
  /** Adds a batch and its head in one step. It is readable from here on, and lost with the power until it is flushed. */
  readonly write: (data: StoreData, change: StorageChange) => void
  /** Makes everything written so far outlive a loss of power. */
  readonly flush: (data: StoreData) => void
}

/** Adds rows in place: `rows` is this array from its first write on. */
const appendRows = (data: StoreData, rows: ReadonlyArray<StoredEvent>): void => {
  let last = data.rows.at(-1)?.seqNum ?? 0
  for (const row of rows) {
    if (row.seqNum <= last) data.ascending = false
    last = row.seqNum
    ;(data.rows as Array<StoredEvent>).push(row)
  }
}

export const storageSeams: StorageSeams = {
  write: (data, change) => {
    appendRows(data, change.rows)
    data.head = change.head
  },
  flush: (data) => {
    data.flushedRows = data.rows.length
    data.flushedHead = data.head
  },
}

/** How many rows stand up to and with this position; undefined when the log has no such position. 0 is the root. */
export const rowsUpTo = (data: StoreView, seqNum: number): number | undefined => {
  if (seqNum === 0) return 0
  const { rows } = data
  if (!data.ascending) {
    const found = rows.findIndex((row) => row.seqNum === seqNum)
    return found === -1 ? undefined : found + 1
  }
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]!.seqNum < seqNum) low = middle + 1
    else high = middle
  }
  return rows[low]?.seqNum === seqNum ? low + 1 : undefined
}

/** A copy of a store's data, to be put back later. */
export type Snapshot = Pick<StoreView, "rows" | "head" | "ascending">

/** A store that nothing was ever written to. */
export const newStoreData = (storeId: string): StoreData => ({
  storeId,
  rows: [],
  head: 0,
  backendId: undefined,
  flushedRows: 0,
  flushedHead: 0,
  ascending: true,
  version: 0,
  term: 0,
  lives: 0,
  faults: new StoreFaults(),
  outages: 0,
  failIn: undefined,
  bit: 0,
})
