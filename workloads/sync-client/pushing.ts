import { Effect, Exit } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import type { Settled } from "../../harness/arena.ts"
import { connected, eraseAll, type ClientProcess } from "./process.ts"

/** Events in one push, as LiveStore's leader has it by default. */
const batchEvents = 50

/** Pauses between attempts whose end is not known: from one second, doubled each time, to 30 seconds. */
const firstPauseMs = 1_000
const longestPauseMs = 30_000

/** One attempt. Interrupting it stops the push on its way. */
const attempt = <State>(
  { client, counters }: ClientProcess<State>,
  batch: ReadonlyArray<EventEncoded>,
): Effect.Effect<Settled> =>
  Effect.acquireUseRelease(
    Effect.suspend(() => {
      counters.pushes += 1
      return client.startPush(batch)
    }),
    (running) => running.settled,
    (running, exit) => (Exit.isSuccess(exit) ? Effect.void : running.interrupt()),
  )

/**
 * Offers one batch until it is acknowledged. After `ServerAhead` it waits to be interrupted by a pulled item; after an
 * end that is not known it tries again, ever less often; any other failure ends the client's syncing.
 */
const land = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  batch: ReadonlyArray<EventEncoded>,
): Effect.fn.Return<void> {
  for (let pauseMs = firstPauseMs; ;) {
    yield* process.steps.at("pushing")
    const settled = yield* attempt(process, batch)
    if (settled._tag === "ok") return
    const ending = "error" in settled ? settled.error._tag : settled._tag
    if (ending === "ServerAhead") {
      yield* process.seams.afterAhead
      continue
    }
    // A leader has no deadline: it waits for its push until something is pulled.
    if (ending === "stuck") return yield* Effect.never
    if (ending !== "IsOffline" && ending !== "UnknownError") {
      process.stop ??= { by: "push", ending, op: settled.op }
      if (ending === "BackendIdMismatch") eraseAll(process)
      return yield* Effect.never
    }
    yield* Effect.sleep(pauseMs)
    pauseMs = Math.min(longestPauseMs, pauseMs * 2)
    yield* connected(process)
  }
})

/** Pushes what is outgoing, batch by batch, while the client is connected. */
export const pushing = Effect.fnUntraced(function* <State>(process: ClientProcess<State>): Effect.fn.Return<never> {
  for (;;) {
    yield* connected(process)
    yield* process.outgoing.first(1)
    yield* connected(process)
    const batch = yield* process.outgoing.first(batchEvents)
    yield* land(process, batch)
    process.outgoing.drop(batch.length)
    yield* process.steps.at("pushed")
  }
})
