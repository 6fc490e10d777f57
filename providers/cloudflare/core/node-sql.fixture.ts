import { DatabaseSync } from "node:sqlite"
import type { Sql, SqlValue } from "./sql.ts"

/** Node's SQLite in memory in the place of a Durable Object's. `failWrite(n)` makes the nth write from now fail. */
export const nodeSql = (): Sql & { readonly failWrite: (nth: number) => void } => {
  const database = new DatabaseSync(":memory:")
  let untilFailure = 0
  return {
    failWrite: (nth) => {
      untilFailure = nth
    },
    read: (query, ...bindings) => database.prepare(query).all(...bindings) as Array<Record<string, SqlValue>>,
    readArrays: (query, ...bindings) => {
      const statement = database.prepare(query)
      statement.setReturnArrays(true)
      return statement.all(...bindings) as unknown as Array<ReadonlyArray<SqlValue>>
    },
    write: (query, ...bindings) => {
      if (untilFailure > 0 && --untilFailure === 0) throw new Error("the statement failed")
      database.prepare(query).run(...bindings)
    },
    transaction: (body) => {
      database.exec("SAVEPOINT body")
      try {
        const result = body()
        database.exec("RELEASE body")
        return result
      } catch (error) {
        database.exec("ROLLBACK TO body")
        database.exec("RELEASE body")
        throw error
      }
    },
  }
}
