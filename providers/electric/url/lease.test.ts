import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startPostgres, type Postgres } from "../postgres/start-postgres.ts"
import { connectDatabase, createLog, createSchema } from "../push-api/database.ts"
import { openSql, type Sql } from "../sql/open-sql.ts"
import { leaseDatabase } from "./lease.ts"

const scope = Scope.makeUnsafe()
let database: Postgres
let sql: Sql

beforeAll(async () => {
  database = await Effect.runPromise(Scope.provide(startPostgres(), scope))
  sql = openSql(database.url(), { max: 1 })
})
afterAll(async () => {
  await sql.end()
  await Effect.runPromise(Scope.close(scope, Exit.void))
})
beforeEach(() => sql`drop schema public cascade`.then(() => sql`create schema public`))

const tables = async (): Promise<ReadonlyArray<string>> => {
  const rows = await sql<Array<{ readonly name: string }>>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`
  return rows.map(({ name }) => name)
}

const log = `log_0123456789ab_${"0".repeat(32)}`

/** What a host makes in the database. */
const use = async (): Promise<void> => {
  const connection = connectDatabase(database.url())
  await createSchema(connection)
  await createLog(connection, log)
  await connection.end()
}

const leased = <A>(body: () => Promise<A>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.andThen(leaseDatabase(database.url()), Effect.promise(body))))

describe("a database that somebody lends", () => {
  it("is given back as it was: without the run's tables, with everybody else's", async () => {
    await sql`create table orders ()`
    await leased(async () => {
      await use()
      expect(await tables()).toEqual([log, "orders", "sync_stores"])
    })
    expect(await tables()).toEqual(["orders"])
  })

  it("keeps the tables until its last host has gone", async () => {
    await leased(async () => {
      await use()
      await leased(async () => expect(await tables()).toEqual([log, "sync_stores"]))
      expect(await tables()).toEqual([log, "sync_stores"])
    })
    expect(await tables()).toEqual([])
  })

  it("is freed at the start of what an earlier run left", async () => {
    await use()
    await leased(async () => expect(await tables()).toEqual([]))
  })

  it("is freed of a killed run's tables by a program that outlives it", async () => {
    const program = fileURLToPath(new URL("leased.fixture.ts", import.meta.url))
    const child = spawn(process.execPath, [program, database.url()], { stdio: ["ignore", "pipe", "inherit"] })
    await once(child.stdout, "data")
    await use()
    child.kill("SIGKILL")
    // The bound is the test's own.
    while ((await tables()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await tables()).toEqual([])
  })
})
