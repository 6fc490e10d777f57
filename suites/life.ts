import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { lifeKillChecks } from "./life-kill.ts"
import { lifeMidwayChecks } from "./life-midway.ts"
import { lifePlatformChecks } from "./life-platform.ts"
import { expectGoesOn } from "./live-faults.ts"
import { expectReaches, openLive } from "./live.ts"
import { past, pushesAgain } from "./support/again.ts"
import { positions } from "./support/cursor.ts"
import { knowing, pullOf } from "./support/knowing.ts"
import { changesInstance } from "./support/process.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** What stands when something happens to the backend: a writer who knows the log of five events, and a live pull. */
interface Standing {
  readonly writer: ArenaClient
  readonly reader: ArenaClient
  readonly live: RunningPull
}

const lastEvent = 5

/** After it the old cursor holds, a push off the head is told the head, a push on it is taken, and the live pull goes on. */
const expectKept = (
  arena: Arena,
  { writer, reader, live }: Standing,
  known: ReturnType<RunningPull["cursor"]>,
  what: string,
) =>
  Effect.gen(function* () {
    yield* arena.requireOk(yield* past(arena, pullOf(writer, known)), `${what}, a pull with the cursor from before`)
    // Whether the head that comes with the refusal is true is read from the record.
    const stale = yield* past(arena, writer.push(arena.chain(writer, lastEvent - 1, 1)))
    yield* arena.expectError(stale, ["ServerAhead"], `${what}, a push behind the head`, "stale-parent-accepted")
    const head = yield* pushesAgain(arena, writer, what)
    const after = yield* expectGoesOn(arena, reader, live, head, what)
    yield* after.interrupt()
    return head
  })

/** Something that happens to the backend between two pushes: nothing is lost, repeated, forgotten or left silent. */
const across = (
  id: string,
  what: string,
  check: Partial<Check>,
  happen: (arena: Arena, standing: Standing) => Effect.Effect<void, CheckStop>,
): Check => ({
  ...base,
  id,
  clause: id.split("#")[0]!,
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      const { client: writer, cursor } = yield* knowing(arena, "a", 0, {}, lastEvent)
      const reader = yield* arena.open("b")
      const standing = { writer, reader, live: yield* openLive(arena, reader) }
      yield* happen(arena, standing)
      yield* expectKept(arena, standing, cursor, what)
    }),
})

/** Replaces the running backend while a push is under way; others do it while nothing else goes on. */
const duringPush =
  (what: string, happen: (arena: Arena) => Effect.Effect<void, CheckStop>) =>
  (arena: Arena, { writer }: Standing): Effect.Effect<void, CheckStop> =>
    Effect.gen(function* () {
      const push = yield* writer.startPush(arena.chain(writer, lastEvent, 6))
      yield* changesInstance(arena, `${what} during a push`, happen(arena))
      yield* arena.expectSettled(yield* push.settled, `a push during ${what}`)
    })

/**
 * Freezes the backend for a while: with a push in it, at whatever step the seed says, and with a push and a pull that
 * reach it frozen.
 */
const freeze =
  (shareOfDetection: number) =>
  (arena: Arena, { writer, reader }: Standing) =>
    Effect.gen(function* () {
      const begun = yield* writer.startPush(arena.chain(writer, lastEvent, 4))
      for (let step = arena.draw("pause step", 25); step > 0; step--) yield* Effect.yieldNow
      yield* arena.backend.pause
      const frozen = [yield* reader.startPush(arena.chain(reader, lastEvent + 4, 2)), yield* reader.startPull()]
      yield* Effect.sleep(arena.capabilities.times.detectionMs * shareOfDetection)
      const answered = frozen.some((operation) => operation.now()?._tag === "ok")
      yield* arena.premise(!answered, "the backend answered while it was frozen")
      yield* arena.backend.resume
      for (const operation of [begun, ...frozen]) {
        yield* arena.expectSettled(yield* operation.settled, "an operation on a backend that froze")
      }
    })

