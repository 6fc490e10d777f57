import { Clock, Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, Settled } from "../../harness/arena.ts"
import { headOf } from "./log.ts"

/** How often something is tried within the recovery time. */
const tries = 25

/** Gives an effect that waits a little and says whether the recovery time, which begins now, has any left. */
const patience = (arena: Arena): Effect.Effect<Effect.Effect<boolean>> =>
  Effect.map(Clock.currentTimeMillis, (fromMs) => {
    const { recoveryMs } = arena.capabilities.times
    return Effect.andThen(
      Effect.sleep(recoveryMs / tries),
      Effect.map(Clock.currentTimeMillis, (nowMs) => nowMs - fromMs < recoveryMs),
    )
  })

/** Whether an operation ended with the one error that says "try again". */
export const isOffline = (settled: Settled): boolean =>
  settled._tag === "indefinite" && settled.error._tag === "IsOffline"

/** How often an unknown error is taken for a disturbance that the provider did not name. */
const unknownAtMost = 2

/**
 * Repeats an operation that a disturbance may still answer with `IsOffline`, for the recovery time; after an unknown
 * error only twice.
 */
export const past = (arena: Arena, operation: Effect.Effect<Settled>): Effect.Effect<Settled> =>
  Effect.gen(function* () {
    const pause = yield* patience(arena)
    let settled = yield* operation
    for (let unknown = 0; settled._tag === "indefinite" && (yield* pause);) {
      if (!isOffline(settled) && ++unknown > unknownAtMost) break
      settled = yield* operation
    }
    return settled
  })

/** The head as a whole pull shows it, once pulls succeed again; ends the check when none does within the recovery time. */
export const headAgain = (arena: Arena, client: ArenaClient, what: string): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    const pause = yield* patience(arena)
    let pulled = yield* client.pull()
    while (pulled.settled._tag === "indefinite" && (yield* pause)) pulled = yield* client.pull()
    yield* arena.requireOk(pulled.settled, `${what}, a pull`)
    return headOf(pulled.events)
  })

/** Pushes on the head that a pull shows, until it is acknowledged: a push whose end is not known may move the head. Gives the new head. */
export const pushesAgain = (
  arena: Arena,
  client: ArenaClient,
  what: string,
  count: number = 1,
): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    const pause = yield* patience(arena)
    for (;;) {
      const head = yield* headAgain(arena, client, what)
      const settled = yield* client.push(arena.chain(client, head, count))
      const moved = settled._tag === "refused" && settled.error._tag === "ServerAhead"
      if ((moved || settled._tag === "indefinite") && (yield* pause)) continue
      yield* arena.requireOk(settled, `${what}, a push on the head`)
      return head + count
    }
  })
