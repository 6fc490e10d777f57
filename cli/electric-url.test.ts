import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import type { Run } from "../contract/run.ts"
import { startPostgres, type Postgres } from "../providers/electric/postgres/start-postgres.ts"
import { startShapeServer, type ShapeServer } from "../providers/electric/shape-server/start-shape-server.ts"
import { openSql } from "../providers/electric/sql/open-sql.ts"
import { gauntlet, gauntletScript } from "./fixtures/spawn-gauntlet.ts"

/** Without faults, on a link, of storage, of the application, of several stores. */
const checks = [
  ...["push/one", "live/others#pusher-gone", "live/after-drop#again"],
  ...["push/atomic#conflict", "payload/expires#overlap", "store/isolated#payload"],
]

describe("electric-url, for a pair that already runs", () => {
  const directory = mkdtempSync(join(tmpdir(), "gauntlet-electric-url-"))
  const scope = Scope.makeUnsafe()
  let database: Postgres
  let shapes: ShapeServer

  beforeAll(async () => {
    const start = Effect.gen(function* () {
      const started = yield* startPostgres()
      return [started, yield* startShapeServer({ databaseUrl: started.url(), secret: "right" })] as const
    })
    ;[database, shapes] = await Effect.runPromise(Scope.provide(start, scope))
  })
  afterEach(() => void vi.unstubAllEnvs())
  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(directory, { recursive: true })
  })

  const named = (secret: string) => ({
    GAUNTLET_ELECTRIC_URL: shapes.url,
    GAUNTLET_DATABASE_URL: database.url(),
    GAUNTLET_ELECTRIC_SECRET: secret,
  })

  const run = (secret: string, args: ReadonlyArray<string>) => {
    for (const [name, value] of Object.entries(named(secret))) vi.stubEnv(name, value)
    return gauntlet(["run", "--provider", "electric-url", ...args, "--out", directory], directory)
  }

  /** What is there that a run could leave. */
  const held = async (): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const sql = openSql(database.url(), { max: 1 })
    const [counts] = await sql`select
      (select count(*)::int from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace) as tables,
      (select count(*)::int from pg_replication_slots) as slots,
      (select count(*)::int from pg_publication) as publications,
      (select count(*)::int from pg_roles) as roles,
      (select count(*)::int from pg_database) as databases`
    await sql.end()
    return counts
  }

  it("judges it, and leaves tables, slots, publications and roles as they were", async () => {
    const before = await held()
    const ended = await run("right", ["--json", ...checks.flatMap((check) => ["--check", check])])
    const [result] = (JSON.parse(ended.out) as Pick<Run, "runs">).runs
    expect(result?.checks.map(({ id, outcome }) => `${id} ${outcome}`).toSorted()).toEqual(
      checks.map((check) => `${check} pass`).toSorted(),
    )
    expect(ended.code).toBe(0)
    expect(await held()).toEqual(before)
  })

  it("leaves them as they were when it is killed in the middle as well", async () => {
    const before = await held()
    const env = { ...process.env, ...named("right") }
    const args = [gauntletScript, "run", "--provider", "electric-url", "--check", "push/*", "--out", directory]
    // A group of its own: all that belongs to the run is killed at once, as by the system.
    const run = spawn(process.execPath, args, { cwd: directory, env, stdio: "ignore", detached: true })
    const ended = once(run, "exit")
    await expect.poll(async () => (await held())?.["tables"], { timeout: 60_000 }).toBeGreaterThan(3)
    process.kill(-(run.pid ?? 0), "SIGKILL")
    await ended
    await expect.poll(held, { timeout: 60_000, interval: 200 }).toEqual(before)
  })

  it("is not available with a wrong secret, in one line", async () => {
    const ended = await run("wrong", ["--check", "push/one"])
    expect(ended.code).toBe(2)
    expect(`${ended.out}${ended.err}`).toContain(
      `Electric at ${shapes.url} refuses the secret: correct GAUNTLET_ELECTRIC_SECRET`,
    )
  })
})
