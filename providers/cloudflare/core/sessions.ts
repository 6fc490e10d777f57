import { Effect } from "effect"
import type { Session } from "./application.ts"
import type { Sessions } from "./connection.ts"
import { StorageFailed } from "./log-store.ts"
import { firstRow, type Sql } from "./sql.ts"

const table = "CREATE TABLE IF NOT EXISTS session (connection TEXT PRIMARY KEY, value TEXT NOT NULL)"

/** Sessions of connections that end with the object, in memory. */
export const memorySessions = (): Sessions => {
  const sessions = new Map<string, Session>()
  return {
    put: (connection, session) => Effect.sync(() => void sessions.set(connection, session)),
    get: (connection) => sessions.get(connection),
    remove: (connection) => void sessions.delete(connection),
  }
}

/**
 * Sessions in SQLite, read once while the object is awake. They lie in storage because a payload does not fit a
 * socket's attachment and has to outlive the object's sleep.
 */
export const sqlSessions = (sql: Sql): Sessions & { readonly keepOnly: (connections: ReadonlySet<string>) => void } => {
  const awake = new Map<string, Session>()
  const quietly = (body: () => void): void => {
    try {
      body()
    } catch {
      // Storage is out or wiped: a row that stays is removed when the object next wakes.
    }
  }
  return {
    put: (connection, session) =>
      Effect.try({
        try: () => {
          sql.write(table)
          // JSON text: SQLite would alter lone surrogates and cut at NUL, JSON escapes both.
          sql.write("INSERT OR REPLACE INTO session VALUES (?, ?)", connection, JSON.stringify(session))
          awake.set(connection, session)
        },
        catch: (error) => new StorageFailed({ message: String(error) }),
      }),
    get: (connection) => {
      const known = awake.get(connection)
      if (known !== undefined) return known
      quietly(() => {
        const row = firstRow(sql.read("SELECT value FROM session WHERE connection = ?", connection))
        if (row !== undefined) awake.set(connection, JSON.parse(String(row["value"])) as Session)
      })
      return awake.get(connection)
    },
    remove: (connection) => {
      awake.delete(connection)
      quietly(() => sql.write("DELETE FROM session WHERE connection = ?", connection))
    },
    keepOnly: (connections) =>
      quietly(() => {
        for (const row of [...sql.read("SELECT connection FROM session")]) {
          const connection = String(row["connection"])
          if (!connections.has(connection)) sql.write("DELETE FROM session WHERE connection = ?", connection)
        }
      }),
  }
}
