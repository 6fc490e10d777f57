import { Effect } from "effect"
import { Actor, Interleaving } from "./interleaving.ts"

const turns = (count: number): Effect.Effect<void> =>
  count <= 0 ? Effect.yieldNow : Effect.andThen(Effect.yieldNow, turns(count - 1))

/**
 * A named place where something else may run. Effect wakes waiters inline and in a fixed order; only a yield after
 * each step of a backend, barrier and delivery lets the seed interleave them (114 orders instead of one, measured).
 * It also keeps long wake chains off the stack. In the real world it costs one turn of the scheduler. A plan may name
 * a seam and have the fiber wait there for further turns.
 */
export const seam = (name: string): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const interleaving = fiber.getRef(Interleaving)
    if (interleaving.order === "drawn") return Effect.yieldNow
    return turns(interleaving.turnsAt(fiber.getRef(Actor), name))
  })
