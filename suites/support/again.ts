import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, Settled } from "../../harness/arena.ts"
import { headOf } from "./log.ts"

/** How often something is tried within the recovery time. */
const tries = 25

const pause = (arena: Arena): Effect.Effect<void> => Effect.sleep(arena.capabilities.times.recoveryMs / tries)

const isOffline = (settled: Settled): boolean => settled._tag === "indefinite" && settled.error._tag === "IsOffline"

/** Repeats an operation that a disturbance may still answer with `IsOffline`, for about the recovery time. */
export const past = (arena: Arena, operation: Effect.Effect<Settled>): Effect.Effect<Settled> =>
  Effect.gen(function* () {
    let settled = yield* operation
    for (let n = 1; n < tries && isOffline(settled); n++) {
      yield* pause(arena)
      settled = yield* operation
    }
    return settled
  })

/** The head as a whole pull shows it, once pulls succeed again; ends the check when none does within the recovery time. */
export const headAgain = (arena: Arena, client: ArenaClient, what: string): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    let pulled = yield* client.pull()
    for (let n = 1; n < tries && pulled.settled._tag === "indefinite"; n++) {
      yield* pause(arena)
      pulled = yield* client.pull()
    }
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
    for (let n = 1; ; n++) {
      const head = yield* headAgain(arena, client, what)
      const settled = yield* client.push(arena.chain(client, head, count))
      const moved = settled._tag === "refused" && settled.error._tag === "ServerAhead"
      if (n < tries && (moved || isOffline(settled))) {
        yield* pause(arena)
        continue
      }
      yield* arena.requireOk(settled, `${what}, a push on the head`)
      return head + count
    }
  })
