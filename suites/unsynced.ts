import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { headAgain } from "./support/again.ts"
import { needsFaults } from "./support/declared-fault.ts"
import { headOf, pushOnHead } from "./support/log.ts"

const base = {
  cost: "quick",
  isolation: "host",
  needs: ["process.kill", "storage.fault", "inspect"],
  premises: ["a kill took with it what was written and not synced"],
  unsupported: needsFaults("storage.unsynced", "storage.slow"),
} as const

/** How long writing and syncing take each, and how often the storage is looked at meanwhile, in milliseconds. */
const syncMs = 400
const lookMs = 20

const killAndStart = (arena: Arena): Effect.Effect<void, CheckStop> =>
  Effect.andThen(arena.backend.kill, arena.backend.start)

/** Pushes, and kills the backend once the storage holds the batch and has not synced it. */
const killBetween = (arena: Arena, client: ArenaClient, head: number, count: number) =>
  Effect.gen(function* () {
    const slow = yield* arena.backend.fault({ kind: "slow", ms: syncMs, of: "writes" })
    const push = yield* client.startPush(arena.chain(client, head, count))
    for (let waitedMs = 0; waitedMs < arena.capabilities.times.deadlineMs; waitedMs += lookMs) {
      if (headOf(yield* arena.backend.inspect()) > head || push.now() !== undefined) break
      yield* Effect.sleep(lookMs)
    }
    yield* killAndStart(arena)
    yield* slow.heal
    yield* arena.expectSettled(yield* push.settled, "a push whose batch was written and not synced when the power went")
  })

/** Pulls until somebody is shown more than `head`, or the push has ended. Gives the last position shown. */
const shownMeanwhile = (client: ArenaClient, head: number, over: () => boolean) =>
  Effect.gen(function* () {
    for (;;) {
      const shown = headOf((yield* client.pull()).events)
      if (shown > head || over()) return shown
      yield* Effect.sleep(lookMs)
    }
  })

/** Checks of what outlives a loss of power. Only where writes that were not synced can be made to vanish. */
export const unsyncedChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/durable#unsynced",
    clause: "push/durable",
    run: (arena) =>
      Effect.gen(function* () {
        const unsynced = yield* arena.backend.fault({ kind: "unsynced" })
        let head = 0
        for (const count of [1, 3, 60, 2]) {
          const a = yield* arena.open(`a${count}`)
          // Another push is being made up the mind about: nobody may leave it to that one to make a batch last.
          const b = yield* arena.open(`b${count}`)
          yield* arena.requireOk(yield* b.connect, "connect")
          const [slow] = arena.chain(b, head, 1, { name: "gauntlet.slow", args: { ms: 2_000 } })
          const waiting = yield* b.startPush([slow!])
          yield* Effect.sleep(20)
          yield* arena.fill(a, head, count)
          yield* killAndStart(arena)
          yield* waiting.settled
          const log = yield* arena.truth()
          yield* arena.require(
            headOf(log) >= head + count,
            "lost-ack",
            `a batch up to ${head + count} was acknowledged, the power went, and the log ends at ${headOf(log)}`,
          )
          head = headOf(log)
        }
        const b = yield* arena.open("b")
        yield* arena.requireOk((yield* b.pull()).settled, "a pull after four losses of power")
        yield* killBetween(arena, b, head, 3)
        yield* arena.premise((yield* unsynced.bit) > 0, "what was written and not synced outlived the kill")
        yield* pushOnHead(arena, yield* arena.open("fresh"), 1, "a push after five losses of power")
      }),
  },
  {
    ...base,
    id: "pull/only-durable#unsynced",
    clause: "pull/only-durable",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, c] = [yield* arena.open("a"), yield* arena.open("c")]
        yield* arena.fill(a, 0, 3)
        const unsynced = yield* arena.backend.fault({ kind: "unsynced" })
        yield* killBetween(arena, a, 3, 2)
        yield* arena.premise((yield* unsynced.bit) > 0, "what was written and not synced outlived the kill")
        for (let round = 0; round < 3; round++) {
          const head = yield* headAgain(arena, c, "after a loss of power")
          const slow = yield* arena.backend.fault({ kind: "slow", ms: syncMs, of: "writes" })
          const push = yield* a.startPush(arena.chain(a, head, 4))
          // The power goes as soon as anybody was shown an event, acknowledged or not.
          const shown = yield* shownMeanwhile(c, head, () => push.now() !== undefined)
          yield* killAndStart(arena)
          yield* slow.heal
          yield* push.settled
          const after = yield* headAgain(arena, c, "after a loss of power")
          yield* arena.expect(
            after >= shown,
            "lost-ack",
            `a pull delivered event ${shown}, the power went, and the log ends at ${after}`,
            [push.op],
          )
        }
      }),
  },
]
