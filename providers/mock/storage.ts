import { hash32 } from "../../chaos/draw.ts"
import type { StorageFault } from "../../contract/fault.ts"
import {
  newStoreData,
  type Snapshot,
  type StorageChange,
  type StorageSeams,
  type StoreData,
  type StoreView,
} from "./store-data.ts"
import type { StandingStoreFault } from "./store-faults.ts"

/** A statement that the storage refused: an outage, or a fault that was aimed at it. */
export class StorageFailure {
  readonly _tag = "StorageFailure"
  readonly message: string
  /** Who asked is not the store's backend any more: another instance has taken the store over. */
  readonly superseded: boolean
  constructor(message: string, superseded = false) {
    this.message = message
    this.superseded = superseded
  }
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
    const data = newStoreData(storeId)
    this.stores.set(storeId, data)
    return data
  }

  /** Statement: the store's data for reading. */
  read(storeId: string): StoreData {
    const data = this.data(storeId)
    if (data.outages > 0) return refuse(data, "the storage is out of reach")
    return data
  }

  /** Statement: the store's data as the nearest copy has them: the primary's own, where nothing lags. */
  nearest(storeId: string): StoreView {
    const data = this.read(storeId)
    const { copy } = data.faults
    if (copy === undefined || copy.version === data.version) return data
    data.faults.bites("stale-replica")
    return copy
  }

  /** Statement, of the primary alone: how often its data have changed. */
  version(storeId: string): number {
    return this.read(storeId).version
  }

  /** Statement: from here on no instance of an earlier term may write. Refused where a later one has begun. */
  takeOver(storeId: string, term: number): void {
    const data = this.read(storeId)
    mayWrite(data, term)
    data.term = term
  }

  /** Statement: the identity of the store's life; the first contact begins one. */
  identity(storeId: string): string {
    const data = this.read(storeId)
    if (data.backendId === undefined) {
      countWrite(data)
      mustFit(data)
      data.lives += 1
      data.version += 1
      data.backendId = this.draw(`${storeId} life ${data.lives}`)
    }
    return data.backendId
  }

  /**
   * Statement: adds a batch, unless the store is in another life by now; false then, and nothing is changed. With the
   * term of the instance that writes it is refused where a later one has taken over.
   */
  write(storeId: string, backendId: string, change: StorageChange, term?: number): boolean {
    const data = this.read(storeId)
    countWrite(data)
    mustFit(data)
    if (term !== undefined) mayWrite(data, term)
    if (data.backendId !== backendId) return false
    this.seams.write(data, change)
    data.version += 1
    return true
  }

  /** Whether something was written that would not outlive a loss of power. */
  hasUnsynced(storeId: string): boolean {
    const data = this.data(storeId)
    return data.flushedRows < data.rows.length
  }

  /** Statement: what was written so far outlives a loss of power. */
  flush(storeId: string): void {
    const data = this.read(storeId)
    if (this.hasUnsynced(storeId)) countWrite(data)
    this.seams.flush(data)
  }

  /** The backend's process has ended. Where the power went with it, what was not flushed is gone. */
  processEnded(): void {
    for (const data of this.stores.values()) {
      const lost = data.rows.length - data.flushedRows
      if (lost <= 0 || !data.faults.has("unsynced")) continue
      data.faults.bites("unsynced", lost)
      data.rows = data.rows.slice(0, data.flushedRows)
      data.head = data.flushedHead
      data.version += 1
    }
  }

  /** Puts a fault on a store's storage. */
  fault(storeId: string, fault: StorageFault): StandingStoreFault {
    const data = this.data(storeId)
    return data.faults.stand(fault, () => {
      const { rows, head, backendId, ascending, version } = data
      return { rows: [...rows], head, backendId, ascending, version }
    })
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
      data.faults.clear()
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
  data.version += 1
  data.flushedRows = snapshot.rows.length
  data.flushedHead = snapshot.head
}

const refuse = (data: StoreData, message: string): never => {
  data.bit += 1
  throw new StorageFailure(message)
}

/** Only the latest instance writes. */
const mayWrite = (data: StoreData, term: number): void => {
  if (term < data.term) throw new StorageFailure("another instance of the backend has taken the store over", true)
}

/** Refuses to add where nothing more fits in. */
const mustFit = (data: StoreData): void => {
  if (!data.faults.has("full")) return
  data.faults.bites("full")
  throw new StorageFailure("the storage is full")
}

/** Counts a writing statement against the fault that is aimed at the nth. */
const countWrite = (data: StoreData): void => {
  if (data.failIn === undefined) return
  data.failIn -= 1
  if (data.failIn > 0) return
  data.failIn = undefined
  refuse(data, "the statement failed")
}
