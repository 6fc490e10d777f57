import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { startPostgres, type Postgres } from "../postgres/start-postgres.ts"
import { openSql, type Sql, type SqlOptions, type Statements } from "./open-sql.ts"

const scope = Scope.makeUnsafe()
let database: Postgres
const opened: Array<Sql> = []
const open = (options: Partial<SqlOptions> = {}): Sql => {
  const sql = openSql(database.url(), { max: 1, ...options })
  opened.push(sql)
  return sql
}
beforeAll(async () => {
  database = await Effect.runPromise(Scope.provide(startPostgres(), scope))
}, 60_000)
afterEach(async () => {
  await Promise.all(opened.splice(0).map((sql) => sql.end(0)))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const serverOf = async (sql: Statements): Promise<number> => {
  const [row] = await sql<[{ readonly pid: number }]>`select pg_backend_pid() as pid`
  return row.pid
}

/** Ends a connection from Postgres's side, and comes back when it is gone there. */
const terminate = async (pid: number): Promise<void> => {
  await open()`select pg_terminate_backend(${pid}, 5000)`
}

describe("connections to a database", () => {
  it("give whole numbers as numbers, and take arrays as values", async () => {
    const [row] = await open()`select ${9007199254740991}::bigint as n, ${["a,", '"b']}::text[] as list`
    expect(row).toEqual({ n: 9007199254740991, list: ["a,", '"b'] })
  })

  it("keep a connection after a refused statement, and roll back what a body rejected", async () => {
    const sql = open()
    const pid = await serverOf(sql)
    await sql`create table kept (n int primary key)`
    await expect(sql`insert into nowhere values (1)`).rejects.toMatchObject({ code: "42P01" })
    const given = sql.begin(async (transaction) => {
      await transaction`insert into kept values (1)`
      throw new Error("changed my mind")
    })
    await expect(given).rejects.toThrow("changed my mind")
    expect(await sql`select * from kept`).toEqual([])
    expect(await serverOf(sql)).toBe(pid)
  })

  it("tell who swallowed a statement's failure that the transaction was rolled back", async () => {
    const swallowing = open().begin((transaction) => transaction`select 1 / 0`.catch(() => undefined))
    await expect(swallowing).rejects.toThrow("the transaction was rolled back")
  })

  it("that end between two statements of a transaction fail the next one, and nobody gets them again", async () => {
    const sql = open()
    let pid = 0
    const broken = sql.begin(async (transaction) => {
      pid = await serverOf(transaction)
      await terminate(pid)
      await transaction`select 1`
    })
    await expect(broken).rejects.toThrow(/connection/i)
    expect(await serverOf(sql)).not.toBe(pid)
  })

  it("that end under many transactions at once break none of the others, and warn of nothing", async () => {
    const warnings: Array<string> = []
    const note = (warning: Error): void => void warnings.push(warning.message)
    process.on("warning", note)
    const sql = open({ max: 4, prepares: true })
    const admin = open()
    const outcomes: Array<string> = []
    let ending = true
    const work = async (): Promise<void> => {
      while (ending) {
        const worked = sql.begin(async (transaction) => {
          await transaction`select 1`
          await new Promise((resolve) => setImmediate(resolve))
          await transaction`select 2`
        })
        outcomes.push(await worked.then(() => "done").catch(() => "broken"))
      }
    }
    const workers = Array.from({ length: 8 }, work)
    for (let n = 0; n < 8; n += 1) {
      await admin`select pg_terminate_backend(pid) from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()`
      const before = outcomes.length
      while (outcomes.length < before + 8) await new Promise((resolve) => setImmediate(resolve))
    }
    ending = false
    await Promise.all(workers)
    expect(outcomes).toContain("broken")
    expect(await Promise.all(Array.from({ length: 8 }, () => serverOf(sql)))).toHaveLength(8)
    process.off("warning", note)
    expect(warnings).toEqual([])
  })

  it("give up a database that is silent, in a statement and at their end", async () => {
    const sql = open({ answerMs: 300, max: 2 })
    const patient = open()
    await Promise.all([serverOf(sql), serverOf(patient)])
    await Effect.runPromise(database.pause)
    const waiting = serverOf(patient).catch((error: Error) => error.message)
    await expect(serverOf(sql)).rejects.toThrow("timeout")
    await patient.end(0)
    expect(await waiting).toMatch(/Connection terminated/)
    await Effect.runPromise(database.resume)
    expect(await serverOf(sql)).toBeGreaterThan(0)
  })

  it("say which limit ended a wait", async () => {
    const sql = open({ waitMs: 100 })
    let release = (): void => undefined
    const held = sql.begin(() => new Promise<void>((resolve) => (release = resolve)))
    await expect(serverOf(sql)).rejects.toMatchObject({ code: "ETIMEDOUT", message: "no connection was free in time" })
    release()
    await held
  })
})
