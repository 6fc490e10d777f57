import { Effect, Fiber } from "effect"
import { Actor } from "./interleaving.ts"
import { Turns } from "./turns.ts"

/**
 * Something else may run now. In the virtual world the turn is kept where it would come straight back, or where a
 * plan lets fibers go on for some seams; it counts as a task all the same.
 */
export const turn: Effect.Effect<void> = Effect.withFiber(({ currentDispatcher: own }) =>
  own instanceof Turns && own.keeps() ? Effect.void : Effect.yieldNow,
)

const turns = (count: number): Effect.Effect<void> => (count <= 0 ? turn : Effect.andThen(turn, turns(count - 1)))

/** What a fiber does at a seam. */
const passing = (fiber: Fiber.Fiber<unknown, unknown>, name: string): Effect.Effect<void> => {
  const own = fiber.currentDispatcher
  if (!(own instanceof Turns)) return Effect.yieldNow
  const { turnsAt } = own.world.interleaving
  const count = turnsAt === undefined ? 0 : turnsAt(fiber.getRef(Actor), name)
  if (count > 0) return turns(count)
  return own.keeps() ? Effect.void : Effect.yieldNow
}

/**
 * A named place where something else may run. Effect wakes waiters inline and in a fixed order; only a yield after
 * each step of a backend, barrier and delivery lets the seed interleave them (114 orders instead of one, measured).
 * It also keeps long wake chains off the stack. In the real world it costs one turn of the scheduler. A plan may name
 * a seam and have the fiber wait there for further turns.
 */
export const seam = (name: string): Effect.Effect<void> => Effect.withFiber((fiber) => passing(fiber, name))

/**
 * The same for code that runs in a fiber and waits at once for what this gives: `yield* seamHere(name)`. Nothing is
 * left to wait for where the turn is kept.
 */
export const seamHere = (name: string): Effect.Effect<void> => passing(Fiber.getCurrent()!, name)
