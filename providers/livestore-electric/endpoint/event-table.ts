import type { EventEncoded } from "../../../contract/event.ts"
import type { Statements } from "../../electric/sql/open-sql.ts"
import { identifiers } from "../../electric/sql/statement.ts"

/** A row of a store's table. `args` is the JSON text that Postgres writes. */
export interface EventRow {
  readonly seqNum: number
  readonly parentSeqNum: number | null
  readonly name: string
  readonly args: string
  readonly clientId: string
  readonly sessionId: string
}

/** Makes a store's table where there is none: the columns that LiveStore's documentation lists, no others. */
export const migrate = async (sql: Statements, table: string): Promise<void> => {
  await sql`create table if not exists ${identifiers(table)} (
    "seqNum" integer primary key,
    "parentSeqNum" integer,
    name text not null,
    args jsonb not null,
    "clientId" text not null,
    "sessionId" text not null
  )`
}

/**
 * Inserts a batch. One statement, as in LiveStore's example of an application: the batch is stored whole or not at
 * all, and the table's key alone decides what is refused. No arguments are stored as null, because the column may not
 * be empty.
 */
export const insertEvents = (sql: Statements, table: string, batch: ReadonlyArray<EventEncoded>): Promise<void> =>
  insertRows(
    sql,
    table,
    batch.map(({ args, ...event }) => ({ ...event, args: JSON.stringify(args ?? null) })),
  )

/** Inserts rows as they are. */
export const insertRows = async (sql: Statements, table: string, rows: ReadonlyArray<EventRow>): Promise<void> => {
  const column = <Name extends keyof EventRow>(name: Name): ReadonlyArray<EventRow[Name]> =>
    rows.map((row) => row[name])
  await sql`
    insert into ${identifiers(table)} ("seqNum", "parentSeqNum", name, args, "clientId", "sessionId")
    select "seqNum", "parentSeqNum", name, args::jsonb, "clientId", "sessionId"
    from unnest(${column("seqNum")}::integer[], ${column("parentSeqNum")}::integer[], ${column("name")}::text[],
      ${column("args")}::text[], ${column("clientId")}::text[], ${column("sessionId")}::text[])
      as pushed("seqNum", "parentSeqNum", name, args, "clientId", "sessionId")`
}

/** The events of a store's table in the order of their numbers. Rejects where there is no table. */
export const readEvents = (sql: Statements, table: string): Promise<ReadonlyArray<EventRow>> =>
  sql<ReadonlyArray<EventRow>>`
    select "seqNum", "parentSeqNum", name, args::text as args, "clientId", "sessionId"
    from ${identifiers(table)} order by "seqNum"`
