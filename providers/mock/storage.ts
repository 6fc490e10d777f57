import { hash32 } from "../../chaos/draw.ts"
import type { StoredEvent } from "./stored-event.ts"

/** A statement that the storage refused: an outage, or a fault that was aimed at it. */
export class StorageFailure {
  readonly _tag = "StorageFailure"
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** What one atomic write brings: the rows of a batch and the head after them. */
export interface StorageChange {
  readonly rows: ReadonlyArray<StoredEvent>
  readonly head: number
}

/** Everything of one store that outlives the backend's process. */
export interface StoreData {
  readonly storeId: string
  rows: ReadonlyArray<StoredEvent>
  head: number
  /** Absent before the first contact and after a wipe. */
  backendId: string | undefined
  /** What a power loss leaves: as many rows and this head. */
  flushedRows: number
  flushedHead: number
  /** Whether rows ascend, so that positions can be found by halving. */
  ascending: boolean
  /** Lives so far; never set back, so that no backendId comes twice. */
  lives: number
  outages: number
  /** Writing statements until the one that fails. */
  failIn: number | undefined
  /** Statements that a fault refused. */
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
export const rowsUpTo = (data: StoreData, seqNum: number): number | undefined => {
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
export interface Snapshot {
  readonly rows: ReadonlyArray<StoredEvent>
  readonly head: number
  readonly ascending: boolean
}

/**
 * The medium under the backend: it outlives every process. Statements are synchronous and atomic, and throw
 * `StorageFailure` where a fault stands. What is done past the backend (wipe, snapshot, truth) never fails.
 */
export class MockStorage {
  private readonly seed: number
  private readonly seams: StorageSeams
  private readonly stores = new Map<string, StoreData>()

  constructor(seed: number, seams: StorageSeams) {
    this.seed = seed
    this.seams = seams
  }

  /** The store's data past the backend; made on first contact. */
  data(storeId: string): StoreData {
    const known = this.stores.get(storeId)
    if (known !== undefined) return known
    const data: StoreData = {
      storeId,
      rows: [],
      head: 0,
      backendId: undefined,
      flushedRows: 0,
      flushedHead: 0,
      ascending: true,
      lives: 0,
      outages: 0,
      failIn: undefined,
      bit: 0,
    }
    this.stores.set(storeId, data)
    return data
  }

  /** Statement: the store's data for reading. */
  read(storeId: string): StoreData {
    const data = this.data(storeId)
    if (data.outages > 0) return refuse(data, "the storage is out of reach")
    return data
  }

  /** Statement: the identity of the store's life; the first contact begins one. */
  identity(storeId: string): string {
    const data = this.read(storeId)
    if (data.backendId === undefined) {
      countWrite(data)
      data.lives += 1
      data.backendId = this.draw(`${storeId} life ${data.lives}`)
    }
    return data.backendId
  }

  /** Statement: adds a batch, unless the store is in another life by now; false then, and nothing is changed. */
  write(storeId: string, backendId: string, change: StorageChange): boolean {
    const data = this.read(storeId)
    countWrite(data)
    if (data.backendId !== backendId) return false
    this.seams.write(data, change)
    return true
  }

  /** Statement: what was written so far outlives a loss of power. */
  flush(storeId: string): void {
    this.seams.flush(this.read(storeId))
  }

  /** The power goes: what was not flushed is gone. */
  powerLoss(): void {
    for (const data of this.stores.values()) {
      if (data.flushedRows < data.rows.length) data.rows = data.rows.slice(0, data.flushedRows)
      data.head = data.flushedHead
    }
  }

  /** Ends the store's life. */
  wipe(storeId: string): void {
    const data = this.data(storeId)
    data.backendId = undefined
    put(data, { rows: [], head: 0, ascending: true })
  }

  snapshot(storeId: string): Snapshot {
    const { rows, head, ascending } = this.data(storeId)
    return { rows: [...rows], head, ascending }
  }

  /** Puts a snapshot in the place of what is there: another life, with another identity. */
  restore(storeId: string, snapshot: Snapshot): void {
    const data = this.data(storeId)
    data.backendId = undefined
    put(data, { ...snapshot, rows: [...snapshot.rows] })
  }

  /** Ends every life and takes off every fault. */
  wipeAll(): void {
    for (const data of this.stores.values()) {
      this.wipe(data.storeId)
      data.outages = 0
      data.failIn = undefined
      data.bit = 0
    }
  }

  private draw(key: string): string {
    const half = (part: string) => hash32(this.seed, `backendId ${part} ${key}`).toString(16).padStart(8, "0")
    return `mock-${half("a")}${half("b")}`
  }
}

const put = (data: StoreData, snapshot: Snapshot): void => {
  data.rows = snapshot.rows
  data.head = snapshot.head
  data.ascending = snapshot.ascending
  data.flushedRows = snapshot.rows.length
  data.flushedHead = snapshot.head
}

const refuse = (data: StoreData, message: string): never => {
  data.bit += 1
  throw new StorageFailure(message)
}

/** Counts a writing statement against the fault that is aimed at the nth. */
const countWrite = (data: StoreData): void => {
  if (data.failIn === undefined) return
  data.failIn -= 1
  if (data.failIn > 0) return
  data.failIn = undefined
  refuse(data, "the statement failed")
}
