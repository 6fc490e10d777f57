/** A Durable Object's SQLite, as far as it is used here. */
export interface Sql {
  exec: (query: string, ...bindings: ReadonlyArray<unknown>) => { toArray: () => ReadonlyArray<unknown> }
}

/** One table: the statement that made it, and its rows. */
interface Table {
  readonly name: string
  readonly sql: string
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
}

/** Everything that an object has stored. */
export type Snapshot = ReadonlyArray<Table>

const tables = (sql: Sql): ReadonlyArray<{ readonly name: string; readonly sql: string }> =>
  sql
    .exec(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
    )
    .toArray() as ReadonlyArray<{ readonly name: string; readonly sql: string }>

const rows = (sql: Sql, table: string): Table["rows"] => sql.exec(`SELECT * FROM "${table}"`).toArray() as Table["rows"]

/** The events of LiveStore's log table in the order of their numbers; empty when there is no such table. */
export const readLog = (sql: Sql): ReadonlyArray<unknown> =>
  tables(sql)
    .filter(({ name }) => name.startsWith("eventlog_"))
    .flatMap(({ name }) => rows(sql, name))
    .toSorted((a, b) => Number(a["seqNum"]) - Number(b["seqNum"]))
    .map(({ seqNum, parentSeqNum, name, args, clientId, sessionId }) => ({
      seqNum,
      parentSeqNum,
      name,
      ...(typeof args === "string" && { args: JSON.parse(args) as unknown }),
      clientId,
      sessionId,
    }))

/** Copies every table. */
export const takeSnapshot = (sql: Sql): Snapshot =>
  tables(sql).map((table) => ({ ...table, rows: rows(sql, table.name) }))

/** Writes a snapshot into an empty database. */
export const restore = (sql: Sql, snapshot: Snapshot): void => {
  for (const table of snapshot) {
    sql.exec(table.sql)
    for (const row of table.rows) {
      const columns = Object.keys(row)
      const names = columns.map((column) => `"${column}"`).join(", ")
      const places = columns.map(() => "?").join(", ")
      sql.exec(`INSERT INTO "${table.name}" (${names}) VALUES (${places})`, ...columns.map((column) => row[column]))
    }
  }
}
