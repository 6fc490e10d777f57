import { Effect, type Scope } from "effect"
import type { FrameMatch } from "../contract/fault.ts"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectGoesOn } from "./live-faults.ts"
import { openLive } from "./live.ts"
import { headAgain, pushesAgain } from "./support/again.ts"
import { changesInstance } from "./support/process.ts"

const base = {
  clause: "life/kill",
  cost: "quick",
  isolation: "host",
  premises: ["pushes of a healthy client are acknowledged"],
} as const

const killAndStart = (arena: Arena): Effect.Effect<void, CheckStop> =>
  changesInstance(arena, "a kill", Effect.andThen(arena.backend.kill, arena.backend.start))

/** Kills the backend at one moment of a push on `head`. */
type Moment = (arena: Arena, writer: ArenaClient, head: number) => Effect.Effect<void, CheckStop>

/** Kills while one frame of the push is held back on the link: before it was admitted, or after it was committed. */
const whileHeld =
  (what: string, match: FrameMatch): Moment =>
  (arena, writer, head) =>
    Effect.gen(function* () {
      const held = yield* writer.link.fault({ kind: "hold", match })
      const push = yield* writer.startPush(arena.chain(writer, head, 7))
      yield* arena.premise(yield* held.bites(), `${what} was not held`)
      yield* killAndStart(arena)
      yield* held.heal
      yield* arena.expectSettled(yield* push.settled, `a push during a kill, ${what} being held,`)
    })

const beforeAdmission = whileHeld("its request", { direction: "up", operation: "push", role: "request" })
const beforeAnswer = whileHeld("its answer", { direction: "down", operation: "push", role: "answer" })

/** How long the application's hook waits, in milliseconds; and when, meanwhile, the backend is killed. */
const hook = { waitMs: 3_000, killAfterMs: 200 }

/** Kills while the application's hook makes up its mind: admitted, and not committed. */
const inHook: Moment = (arena, writer, head) =>
  Effect.gen(function* () {
    const [slow, ...rest] = arena.chain(writer, head, 7)
    const args = { ...(slow!.args as Record<string, unknown>), ms: hook.waitMs }
    const push = yield* writer.startPush([{ ...slow!, name: "gauntlet.slow", args }, ...rest])
    yield* Effect.sleep(hook.killAfterMs)
    yield* arena.premise(push.now() === undefined, "the push ended before the kill")
    yield* killAndStart(arena)
    yield* arena.expectSettled(yield* push.settled, "a push during a kill in the application's hook")
  })

/** Kills at once after the acknowledgement: of small batches and of a large one. */
const afterAnswer: Moment = (arena, writer, head) =>
  Effect.gen(function* () {
    yield* arena.fill(writer, head, 1)
    yield* arena.fill(writer, head + 1, 100)
    yield* killAndStart(arena)
  })

/** Kills at each of these moments; between them pushes are accepted again, and a live pull gets everything. */
const killsAt = (word: string, check: Partial<Check>, moments: ReadonlyArray<Moment>): Check => ({
  ...base,
  id: `life/kill${word}`,
  needs: ["process.kill", "endpoint", "classify"],
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
      yield* arena.fill(a, 0, 5)
      let live = yield* openLive(arena, b)
      let head = 5
      for (const moment of moments) {
        yield* moment(arena, a, head)
        head = yield* pushesAgain(arena, a, "after a kill")
        live = yield* expectGoesOn(arena, b, live, head, "after a kill")
      }
      yield* live.interrupt()
    }),
})

/** How often a kill falls into pushes under load; "life/kill#midway" has more of them. */
const kills = 2

/** Three writers push at once, over links that take some time, and the kill falls into it wherever the seed says. */
const underLoad = (
  arena: Arena,
  round: number,
  writers: ReadonlyArray<ArenaClient>,
): Effect.Effect<void, CheckStop, Scope.Scope> =>
  Effect.gen(function* () {
    const head = yield* headAgain(arena, writers[0]!, "between kills")
    const pushes = yield* Effect.forEach(writers, (writer) => writer.startPush(arena.chain(writer, head, 20)))
    yield* Effect.sleep(arena.draw(`kill ${round} ms`, 24))
    // Within a millisecond of virtual time there are many steps; each of these lets one more be taken.
    for (let step = arena.draw(`kill ${round} step`, 30); step > 0; step--) yield* Effect.yieldNow
    yield* killAndStart(arena)
    for (const push of pushes) yield* arena.expectSettled(yield* push.settled, "a push during a kill")
  })

export const lifeKillChecks: ReadonlyArray<Check> = [
  killsAt("", {}, [beforeAnswer, afterAnswer]),
  killsAt("#before-commit", { needs: ["process.kill", "endpoint", "classify", "app"] }, [beforeAdmission, inHook]),
  {
    ...base,
    id: "life/kill#under-load",
    waits: true,
    needs: ["process.kill", "endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const writers = yield* Effect.forEach(["a", "b", "c"], (id) => arena.open(id))
        yield* arena.fill(writers[0]!, 0, 5)
        for (const { link } of writers) {
          yield* link.fault({ kind: "delay", ms: 2, jitterMs: 6, direction: "both" })
        }
        for (let round = 0; round < kills; round++) yield* underLoad(arena, round, writers)
        for (const { link } of writers) yield* link.heal
        yield* pushesAgain(arena, writers[1]!, `after ${kills} kills under load`)
      }),
  },
]
