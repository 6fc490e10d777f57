import { Effect } from "effect"

/**
 * A named place where something else may run. Effect wakes waiters inline and in a fixed order; only a yield after
 * each step of a backend, barrier and delivery lets the seed interleave them (114 orders instead of one, measured).
 * It also keeps long wake chains off the stack. In the real world it costs one turn of the scheduler.
 */
export const seam = (_name: string): Effect.Effect<void> => Effect.yieldNow
