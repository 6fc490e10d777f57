import { Clock, Effect, Option } from "effect"
import type { Cursor } from "../../contract/event.ts"
import type { Arena, ArenaClient, CheckStop, Pulled, RunningPull, Settled } from "../../harness/arena.ts"
import { headOf } from "./log.ts"

/*
 * What a caller does after a disturbance: it tries again until it is served. It may have to for the recovery time and
 * one deadline more: an operation on a connection that is dead already may take all its time to find that out.
 */

/** For how long it tries, in milliseconds. */
const withinMs = ({ capabilities: { times } }: Arena): number => times.recoveryMs + times.deadlineMs

/** How often something is tried within the recovery time. */
const tries = 25

/** Gives an effect that waits a little and says whether the time to try, which begins now, is not over. */
const patience = (arena: Arena): Effect.Effect<Effect.Effect<boolean>> =>
  Effect.map(Clock.currentTimeMillis, (fromMs) =>
    Effect.andThen(
      Effect.sleep(arena.capabilities.times.recoveryMs / tries),
      Effect.map(Clock.currentTimeMillis, (nowMs) => nowMs - fromMs < withinMs(arena)),
    ),
  )

/** Whether an operation ended with the one error that says "try again". */
export const isOffline = (settled: Settled): boolean =>
  settled._tag === "indefinite" && settled.error._tag === "IsOffline"

/** How often an unknown error is taken for a disturbance that the provider did not name. */
const unknownAtMost = 2

/** Repeats an operation that a disturbance may still answer with `IsOffline`; after an unknown error only twice. */
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

const pullWhile = (arena: Arena, client: ArenaClient, goesOn: (settled: Settled) => boolean): Effect.Effect<Pulled> =>
  Effect.gen(function* () {
    const pause = yield* patience(arena)
    let pulled = yield* client.pull()
    while (goesOn(pulled.settled) && (yield* pause)) pulled = yield* client.pull()
    return pulled
  })

/**
 * A whole pull, once pulls succeed again, whatever they failed with; ends the check when none does. `what` says after
 * what, `operations` what the disturbance was met with.
 */
export const pullsAgain = (
  arena: Arena,
  client: ArenaClient,
  what: string,
  operations: ReadonlyArray<number> = [],
): Effect.Effect<Pulled, CheckStop> =>
  Effect.gen(function* () {
    const pulled = yield* pullWhile(arena, client, ({ _tag }) => _tag !== "ok")
    const sentence = `${what} no pull succeeded for ${withinMs(arena)} ms`
    yield* arena.require(pulled.settled._tag === "ok", "stuck", sentence, [...operations, pulled.settled.op])
    return pulled
  })

/** The head as a whole pull shows it, once pulls no longer fail for being offline; ends the check when they go on so. */
export const headAgain = (arena: Arena, client: ArenaClient, what: string): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    const pulled = yield* pullWhile(arena, client, ({ _tag }) => _tag === "indefinite")
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

/** Between two live pulls that failed, in milliseconds: a provider that fails at once must not be asked in a loop. */
const pauseMs = 100

/**
 * A live pull, open and caught up, once a client gets one: it opens another when one fails, as LiveStore's leader
 * does. Ends the check when none catches up.
 */
export const liveAgain = (
  arena: Arena,
  client: ArenaClient,
  cursor: Option.Option<Cursor> = Option.none(),
): Effect.Effect<RunningPull, CheckStop> =>
  Effect.gen(function* () {
    const attempts = Effect.gen(function* () {
      for (;;) {
        const live = yield* client.live(cursor)
        if (yield* live.caughtUp(withinMs(arena))) return live
        yield* live.interrupt()
        yield* Effect.sleep(pauseMs)
      }
    })
    const live = yield* Effect.raceFirst(attempts, Effect.as(Effect.sleep(withinMs(arena)), undefined))
    const sentence = `client ${client.id} had no live pull that caught up within ${withinMs(arena)} ms after the fault was healed`
    yield* arena.require(live !== undefined, "stuck", sentence)
    return live!
  })
