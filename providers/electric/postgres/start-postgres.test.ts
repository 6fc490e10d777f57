import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openSql, type Sql } from "../sql/open-sql.ts"
import { type Postgres, startPostgres } from "./start-postgres.ts"

const scope = Scope.makeUnsafe()
let database: Postgres

const sql = (url: string): Sql => openSql(url, { max: 1, connectMs: 2_000 })

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/stat`)

const sharedMemory = "/proc/sysvipc/shm"

/** The segments of shared memory there are, as the system lists them: without its heading. */
const segments = (): ReadonlyArray<ReadonlyArray<string>> =>
  existsSync(sharedMemory)
    ? readFileSync(sharedMemory, "utf8")
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
    : []

/** The ids of those that a process made and that somebody still holds: others may have had its number before. */
const segmentsOf = (pid: number): ReadonlyArray<string> =>
  segments()
    .filter(([, , , , creator, , holders]) => creator === String(pid) && holders !== "0")
    .map(([, id]) => id!)

/** Waits until none of these processes is there any more. */
const gone = async (pids: ReadonlyArray<number>): Promise<boolean> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (!pids.some(isAlive)) return true
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return false
}

beforeAll(async () => {
  database = await Effect.runPromise(Scope.provide(startPostgres(), scope))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

describe("embedded Postgres", () => {
  it("keeps what was committed when it is killed, and comes back on the same port", async () => {
    const before = sql(database.url())
    await before`create table kept (n int)`
    await before`insert into kept values (1)`
    const pid = database.pid()
    await Effect.runPromise(database.kill)
    expect(database.isUp()).toBe(false)
    await Effect.runPromise(database.start)
    const after = sql(database.url())
    expect(await after`select n from kept`).toEqual([{ n: 1 }])
    expect(database.pid()).not.toBe(pid)
    await Promise.all([before.end(0), after.end()])
  })

  it("is set up for logical replication and does not sync to the disk", async () => {
    const client = sql(database.url())
    expect(await client`show dynamic_shared_memory_type`).toEqual([{ dynamic_shared_memory_type: "mmap" }])
    expect(await client`select current_setting('wal_level') as level, current_setting('fsync') as fsync`).toEqual([
      { level: "logical", fsync: "off" },
    ])
    await client.end()
  })

  it("answers nothing while it is paused, and goes on afterwards", async () => {
    const client = sql(database.url())
    await client`select 1`
    await Effect.runPromise(database.pause)
    const processes = database.pids().length
    let answered = false
    const answer = client`select 2 as two`.then((rows) => {
      answered = true
      return rows
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect({ answered, several: processes > 2 }).toEqual({ answered: false, several: true })
    await Effect.runPromise(database.resume)
    expect(await answer).toEqual([{ two: 2 }])
    await client.end()
  })

  it("copies a database from a template and drops one that has a replication slot and a reader", async () => {
    await Effect.runPromise(database.createDatabase("model"))
    const model = sql(database.url("model"))
    await model`create table t as select 7 as n`
    await model.end()
    await Effect.runPromise(database.createDatabase("copy_of_model", { template: "model" }))
    const copy = sql(database.url("copy_of_model"))
    expect(await copy`select n from t`).toEqual([{ n: 7 }])
    await copy`select pg_create_logical_replication_slot('s', 'pgoutput')`
    await Effect.runPromise(database.dropDatabase("copy_of_model"))
    const client = sql(database.url())
    expect(await client`select slot_name from pg_replication_slots`).toEqual([])
    expect(await client`select datname from pg_database where datname like 'copy%'`).toEqual([])
    await Promise.all([client.end(), copy.end(0)])
  })

  it("leaves no process behind when the process that started it and a shape server is killed", async () => {
    const program = fileURLToPath(new URL("started-postgres.fixture.ts", import.meta.url))
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
    const pids = await new Promise<ReadonlyArray<number>>((resolve, reject) => {
      createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as Array<number>))
      child.once("exit", () => reject(new Error("the fixture ended by itself")))
    })
    expect(pids.every(isAlive)).toBe(true)
    child.removeAllListeners("exit")
    child.kill("SIGKILL")
    expect(await gone(pids)).toBe(true)
  })

  it("says what Postgres wrote when it does not start", async () => {
    const failure = await Effect.runPromise(
      Effect.scoped(Effect.flip(startPostgres({ settings: { wal_level: "nonsense" } }))),
    )
    expect(failure.message).toMatch(/could not start Postgres.*\n[^]*wal_level/)
  })

  it("leaves neither a process nor shared memory behind when its scope closes", async () => {
    const pids = database.pids()
    const pid = database.pid()
    const held = segmentsOf(pid)
    expect(held).toHaveLength(existsSync(sharedMemory) ? 1 : 0)
    await Effect.runPromise(Scope.close(scope, Exit.void))
    expect(pids.length).toBeGreaterThan(2)
    expect(await gone(pids)).toBe(true)
    expect(segments().filter(([, id]) => held.includes(id!))).toEqual([])
  })
})
