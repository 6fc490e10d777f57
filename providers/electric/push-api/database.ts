import { randomUUID } from "node:crypto"
import { identifiers } from "../sql/statement.ts"
import { openSql, type Sql, type Statements } from "../sql/open-sql.ts"

/** One store's row: the life of its data, the table that holds its log, and the log's head. */
export interface Store {
  readonly key: string
  readonly backendId: string
  /** The table of this life's log. Its name is never used again. */
  readonly log: string
  readonly head: number
  readonly digest: string
  /** Events in the log. */
  readonly size: number
}

/** Postgres's code for a table that is not there. */
const undefinedTable = "42P01"

/** Connections of one push API to its database. Each connection takes one push at a time. */
export const connectDatabase = (url: string): Sql =>
  openSql(url, {
    max: 12,
    applicationName: "sync push api",
    connectMs: 3_000,
    // Who asked has given up by then.
    waitMs: 8_000,
    // Later than Postgres itself ends a statement: what is silent for so long is gone.
    answerMs: 12_000,
    prepares: true,
    settings: { statement_timeout: "8000", idle_in_transaction_session_timeout: "10000" },
  })

/** Makes the table of stores. Two processes may do so at once: the lock keeps them apart. */
export const createSchema = async (sql: Sql): Promise<void> => {
  await sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(7243001)`
    await transaction`create table if not exists sync_stores (
      key text primary key,
      "backendId" text not null,
      log text not null unique,
      head bigint not null default 0,
      digest text not null default '',
      size bigint not null default 0
    )`
  })
}

/** Does something with a store's tables; once more where a table was taken away meanwhile. */
export const onTables = async <A>(sql: Sql, body: () => Promise<A>): Promise<A> => {
  try {
    return await body()
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== undefinedTable) throw error
    await createSchema(sql)
    return body()
  }
}

/** The store's row; a store that nobody asked for before begins its first life. */
export const storeOf = async (sql: Sql, key: string): Promise<Store> => {
  const [known] = await sql<Array<Store>>`select * from sync_stores where key = ${key}`
  return known ?? (await beginLife(sql, key))
}

const beginLife = async (sql: Sql, key: string): Promise<Store> =>
  sql.begin(async (transaction) => {
    const log = `log_${key.slice(0, 12)}_${randomUUID().replaceAll("-", "")}`
    const [begun] = await transaction<Array<Store>>`
      insert into sync_stores (key, "backendId", log) values (${key}, ${randomUUID()}, ${log})
      on conflict (key) do nothing returning *`
    if (begun === undefined) {
      const [other] = await transaction<Array<Store>>`select * from sync_stores where key = ${key}`
      if (other === undefined) throw new Error("the store ended while it began")
      return other
    }
    await createLog(transaction, log)
    return begun
  })

/** Makes the table of a log as Electric wants it, so that Electric need not lock it against pushes later. */
export const createLog = async (sql: Statements, log: string): Promise<void> => {
  await sql`create table ${identifiers(log)} (
    "seqNum" bigint primary key,
    "parentSeqNum" bigint not null,
    name text not null,
    args text,
    "clientId" text not null,
    "sessionId" text not null,
    digest text not null,
    "following" int not null,
    position bigint not null
  )`
  await sql`alter table ${identifiers(log)} replica identity full`
}

/** Inserts rows that have a value for each column. 100 of them cost half as much when they are one value, of JSON. */
export const insertRows = async (sql: Statements, table: string, rows: ReadonlyArray<object>): Promise<void> => {
  await sql`insert into ${identifiers(table)}
    select * from json_populate_recordset(null::${identifiers(table)}, ${JSON.stringify(rows)})`
}
