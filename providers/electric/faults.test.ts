import { Effect, Exit, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { HostError } from "../../contract/errors.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { startEmbeddedPair, type EmbeddedPair } from "./embedded-pair.ts"
import { startElectricHost } from "./host.ts"
import { follow, pushUntilThere, waitFor } from "./live-pull.fixture.ts"
import { openSql, type Sql } from "./sql/open-sql.ts"

let scope: Scope.Closeable
let pair: EmbeddedPair
let host: ProviderHostShape
beforeEach(async () => {
  scope = Scope.makeUnsafe()
  pair = await Effect.runPromise(Scope.provide(startEmbeddedPair({ settings: { max_connections: "40" } }), scope))
  const options = { key: "electric-embedded", title: "Electric" }
  host = await Effect.runPromise(Scope.provide(startElectricHost(pair, options), scope))
}, 60_000)
afterEach(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const open = (clientId: string): Promise<SyncProvider> =>
  Effect.runPromise(
    Scope.provide(host.open({ storeId: "store", clientId, memory: clientMemoryOver(new Map()) }), scope),
  )

const dropSlot = (of: EmbeddedPair): Effect.Effect<void, HostError> =>
  Effect.andThen(
    of.shapes.stop,
    Effect.andThen(
      Effect.promise(async () => {
        const sql = openSql(of.databaseUrl(), { max: 1 })
        await sql`select pg_drop_replication_slot(slot_name) from pg_replication_slots`
        await sql.end()
      }),
      of.shapes.start,
    ),
  )

const said = <A>(body: () => Promise<A>): Effect.Effect<A> => Effect.promise(body)

/** Takes every connection that Postgres has, the push API's too, for a second and a half. */
const takeConnections = (of: EmbeddedPair): Effect.Effect<void> =>
  said(async () => {
    const taken: Array<Sql> = []
    let refused: unknown
    const take = async (): Promise<void> => {
      const sql = openSql(of.databaseUrl(), { max: 1 })
      taken.push(sql)
      // The second time somebody else was faster, which is what this is for.
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sync push api'`
    }
    while (refused === undefined) await take().catch((error: unknown) => (refused = error))
    expect(refused).toMatchObject({ code: "53300" })
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await Promise.all(taken.map((sql) => sql.end(0)))
  })

/** Holds up the process that sends the log to Electric, until commits have piled up behind it. */
const holdReplication = (of: EmbeddedPair): Effect.Effect<void> =>
  said(async () => {
    const sql = openSql(of.databaseUrl(), { max: 1 })
    const [slot] = await sql<[{ readonly pid: number }]>`select active_pid as pid from pg_replication_slots`
    const behind = async (): Promise<number> => {
      const [row] = await sql<[{ readonly bytes: number }]>`
        select (pg_current_wal_lsn() - confirmed_flush_lsn)::bigint as bytes from pg_replication_slots`
      return row.bytes
    }
    process.kill(slot.pid, "SIGSTOP")
    const before = await behind()
    await expect.poll(behind, { timeout: 20_000 }).toBeGreaterThan(before)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    process.kill(slot.pid, "SIGCONT")
    await sql.end()
  })

const faults: ReadonlyArray<readonly [string, (of: EmbeddedPair) => Effect.Effect<void, HostError>]> = [
  ["Postgres is killed and started", ({ database }) => Effect.andThen(database.kill, database.start)],
  ["Postgres is restarted", ({ database }) => database.restart],
  [
    "Postgres freezes for 2 s",
    ({ database }) => Effect.andThen(Effect.andThen(database.pause, Effect.sleep(2_000)), database.resume),
  ],
  ["Electric is killed and its storage kept", ({ shapes }) => Effect.andThen(shapes.kill, shapes.start)],
  ["Electric's storage is wiped", ({ shapes }) => shapes.wipe],
  ["Electric's replication slot is dropped", dropSlot],
  ["Postgres has no connection left", takeConnections],
  ["replication lags behind the commits", holdReplication],
]

describe("a live pull goes on without a hole, a repeat or a false mismatch when", () => {
  it.each(faults)("%s", { timeout: 90_000 }, async (_what, fault) => {
    const writer = await open("writer")
    const reader = follow(await open("reader"))
    for (let n = 1; n <= 3; n += 1) await pushUntilThere(host, writer, n)
    expect(await waitFor(() => reader.numbers.length === 3, 10_000)).toBe(true)
    let isOver = false
    const broken = Effect.runPromise(fault(pair)).finally(() => (isOver = true))
    let last = 3
    while (!isOver || last < 8) {
      await pushUntilThere(host, writer, (last += 1))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await broken
    await pushUntilThere(host, writer, (last += 1))
    await waitFor(() => reader.numbers.length >= last || reader.ended() !== undefined, 40_000)
    expect({ numbers: reader.numbers, ended: reader.ended() }).toEqual({
      numbers: Array.from({ length: last }, (_, n) => n + 1),
      ended: undefined,
    })
    await reader.stop()
  })
})
