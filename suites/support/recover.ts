import { Effect, Option } from "effect"
import type { Cursor } from "../../contract/event.ts"
import type { Arena, ArenaClient, CheckStop, RunningPull } from "../../harness/arena.ts"

/** Between two live pulls that failed, in milliseconds: a provider that fails at once must not be asked in a loop. */
const pauseMs = 100

/**
 * Waits until a client is served again after a fault: it opens a live pull, and another when that one fails, as
 * LiveStore's leader does. Gives the live pull, open and caught up; ends the check when the declared recovery time
 * and one deadline passed without.
 */
export const recover = (
  arena: Arena,
  client: ArenaClient,
  cursor: Option.Option<Cursor> = Option.none(),
): Effect.Effect<RunningPull, CheckStop> =>
  Effect.gen(function* () {
    const { recoveryMs, deadlineMs } = arena.capabilities.times
    const withinMs = recoveryMs + deadlineMs
    const attempts = Effect.gen(function* () {
      for (;;) {
        const live = yield* client.live(cursor)
        if (yield* live.caughtUp(withinMs)) return live
        yield* live.interrupt()
        yield* Effect.sleep(pauseMs)
      }
    })
    const live = yield* Effect.raceFirst(attempts, Effect.as(Effect.sleep(withinMs), undefined))
    const sentence = `client ${client.id} had no live pull that caught up within ${withinMs} ms after the fault was healed`
    yield* arena.require(live !== undefined, "stuck", sentence)
    return live!
  })
