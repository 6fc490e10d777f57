import { makeDurableObject, type CfTypes, type DoState } from "@livestore/sync-cf/cf-worker"
import { withD1Faults } from "./faulty-d1.ts"
import { faultsOf, withFaults } from "./faulty-storage.ts"
import { onPull, onPush } from "./hooks.ts"
import {
  d1Database,
  dropAll,
  readLog,
  restore,
  sqliteDatabase,
  takeSnapshot,
  type Database,
  type Snapshot,
} from "./stored-log.ts"

/** Actions on one store's object. */
export type HarnessAction =
  | { readonly do: "instance" | "inspect" | "gauges" | "drain" | "end" | "wipe" | "wipeBeneath" | "snapshot" | "bit" }
  | { readonly do: "restore"; readonly snapshot: ReadonlyArray<Snapshot> }
  | { readonly do: "outage"; readonly on: boolean }
  | { readonly do: "failWrite"; readonly nth: number }

/** What the harness calls on an object. */
export interface HarnessObject {
  readonly instance: string
  readonly harness: (action: HarnessAction, storeId: string) => Promise<unknown>
}

/** The objects of this isolate that are in memory, and some that are not any more. */
export const awake = new Map<string, WeakRef<HarnessObject>>()

/** The binding of the database that logs are kept in beside the object. */
const binding = "DB"
type ObjectEnv = { readonly [binding]?: CfTypes.D1Database }

/**
 * LiveStore's Durable Object with methods of the harness beside its own; none of its code is changed. Its storage is
 * the platform's unless the harness lets statements fail.
 */
export const storeObject = (storage: "do-sqlite" | "d1") =>
  class
    extends makeDurableObject({
      onPush,
      onPull,
      // The default is the object's own SQLite.
      ...(storage === "d1" && { storage: { _tag: "d1" as const, binding } }),
    })
    implements HarnessObject
  {
    readonly #state: DoState
    readonly #logs: CfTypes.D1Database | undefined
    readonly instance = crypto.randomUUID()

    constructor(state: DoState, env: ObjectEnv) {
      const faults = () => faultsOf(state.id.toString())
      const logs = storage === "d1" ? env[binding] : undefined
      super(state, logs === undefined ? env : { ...env, [binding]: withD1Faults(logs, faults) })
      this.#state = state
      this.#logs = logs
      awake.set(state.id.toString(), new WeakRef(this))
      Object.defineProperty(this, "ctx", { value: withFaults(state, faults) })
    }

    /** What the harness asks of one store's object. */
    async harness(action: HarnessAction, storeId: string): Promise<unknown> {
      const faults = faultsOf(this.#state.id.toString())
      const databases = this.#databases(storeId)
      switch (action.do) {
        case "instance":
          return this.instance
        case "inspect":
          return readLog(databases.at(-1)!)
        case "gauges":
          return gauges(this.#state, this)
        case "drain":
          for (const socket of this.#state.getWebSockets()) socket.close(1012, "the backend restarts")
          return
        case "end":
          return this.#state.abort("ended by the harness")
        case "wipe":
          return this.#replace(databases, [])
        case "wipeBeneath":
          return this.#clear(databases)
        case "snapshot":
          return Promise.all(databases.map(takeSnapshot))
        case "restore":
          return this.#replace(databases, action.snapshot)
        case "outage":
          faults.out = action.on
          return
        case "failWrite":
          faults.failWriteIn = action.nth
          return
        case "bit":
          return faults.bit
      }
    }

    /** The object's own, in which head and backendId stand, and where it has one the one with the log. */
    #databases(storeId: string): ReadonlyArray<Database> {
      const own = sqliteDatabase(this.#state.storage.sql)
      return this.#logs === undefined ? [own] : [own, d1Database(this.#logs, storeId)]
    }

    async #clear([, logs]: ReadonlyArray<Database>): Promise<void> {
      await this.#state.storage.deleteAll()
      if (logs !== undefined) await dropAll(logs)
    }

    /** Puts other data in place of its own and ends this incarnation, so that nothing of it meets the new data. */
    async #replace(databases: ReadonlyArray<Database>, snapshots: ReadonlyArray<Snapshot>): Promise<never> {
      return this.#state.blockConcurrencyWhile(async () => {
        await this.#clear(databases)
        for (const [at, snapshot] of snapshots.entries()) await restore(databases[at]!, snapshot)
        await this.#state.storage.sync()
        return this.#state.abort("its data was replaced") as never
      })
    }
  }

const gauges = (state: DoState, object: object) => {
  const sockets = state.getWebSockets()
  const attachments = sockets.map((socket) => String(socket.deserializeAttachment() ?? ""))
  return {
    sockets: sockets.length,
    // LiveStore keeps the ids of a socket's pulls in its attachment, and those of client objects in its memory.
    subscriptions: attachments.reduce((sum, attachment) => sum + pullIds(attachment), 0) + registered(object),
    connectionStateBytes: Math.max(0, ...attachments.map((attachment) => new TextEncoder().encode(attachment).length)),
  }
}

const pullIds = (attachment: string): number => {
  const { pullRequestIds } = JSON.parse(attachment) as { readonly pullRequestIds?: ReadonlyArray<string> }
  return pullRequestIds?.length ?? 0
}

/** Live pulls of client objects; LiveStore keeps them behind a symbol on its object. */
const registered = (object: object): number => {
  const cache = Object.getOwnPropertySymbols(object).find(({ description }) => description === "Cache")
  if (cache === undefined) return 0
  const { rpcSubscriptions } = (object as Record<symbol, { readonly rpcSubscriptions?: ReadonlyMap<string, unknown> }>)[
    cache
  ]!
  return rpcSubscriptions?.size ?? 0
}
