import type { Sql, SqlValue } from "../core/sql.ts"
import type { StorageFaults } from "./isolate.ts"

/** The part of a Durable Object's storage that is used here. */
export interface ObjectStorage {
  readonly sql: { exec(query: string, ...bindings: ReadonlyArray<SqlValue>): ObjectCursor }
  transactionSync<A>(body: () => A): A
  deleteAll(): Promise<void>
  sync(): Promise<void>
  setAlarm(atMs: number): Promise<void>
}

interface ObjectCursor extends Iterable<Record<string, SqlValue>> {
  raw(): Iterable<ReadonlyArray<SqlValue>>
}

/** A Durable Object's SQLite, with the harness's faults in front of it. Writes of the log count towards a failing one. */
export const objectSql = (storage: ObjectStorage, faults: StorageFaults, use: "log" | "sessions"): Sql => {
  const fail = (what: string): never => {
    faults.bit += 1
    throw new Error(what)
  }
  const checkOutage = (): void => {
    if (faults.outage) fail("storage is out")
  }
  return {
    read: (query, ...bindings) => {
      checkOutage()
      return storage.sql.exec(query, ...bindings)
    },
    readArrays: (query, ...bindings) => {
      checkOutage()
      return storage.sql.exec(query, ...bindings).raw()
    },
    write: (query, ...bindings) => {
      checkOutage()
      if (use === "log" && faults.writesUntilFailure > 0) {
        faults.writesUntilFailure -= 1
        if (faults.writesUntilFailure === 0) fail("the statement failed")
      }
      storage.sql.exec(query, ...bindings)
    },
    transaction: (body) => storage.transactionSync(body),
  }
}
