import type { Effect } from "effect"
import type { LoggedEvent, LogStore } from "../core/log-store.ts"
import type { Seams } from "../core/seams.ts"
import { readIdentity, readWholeLog, sqlLog } from "../core/sql-log.ts"
import type { SimulatedD1 } from "./d1.ts"
import type { Spent, StoreStorage } from "./store-storage.ts"

/** What a log is opened with by an object that comes to life. */
export interface LogParts {
  readonly seams: Seams
  /** Told of each unit of work that holds the object's thread. */
  readonly spent: (spent: Spent) => void
  /** A place where the object waits, and others may run. */
  readonly step: (name: string) => Effect.Effect<void>
}

/** Where the log of one store lies, and what is done to it past the provider and past every fault. */
export interface StoreLog {
  readonly open: (parts: LogParts) => LogStore
  /** The log as it lies there; nothing is begun where there is none. */
  readonly inspect: () => ReadonlyArray<LoggedEvent>
  /** Ends the life: nothing is left. */
  readonly wipe: () => void
  /** Deletes the data and tells nobody. */
  readonly wipeBeneath: () => void
  /** Takes a snapshot now and gives back what restores it. */
  readonly snapshot: () => () => void
}

interface LogHome {
  readonly storage: StoreStorage
  readonly newBackendId: () => string
}

/** In the SQLite of the store's object. */
export const logInObject = ({ storage, newBackendId }: LogHome): StoreLog => ({
  open: ({ seams, spent }) => sqlLog({ sql: storage.sql("log", spent), seams, newBackendId }),
  inspect: () => readWholeLog(storage.bare),
  wipe: () => storage.wipe(),
  wipeBeneath: () => storage.wipeBeneath(),
  snapshot: () => {
    readIdentity(storage.bare, newBackendId)
    const tables = (["life", "event"] as const).map((table) => [table, storage.rows(`SELECT * FROM ${table}`)] as const)
    return () => {
      storage.confirm()
      readIdentity(storage.bare, newBackendId)
      for (const [table, rows] of tables) {
        storage.bare.write(`DELETE FROM ${table}`)
        for (const row of rows) {
          const values = Object.values(row)
          storage.bare.write(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`, ...values)
        }
      }
    }
  },
})

/** In the D1 database that all stores share. */
export const logInD1 = (database: SimulatedD1, store: string, { storage, newBackendId }: LogHome): StoreLog => ({
  open: ({ seams, step }) => database.log(store, { storage, seams, step, newBackendId }),
  inspect: () => database.inspect(store),
  wipe: () => {
    storage.wipe()
    database.wipe(store)
  },
  wipeBeneath: () => database.wipe(store),
  snapshot: () => database.snapshot(store, newBackendId),
})
