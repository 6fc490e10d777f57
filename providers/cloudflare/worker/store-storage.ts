import { Effect } from "effect"
import { d1Log, withTables } from "../core/d1-log.ts"
import { deleteStore, eventsOfRows, insertEvents, insertLife, pageOf } from "../core/d1-tables.ts"
import type { LoggedEvent, LogHead, LogStore } from "../core/log-store.ts"
import { referenceSeams } from "../core/reference-seams.ts"
import type { Seams } from "../core/seams.ts"
import { readIdentity, readWholeLog, sqlLog } from "../core/sql-log.ts"
import type { Sql, SqlValue } from "../core/sql.ts"
import type { StorageFaults } from "./isolate.ts"
import { boundD1, faultyD1, type D1Binding } from "./object-d1.ts"
import type { Meter } from "./meter.ts"
import { objectSql } from "./object-sql.ts"
import type { ObjectContext } from "./platform.ts"

/** Where the log of a store lies, and what the harness does to it past the provider and past its own faults. */
export interface StoreStorage {
  readonly log: LogStore
  /** The log as it lies there; nothing is begun where there is none. */
  readonly inspect: () => Promise<ReadonlyArray<LoggedEvent>>
  /** Deletes what does not lie in the object itself. */
  readonly wipe: () => Promise<void>
  /** Deletes the data and tells nobody. */
  readonly wipeBeneath: () => Promise<void>
  /** The data as JSON, and back. */
  readonly snapshot: () => Promise<unknown>
  readonly restore: (snapshot: unknown) => Promise<void>
}

interface Parts {
  readonly ctx: ObjectContext
  readonly faults: StorageFaults
  readonly seams: Seams
  readonly meter: Meter
}

const newBackendId = (): string => crypto.randomUUID()

/** In D1 where the Worker has a database, else in the object's own SQLite. */
export const storeStorage = (parts: Parts & { readonly database: D1Binding | undefined }): StoreStorage =>
  parts.database === undefined ? inObject(parts) : inD1(parts, parts.database)

/** Rows of the object's tables, as a snapshot keeps them. */
interface ObjectSnapshot {
  readonly life: ReadonlyArray<Record<string, SqlValue>>
  readonly event: ReadonlyArray<Record<string, SqlValue>>
}

const inObject = ({ ctx, faults, seams, meter }: Parts): StoreStorage => {
  const sql = objectSql(ctx.storage, faults, "log", meter)
  const exec = (query: string, ...bindings: ReadonlyArray<SqlValue>) => [...ctx.storage.sql.exec(query, ...bindings)]
  const bare: Sql = {
    ...sql,
    read: exec,
    readArrays: (query, ...bindings) => ctx.storage.sql.exec(query, ...bindings).raw(),
    write: (query, ...bindings) => void exec(query, ...bindings),
  }
  return {
    log: sqlLog({ sql, seams, newBackendId }),
    inspect: async () => readWholeLog(bare),
    wipe: async () => undefined,
    wipeBeneath: async () => {
      // Whatever wipes the storage takes all of it: who is registered lies there as the log does, and sessions do.
      const tables = "('life', 'event', 'session', 'registration')"
      for (const { name } of exec(`SELECT name FROM sqlite_master WHERE name IN ${tables}`)) {
        exec(`DELETE FROM ${String(name)}`)
      }
    },
    snapshot: async () => {
      readIdentity(bare, newBackendId)
      return { life: exec("SELECT * FROM life"), event: exec("SELECT * FROM event") } satisfies ObjectSnapshot
    },
    restore: async (snapshot) =>
      ctx.storage.transactionSync(() => {
        readIdentity(bare, newBackendId)
        for (const table of ["life", "event"] as const) {
          exec(`DELETE FROM ${table}`)
          for (const row of (snapshot as ObjectSnapshot)[table]) {
            const values = Object.values(row)
            exec(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`, ...values)
          }
        }
      }),
  }
}

/** A store's log, as a snapshot keeps it. */
interface LogSnapshot {
  readonly head: LogHead
  readonly events: ReadonlyArray<LoggedEvent>
}

/** Bounds that nothing reaches. */
const everything = { pageEvents: Number.MAX_SAFE_INTEGER, pageBytes: Number.MAX_SAFE_INTEGER }

const inD1 = ({ ctx, faults, seams, meter }: Parts, database: D1Binding): StoreStorage => {
  const bare = boundD1(database, meter)
  // The name of a store's object is the hash of the store's.
  const store = ctx.id.name
  if (store === undefined) throw new Error("the platform does not tell an object its name")
  const key = seams.d1Key(store)
  const made = withTables(bare)
  const wipe = () => Effect.runPromise(Effect.asVoid(made.batch(deleteStore(key))))
  const bareLog = d1Log({ d1: bare, store: key, seams: referenceSeams, newBackendId })
  return {
    log: d1Log({ d1: faultyD1(bare, faults), store, seams, newBackendId }),
    inspect: () =>
      Effect.runPromise(
        Effect.match(bare.batch([pageOf(key, { after: 0 }, everything)]), {
          onSuccess: ([rows = []]) => eventsOfRows(rows),
          // No tables yet.
          onFailure: () => [],
        }),
      ),
    wipe,
    wipeBeneath: wipe,
    snapshot: () =>
      Effect.runPromise(
        Effect.map(
          bareLog.page({ after: 0 }, everything, () => undefined),
          ({ head, events }) => ({ head, events }) satisfies LogSnapshot,
        ),
      ),
    restore: (snapshot) => {
      const { head, events } = snapshot as LogSnapshot
      const rows = insertEvents({ ...head, position: 0 }, events)
      return Effect.runPromise(Effect.asVoid(made.batch([...deleteStore(key), insertLife(key, head), ...rows])))
    },
  }
}