export const lifeChecks: ReadonlyArray<Check> = [
  across(
    "life/restart",
    "after an orderly restart",
    { isolation: "host", needs: ["process.restart"] },
    duringPush("a restart", (arena) => arena.backend.restart),
  ),
  ...lifeKillChecks,
  ...lifeMidwayChecks,
  // Longer than it takes to notice: connections are given up and made again while what was sent waits to be read.
  across(
    "life/pause",
    "after a long freeze",
    { waits: true, isolation: "host", needs: ["process.pause"] },
    freeze(1.2),
  ),
  // Shorter: nobody notices but by the delay.
  across("life/pause#short", "after a short freeze", { isolation: "host", needs: ["process.pause"] }, freeze(0.4)),
  across("life/evict", "after evictions that ended the connections", { needs: ["process.evict"] }, (arena) =>
    changesInstance(arena, "an eviction", arena.backend.evict("close")),
  ),
  {
    ...base,
    id: "life/evict#hibernates",
    clause: "life/evict",
    needs: ["process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        // The connections stay open, so nothing at all may be seen of it but a delay: no operation may fail.
        const { client: a, cursor } = yield* knowing(arena, "a", 0, {}, lastEvent)
        const b = yield* arena.open("b")
        const live = yield* openLive(arena, b)
        const evict = changesInstance(arena, "an eviction", arena.backend.evict("hibernate"))
        yield* evict
        yield* arena.requireOk(yield* a.push(arena.chain(a, lastEvent, 2)), "a push after an eviction")
        yield* expectReaches(arena, live, 7, "a live pull that was open across an eviction")
        yield* evict
        yield* arena.requireOk(yield* pullOf(a, cursor), "a pull after an eviction")
        yield* evict
        const own = yield* openLive(arena, a, cursor)
        yield* arena.fill(b, 7, 1)
        for (const pull of [live, own]) {
          yield* expectReaches(arena, pull, 8, "a live pull")
          yield* arena.expect(
            pull.now() === undefined,
            "silent-live",
            "a live pull ended in an eviction that kept its connection",
            [pull.op],
          )
          yield* pull.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "life/evict#no-connections",
    clause: "life/evict",
    needs: ["process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client: a, cursor } = yield* knowing(arena, "a", 0, {}, lastEvent)
        yield* a.close
        yield* changesInstance(arena, "an eviction without connections", arena.backend.evict("close"))
        const b = yield* arena.open("b")
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a pull after an eviction without connections")
        yield* arena.expect(
          pulled.events.length === lastEvent,
          "lost-ack",
          `after an eviction the log has ${positions(pulled.events)}`,
          [pulled.settled.op],
        )
        yield* arena.requireOk(yield* b.push(arena.chain(b, lastEvent, 1)), "a push after an eviction")
        const again = yield* arena.open("a")
        yield* arena.requireOk(yield* pullOf(again, cursor), "a pull with the cursor from before the eviction")
      }),
  },
  across(
    "life/deploy",
    "after a new version was deployed",
    { isolation: "host", needs: ["process.deploy"] },
    duringPush("a deployment", (arena) => arena.backend.deploy),
  ),
  ...lifePlatformChecks,
  {
    ...base,
    id: "life/storage-outage",
    clause: "life/storage-outage",
    needs: ["storage.outage"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 4)
        const live = yield* openLive(arena, b)
        const end = yield* arena.backend.outage()
        // A push that is acknowledged meanwhile has to be there afterwards: the record holds it to that.
        const operations = [yield* a.startPush(arena.chain(a, 4, 2)), yield* a.startPull(), yield* b.startPull()]
        const first = yield* arena.open("first")
        operations.push(yield* first.startPull(), yield* first.startPush(arena.chain(first, 4, 1)))
        for (const operation of operations) {
          yield* arena.expectSettled(yield* operation.settled, "an operation while the database was down")
        }
        yield* arena.premise((yield* arena.backend.storageBit()) > 0, "the storage outage did not bite")
        yield* end
        const head = yield* pushesAgain(arena, a, "after the database came back")
        const after = yield* expectGoesOn(arena, b, live, head, "after the database came back")
        yield* after.interrupt()
      }),
  },
]
