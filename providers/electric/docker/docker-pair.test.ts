import { Effect, Exit, Scope } from "effect"
import { afterAll, describe, expect, it, type TestContext } from "vitest"
import { askElectric, askPostgres } from "./await-ready.ts"
import { startDockerPair, type DockerPair } from "./docker-pair.ts"
import type { Engine } from "./engine.ts"
import { imagesOrSkip } from "./engine.fixture.ts"
import { openSql } from "../sql/open-sql.ts"
import { runLabel } from "./labels.ts"
import { holdingsOf } from "./sweep.ts"

const scope = Scope.makeUnsafe()
let started: Promise<DockerPair> | undefined

/** The pair that all tests share, started by the first of them. */
const pairOrSkip = async (context: TestContext): Promise<DockerPair> => {
  const { images } = await imagesOrSkip(context)
  started ??= Effect.runPromise(Scope.provide(startDockerPair({ images }), scope))
  return started
}

afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const rows = async (pair: DockerPair, statement: string): Promise<ReadonlyArray<unknown>> => {
  const sql = openSql(pair.databaseUrl(), { max: 1 })
  return sql.unsafe(statement).finally(() => sql.end())
}

const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(effect)

/** Electric's answer to the first request for a table. */
const snapshot = async (pair: DockerPair, table: string): Promise<string> => {
  const { url, secret = "" } = pair.electric()
  const shape = new URL("/v1/shape", url)
  for (const [name, value] of Object.entries({ table, offset: "-1", secret })) shape.searchParams.set(name, value)
  return (await fetch(shape, { headers: { connection: "close" } })).text()
}

/** Looks again until something holds; the bound is the test's own. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
}

describe("Postgres and Electric in containers", () => {
  it("serve each other's rows, and say what runs without calling a stand-in Electric", async (context) => {
    const pair = await pairOrSkip(context)
    await rows(pair, `create table t (id int primary key)`)
    await rows(pair, `insert into t values (7)`)
    expect(await snapshot(pair, "t")).toContain('"id":"7"')
    expect(pair.version).toMatch(/ on PostgreSQL 18\.4 \(images [0-9a-f]{12}, [0-9a-f]{12}\)$/)
    expect(pair.version).not.toMatch(/Electric /)
  })

  it("stay silent while they are paused, and go on", async (context) => {
    const pair = await pairOrSkip(context)
    await run(pair.process.pause)
    const { url } = pair.electric()
    await expect(fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/i)
    await run(pair.process.resume)
    expect(await askElectric(url)).toBeUndefined()
  })

  it("are down after a kill, and come back on the same ports with what was written", async (context) => {
    const pair = await pairOrSkip(context)
    await rows(pair, `create table kept as select 3 as n`)
    const before = pair.process.instance()
    await run(pair.process.kill)
    expect(await askPostgres(pair.databaseUrl())).toBeDefined()
    expect(await pair.containers.electric.ended()).toBe(137)
    await run(pair.process.start)
    expect(await rows(pair, `select n from kept`)).toEqual([{ n: 3 }])
    expect(pair.process.instance()).not.toBe(before)
  })

  it("stop in good order, each with its own farewell", async (context) => {
    const pair = await pairOrSkip(context)
    await run(pair.process.stop)
    expect(await pair.containers.postgres.ended()).toBe(0)
    expect(await pair.containers.electric.ended()).toBe(0)
    await run(pair.process.start)
    expect(await askElectric(pair.electric().url)).toBeUndefined()
  })

  it("cannot reach each other while the network is cut, and find each other again", async (context) => {
    const pair = await pairOrSkip(context)
    await pair.containers.postgres.cut()
    expect(await askPostgres(pair.databaseUrl())).toBeDefined()
    await pair.containers.postgres.join()
    await pair.ready("postgres")
    await rows(pair, `create table after_cut as select 5 as id`)
    await rows(pair, `alter table after_cut add primary key (id)`)
    await until(async () => (await snapshot(pair, "after_cut")).includes('"id":"5"'))
    await pair.ready("electric")
  })

  it("begin anew when they are made again: nothing is left of the data", async (context) => {
    const pair = await pairOrSkip(context)
    await run(pair.process.kill)
    await pair.containers.postgres.recreate()
    await pair.containers.electric.recreate()
    await run(pair.process.start)
    expect(await rows(pair, `select relname from pg_class where relname = 'kept'`)).toEqual([])
  })

  it("keep the ends of both logs over all of this", async (context) => {
    const pair = await pairOrSkip(context)
    const log = pair.logTail().join("\n")
    expect(log).toMatch(/^postgres: .*database system is ready to accept connections$/m)
    expect(log).toMatch(/^electric: /m)
  })

  it("leave nothing on the engine", async (context) => {
    const pair = await pairOrSkip(context)
    const { engine } = await imagesOrSkip(context)
    const held = (of: Engine) => holdingsOf(of, (labels) => labels[runLabel] === pair.runId)
    expect(await held(engine)).toMatchObject({ containers: { length: 2 }, networks: { length: 1 } })
    await Effect.runPromise(Scope.close(scope, Exit.void))
    expect(await held(engine)).toEqual({ containers: [], networks: [], volumes: [] })
  })
})
