import type { CfTypes } from "@livestore/sync-cf/cf-worker"

/** A database in which LiveStore keeps something of one store. */
export interface Database {
  readonly rows: (query: string, ...values: ReadonlyArray<unknown>) => Promise<ReadonlyArray<Row>>
  /** Whether a table of it belongs to the store. */
  readonly has: (table: string) => boolean
}

type Row = Readonly<Record<string, unknown>>

/** A Durable Object's SQLite, as far as it is used here. */
interface Sql {
  exec: (query: string, ...bindings: ReadonlyArray<unknown>) => { toArray: () => ReadonlyArray<unknown> }
}

/** The object's own database: all of it is the store's. */
export const sqliteDatabase = (sql: Sql): Database => ({
  rows: async (query, ...values) => sql.exec(query, ...values).toArray() as ReadonlyArray<Row>,
  has: () => true,
})

/** The part of a D1 database that LiveStore gives to a store: one table, whose name it makes of the store's. */
export const d1Database = (database: CfTypes.D1Database, storeId: string): Database => {
  const mine = `eventlog_7_${storeId.replaceAll(/[^a-zA-Z0-9]/g, "_")}`.toLowerCase()
  return {
    rows: async (query, ...values) =>
      (
        await database
          .prepare(query)
          .bind(...values)
          .all<Row>()
      ).results,
    // SQLite takes names that differ only in case for the same.
    has: (table) => table.toLowerCase() === mine,
  }
}

/** One table: the statement that made it, and its rows. */
interface Table {
  readonly name: string
  readonly sql: string
  readonly rows: ReadonlyArray<Row>
}

/** Everything that is stored of a store in one database. */
export type Snapshot = ReadonlyArray<Table>

const tables = async ({ rows, has }: Database): Promise<ReadonlyArray<Omit<Table, "rows">>> => {
  const all = (await rows(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
  )) as ReadonlyArray<Omit<Table, "rows"> & Row>
  return all.filter(({ name }) => has(name))
}

/** Copies every table. */
export const takeSnapshot = async (database: Database): Promise<Snapshot> => {
  const copies: Array<Table> = []
  for (const table of await tables(database)) {
    copies.push({ ...table, rows: await database.rows(`SELECT * FROM "${table.name}"`) })
  }
  return copies
}

/** The events of LiveStore's log table in the order of their numbers; empty when there is no such table. */
export const readLog = async (database: Database): Promise<ReadonlyArray<unknown>> =>
  (await takeSnapshot(database))
    .filter(({ name }) => name.startsWith("eventlog_"))
    .flatMap(({ rows }) => rows)
    .toSorted((a, b) => Number(a["seqNum"]) - Number(b["seqNum"]))
    .map(({ seqNum, parentSeqNum, name, args, clientId, sessionId }) => ({
      seqNum,
      parentSeqNum,
      name,
      ...(typeof args === "string" && { args: JSON.parse(args) as unknown }),
      clientId,
      sessionId,
    }))

/** Drops every table. */
export const dropAll = async (database: Database): Promise<void> => {
  for (const { name } of await tables(database)) await database.rows(`DROP TABLE "${name}"`)
}

/** Writes a snapshot into a database that has nothing of the store. */
export const restore = async (database: Database, snapshot: Snapshot): Promise<void> => {
  for (const table of snapshot) {
    await database.rows(table.sql)
    for (const row of table.rows) {
      const columns = Object.keys(row)
      const names = columns.map((column) => `"${column}"`).join(", ")
      const places = columns.map(() => "?").join(", ")
      const values = columns.map((column) => row[column])
      await database.rows(`INSERT INTO "${table.name}" (${names}) VALUES (${places})`, ...values)
    }
  }
}
