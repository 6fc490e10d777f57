import type { Sql, SqlValue } from "../core/sql.ts"
import type { StorageFaults } from "./isolate.ts"
import type { Meter, Rows } from "./meter.ts"

/** The part of a Durable Object's storage that is used here. */
export interface ObjectStorage {
  readonly sql: { exec(query: string, ...bindings: ReadonlyArray<SqlValue>): ObjectCursor }
  transactionSync<A>(body: () => A): A
  deleteAll(): Promise<void>
  sync(): Promise<void>
  setAlarm(atMs: number): Promise<void>
}

interface ObjectCursor extends Iterable<Record<string, SqlValue>>, Rows {
  raw(): Iterable<ReadonlyArray<SqlValue>>
}

/** A Durable Object's SQLite, with the harness's faults in front of it. Writes of the log count towards a failing one. */
export const objectSql = (
  storage: ObjectStorage,
  faults: StorageFaults,
  use: "log" | "sessions",
  meter: Pick<Meter, "cursor">,
): Sql => {
  const exec = (query: string, bindings: ReadonlyArray<SqlValue>): ObjectCursor => {
    const cursor = storage.sql.exec(query, ...bindings)
    meter.cursor(cursor)
    return cursor
  }
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
      return exec(query, bindings)
    },
    readArrays: (query, ...bindings) => {
      checkOutage()
      return exec(query, bindings).raw()
    },
    write: (query, ...bindings) => {
      checkOutage()
      if (use === "log" && faults.writesUntilFailure > 0) {
        faults.writesUntilFailure -= 1
        if (faults.writesUntilFailure === 0) fail("the statement failed")
      }
      exec(query, bindings)
    },
    transaction: (body) => storage.transactionSync(body),
  }
}
