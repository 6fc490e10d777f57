import { Effect } from "effect"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { headAgain, pullsAgain, pushesAgain } from "./support/again.ts"
import { faithfulArgs } from "./support/faithful-args.ts"
import { changesInstance } from "./support/process.ts"

const base = {
  cost: "quick",
  isolation: "host",
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** How many kills fall into pushes: each costs a start of the backend. */
const kills = 8

/** Steps that a push takes at most, from its request to its acknowledgement, where each step is one turn. */
const pushSteps = 70

/** Checks of a backend that is replaced in the middle of something, and of what it finds then. */
export const lifeMidwayChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "life/kill#midway",
    clause: "life/kill",
    cost: "heavy",
    needs: ["process.kill"],
    run: (arena) =>
      Effect.gen(function* () {
        // One push at a time, and the kill at whatever of its steps the seed says, the one behind the commit included.
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        for (let round = 0; round < kills; round++) {
          const head = yield* headAgain(arena, a, "between kills")
          const push = yield* a.startPush(arena.chain(a, head, 3))
          for (let step = arena.draw(`kill ${round}`, pushSteps); step > 0; step--) yield* Effect.yieldNow
          yield* changesInstance(arena, "a kill", Effect.andThen(arena.backend.kill, arena.backend.start))
          yield* arena.expectSettled(yield* push.settled, "a push during a kill")
        }
        yield* pushesAgain(arena, a, `after ${kills} kills`)
      }),
  },
  {
    ...base,
    id: "life/deploy#old-events",
    clause: "life/deploy",
    needs: ["process.deploy"],
    run: (arena) =>
      Effect.gen(function* () {
        // Events of every shape that were stored before: the new version shows them as they are.
        const a = yield* arena.open("a")
        const events = arena.chain(a, 0, faithfulArgs.length + 1).map((event, index) => {
          const { args: _, ...bare } = event
          const shape = faithfulArgs[index]
          return shape === undefined ? bare : { ...bare, args: shape[1] }
        })
        yield* arena.requireOk(yield* a.push(events), "a push of events of every shape")
        yield* arena.requireOk((yield* a.pull()).settled, "a pull before the deployment")
        yield* changesInstance(arena, "a deployment", arena.backend.deploy)
        const b = yield* arena.open("b")
        const pulled = yield* pullsAgain(arena, b, "after a deployment")
        yield* arena.expect(
          pulled.events.length === events.length,
          "lost-ack",
          `after a deployment a pull gave ${pulled.events.length} of ${events.length} events`,
          [pulled.settled.op],
        )
        const live = yield* openLive(arena, b)
        yield* live.interrupt()
      }),
  },
]
