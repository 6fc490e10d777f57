import { Effect, Exit, Fiber, Option, Scope, Stream } from "effect"
import postgres from "postgres"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { HostError } from "../../contract/errors.ts"
import type { Cursor, EventEncoded } from "../../contract/event.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { startEmbeddedPair, type EmbeddedPair } from "./embedded-pair.ts"
import { startElectricHost } from "./host.ts"

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

const event = (n: number): EventEncoded => ({
  ...{ seqNum: n, parentSeqNum: n - 1, name: "e", args: { n } },
  ...{ clientId: "writer", sessionId: "s" },
})

const waitFor = async (holds: () => boolean, withinMs: number): Promise<boolean> => {
  for (let passedMs = 0; passedMs < withinMs && !holds(); passedMs += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return holds()
}

/** Pulls as LiveStore's leader does: again at once after `IsOffline`, and never after anything else. */
const follow = (client: SyncProvider) => {
  const numbers: Array<number> = []
  let ended: unknown
  const round = (cursor: Option.Option<Cursor>): Effect.Effect<void> =>
    Effect.suspend(() => {
      let at = cursor
      return Stream.runForEach(client.pull(cursor, { live: true }), ({ events }) =>
        Effect.sync(() => {
          for (const { event: one, metadata } of events) {
            numbers.push(one.seqNum)
            at = Option.some({ eventSequenceNumber: one.seqNum, metadata })
          }
        }),
      ).pipe(
        Effect.catch((error) =>
          error._tag === "IsOffline"
            ? Effect.andThen(Effect.sleep(20), round(at))
            : Effect.sync(() => void (ended = error)),
        ),
      )
    })
  const fiber = Effect.runFork(round(Option.none()))
  return { numbers, ended: () => ended, stop: () => Effect.runPromise(Fiber.interrupt(fiber)) }
}

/** Pushes this event until it is there: after an indefinite end it may be there already. */
const pushUntilThere = async (client: SyncProvider, n: number): Promise<void> => {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const exit = await Effect.runPromise(Effect.result(client.push([event(n)])))
    if (exit._tag === "Success") return
    if (exit.failure._tag === "ServerAhead" && exit.failure.head >= n) return
    if (exit.failure._tag !== "IsOffline") throw new Error(exit.failure._tag)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`event ${n} could not be pushed`)
}

const dropSlot = (of: EmbeddedPair): Effect.Effect<void, HostError> =>
  Effect.andThen(
    of.shapes.stop,
    Effect.andThen(
      Effect.promise(async () => {
        const sql = postgres(of.databaseUrl(), { max: 1, onnotice: () => undefined })
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
    for (let n = 1; n <= 3; n += 1) await pushUntilThere(writer, n)
    expect(await waitFor(() => reader.numbers.length === 3, 10_000)).toBe(true)
    const broken = Effect.runPromise(fault(pair))
    for (let n = 4; n <= 8; n += 1) await pushUntilThere(writer, n)
    await broken
    await pushUntilThere(writer, 9)
    await waitFor(() => reader.numbers.length >= 9 || reader.ended() !== undefined, 40_000)
    expect({ numbers: reader.numbers, ended: reader.ended() }).toEqual({
      numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      ended: undefined,
    })
    await reader.stop()
  })
})
