import type { Costs } from "../../../contract/costs.ts"
import type { Json } from "../../../contract/json.ts"
import type { Hook, HookRecord } from "../../../contract/test-application.ts"
import type { Session } from "../core/application.ts"
import { makeMeter, type Meter } from "./meter.ts"
import { platform } from "./platform.ts"

/**
 * What the harness keeps beside the objects of one isolate, outside every object's life: what hooks saw, which
 * payloads were revoked, faults of storage, and which objects are awake. Only the harness's routes and the test
 * application read it; the provider itself does not.
 */
export interface Isolate {
  readonly revoked: Set<string>
  readonly stores: Map<string, StoreRecord>
  /** The client objects. */
  readonly clients: Map<string, AwakeRecord>
  /** Counts the objects that came to life. */
  objects: number
  /** How often a planted bug made something wrong. */
  fired: number
}

/** The harness's record of one store. */
export interface StoreRecord extends AwakeRecord {
  readonly seen: Array<HookRecord>
  readonly faults: StorageFaults
}

/** Whether an object is awake, and what it costs. */
export interface AwakeRecord {
  readonly meter: Meter
  /** The object while it is awake; cleared by the garbage collector once it was evicted or sleeps. */
  awake: WeakRef<{ readonly instance: string }> | undefined
}

/** Faults of one store's storage. */
export interface StorageFaults {
  outage: boolean
  /** Writing statements until one fails; 0 for none. */
  writesUntilFailure: number
  /** Statements that were made to fail. */
  bit: number
  /** How much longer each statement takes in D1, in milliseconds, or each that writes. */
  slowMs: number
  slowWritesOnly: boolean
  /** Statements that took longer. */
  slowed: number
}

/** Hook calls that are kept for one store, the latest. */
const seenAtMost = 5_000

export const isolate: Isolate = { revoked: new Set(), stores: new Map(), clients: new Map(), objects: 0, fired: 0 }

export const noFaults: Readonly<StorageFaults> = {
  outage: false,
  writesUntilFailure: 0,
  bit: 0,
  slowMs: 0,
  slowWritesOnly: false,
  slowed: 0,
}

/** The record of the store with this key. */
export const recordOf = (key: string): StoreRecord => {
  const known = isolate.stores.get(key)
  if (known !== undefined) return known
  const record: StoreRecord = {
    seen: [],
    faults: { ...noFaults },
    awake: undefined,
    meter: makeMeter(Date.now),
  }
  isolate.stores.set(key, record)
  return record
}

/** The record of the client object with this key. */
export const clientRecordOf = (key: string): AwakeRecord => {
  const record = isolate.clients.get(key) ?? { awake: undefined, meter: makeMeter(Date.now) }
  isolate.clients.set(key, record)
  return record
}

/** Notes one call of a hook, and the payload where there was one. */
export const recordHook = (record: StoreRecord, hook: Hook, { storeId, payload }: Session): void => {
  record.seen.push(payload === undefined ? { hook, storeId } : { hook, storeId, payload: payload as Json })
  if (record.seen.length > seenAtMost) record.seen.shift()
}

/** Payloads that were revoked before this start of workerd. */
export const loadRevoked = (env: { readonly REVOKED?: string }): void => {
  for (const id of JSON.parse(env.REVOKED ?? "[]") as ReadonlyArray<string>) isolate.revoked.add(id)
}

/** The object's incarnation that is in memory now; undefined while it sleeps. */
export const awakeNow = ({ awake }: AwakeRecord): string | undefined => {
  // Only a collected object leaves its reference empty; without `gc` nobody can tell that it sleeps.
  platform.gc?.()
  return awake?.deref()?.instance
}

/** What an object has cost so far. */
export const costsOf = (record: AwakeRecord): Costs => record.meter.read(awakeNow(record) !== undefined)
