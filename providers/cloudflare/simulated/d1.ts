import { DatabaseSync, type StatementSync } from "node:sqlite"
import { Effect } from "effect"
import { d1Log } from "../core/d1-log.ts"
import type { D1, D1Rows, D1Statement } from "../core/d1.ts"
import { deleteStore, eventsOfRows, insertEvents, insertLife, pageOf, tables } from "../core/d1-tables.ts"
import { StorageFailed, type LoggedEvent, type LogStore } from "../core/log-store.ts"
import { referenceSeams } from "../core/reference-seams.ts"
import type { Seams } from "../core/seams.ts"
import type { StoreStorage } from "./store-storage.ts"

/** Bounds that nothing reaches. */
const everything = { pageEvents: Number.MAX_SAFE_INTEGER, pageBytes: Number.MAX_SAFE_INTEGER }

/** The D1 database of a platform: one for all stores, each call one transaction, and others run while a call is under way. */
export class SimulatedD1 {
  private readonly database = new DatabaseSync(":memory:")
  private readonly statements = new Map<string, StatementSync>()

  constructor() {
    this.transaction(tables)
  }

  /** A store's log, as its object reaches it: the request is on its way, then the answer, and either may not come. */
  log(
    store: string,
    parts: {
      /** Keeps the faults of the store. */
      readonly storage: StoreStorage
      readonly seams: Seams
      readonly step: (name: string) => Effect.Effect<void>
      readonly newBackendId: () => string
    },
  ): LogStore {
    const { storage, step } = parts
    const refusable = (body: () => ReadonlyArray<D1Rows>): Effect.Effect<ReadonlyArray<D1Rows>, StorageFailed> =>
      Effect.try({ try: body, catch: (error) => new StorageFailed({ message: String(error) }) })
    const d1: D1 = {
      batch: (statements) =>
        Effect.gen({ self: this }, function* () {
          const wrote = statements.some(({ writes }) => writes)
          const slowMs = storage.slowMs(wrote)
          yield* step(wrote ? "append" : "identity")
          if (slowMs > 0) yield* Effect.andThen(Effect.sleep(slowMs), step("begin"))
          const rows = yield* refusable(() => {
            storage.refuseWhileOut()
            for (const { query, writes } of statements) if (writes) storage.refuseWrite("log", query)
            return this.transaction(statements)
          })
          yield* step(wrote ? "setHead" : "readPage")
          // An outage that began meanwhile takes the answer with it.
          return yield* refusable(() => {
            storage.refuseWhileOut()
            return rows
          })
        }),
    }
    return d1Log({ d1, store, seams: parts.seams, newBackendId: parts.newBackendId })
  }

  /** The whole log of a store, whatever stands in front of it. */
  inspect(store: string): ReadonlyArray<LoggedEvent> {
    const [rows = []] = this.transaction([pageOf(store, { after: 0 }, everything)])
    return eventsOfRows(rows)
  }

  wipe(store: string): void {
    this.transaction(deleteStore(store))
  }

  /** Takes a snapshot now and gives back what restores it. */
  snapshot(store: string, newBackendId: () => string): () => void {
    const bare = d1Log({ d1: this.bare, store, seams: referenceSeams, newBackendId })
    const { head, events } = Effect.runSync(bare.page({ after: 0 }, everything, () => undefined))
    const rows = insertEvents({ ...head, position: 0 }, events)
    return () => void this.transaction([...deleteStore(store), insertLife(store, head), ...rows])
  }

  close(): void {
    this.database.close()
  }

  private readonly bare: D1 = { batch: (statements) => Effect.sync(() => this.transaction(statements)) }

  private transaction(statements: ReadonlyArray<D1Statement>): ReadonlyArray<D1Rows> {
    this.database.exec("BEGIN")
    try {
      const rows = statements.map(({ query, bindings }) => this.statement(query).all(...bindings) as D1Rows)
      this.database.exec("COMMIT")
      return rows
    } catch (error) {
      this.database.exec("ROLLBACK")
      throw error
    }
  }

  private statement(query: string): StatementSync {
    const known = this.statements.get(query)
    if (known !== undefined) return known
    const made = this.database.prepare(query)
    this.statements.set(query, made)
    return made
  }
}
