import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startPostgres, type Postgres } from "../postgres/start-postgres.ts"
import { openSql } from "../sql/open-sql.ts"
import { checkDatabase, judgeDatabase, type DatabaseFacts } from "./check-database.ts"

const scope = Scope.makeUnsafe()
let database: Postgres

beforeAll(async () => {
  database = await Effect.runPromise(Scope.provide(startPostgres({ settings: { max_replication_slots: "1" } }), scope))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Runs statements in the database itself. */
const run = async (...statements: ReadonlyArray<string>): Promise<void> => {
  const sql = openSql(database.url(), { max: 1 })
  for (const statement of statements) await sql.unsafe(statement)
  await sql.end()
}

const place = () => `127.0.0.1:${database.port}/postgres`
const changed = (change: (url: URL) => void): string => {
  const url = new URL(database.url())
  change(url)
  return url.href
}

describe("a running database", () => {
  it("is refused when a run did not make its tables, and the first of them is named", async () => {
    await run("create schema crm", "create table crm.customers ()", "create table public.orders ()")
    expect(await checkDatabase(database.url())).toBe(
      `${place()} holds tables that no run made (crm.customers and 1 more): ` +
        "give GAUNTLET_DATABASE_URL a database of its own",
    )
    await run("drop schema crm cascade", "drop table public.orders")
  })

  it("may hold what a killed run left, and is then asked for Electric's slot", async () => {
    await run("create table sync_stores ()", `create table log_0123456789ab_${"0".repeat(32)} ()`)
    expect(await checkDatabase(database.url())).toBe(
      `no Electric replicates from ${place()}: its DATABASE_URL and GAUNTLET_DATABASE_URL must name one database`,
    )
  })

  it("is refused when its slots are used up by others", async () => {
    await run("select pg_create_logical_replication_slot('someone', 'pgoutput')")
    expect(await checkDatabase(database.url())).toBe(
      `all 1 replication slots at ${place()} are used: ` +
        "drop one (pg_drop_replication_slot) or raise max_replication_slots, then restart Electric",
    )
    await run("select pg_drop_replication_slot('someone')")
  })

  it("is told apart from a wrong password, a wrong name and a silent port, and no password is repeated", async () => {
    const wrongPassword = await checkDatabase(changed((url) => (url.password = "wrong-one")))
    expect(wrongPassword).toBe(`Postgres at ${place()} refuses the user or password of GAUNTLET_DATABASE_URL`)
    expect(await checkDatabase(changed((url) => (url.pathname = "/nowhere")))).toBe(
      `there is no database 127.0.0.1:${database.port}/nowhere: create it, or correct GAUNTLET_DATABASE_URL`,
    )
    expect(await checkDatabase(changed((url) => (url.port = "1")))).toBe(
      "no Postgres answers at 127.0.0.1:1/postgres (ECONNREFUSED): start it, or correct GAUNTLET_DATABASE_URL",
    )
  })
})

describe("what a database says of itself", () => {
  const good: DatabaseFacts = { walLevel: "logical", slots: 1, slotsAtMost: 10, electricSlots: 1, foreignTables: [] }

  it("is enough with Electric's slot in use, also when that is the last one", () => {
    expect(judgeDatabase("db", good)).toBeUndefined()
    expect(judgeDatabase("db", { ...good, slotsAtMost: 1 })).toBeUndefined()
  })

  it("is answered with how to switch logical replication on", () => {
    expect(judgeDatabase("db", { ...good, walLevel: "replica" })).toBe(
      "db has no logical replication (wal_level=replica): " +
        "run ALTER SYSTEM SET wal_level = 'logical' and restart Postgres",
    )
  })
})
