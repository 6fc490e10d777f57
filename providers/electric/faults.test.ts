import { Effect, Exit, Scope } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { HostError } from "../../contract/errors.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { startEmbeddedPair, type EmbeddedPair } from "./embedded-pair.ts"
import { startElectricHost } from "./host.ts"
import { follow, pushUntilThere, waitFor } from "./live-pull.fixture.ts"
import { openSql } from "./sql/open-sql.ts"

let scope: Scope.Closeable
let pair: EmbeddedPair
let host: ProviderHostShape
beforeEach(async () => {
  scope = Scope.makeUnsafe()
  pair = await Effect.runPromise(Scope.provide(startEmbeddedPair(), scope))
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
]

describe("a live pull goes on without a hole, a repeat or a false mismatch when", () => {
  it.each(faults)("%s", { timeout: 90_000 }, async (_what, fault) => {
    const writer = await open("writer")
    const reader = follow(await open("reader"))
    for (let n = 1; n <= 3; n += 1) await pushUntilThere(host, writer, n)
    expect(await waitFor(() => reader.numbers.length === 3, 10_000)).toBe(true)
    const broken = Effect.runPromise(fault(pair))
    for (let n = 4; n <= 8; n += 1) await pushUntilThere(host, writer, n)
    await broken
    await pushUntilThere(host, writer, 9)
    await waitFor(() => reader.numbers.length >= 9 || reader.ended() !== undefined, 40_000)
    expect({ numbers: reader.numbers, ended: reader.ended() }).toEqual({
      numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      ended: undefined,
    })
    await reader.stop()
  })
})
