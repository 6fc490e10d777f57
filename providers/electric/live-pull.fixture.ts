import { Effect, Fiber, Option, Stream } from "effect"
import type { Cursor, EventEncoded } from "../../contract/event.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"

const event = (n: number): EventEncoded => ({
  ...{ seqNum: n, parentSeqNum: n - 1, name: "e", args: { n } },
  ...{ clientId: "writer", sessionId: "s" },
})

/** Looks again until it holds; false when time ran out. */
export const waitFor = async (holds: () => boolean, withinMs: number): Promise<boolean> => {
  for (let passedMs = 0; passedMs < withinMs && !holds(); passedMs += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return holds()
}

/** Pulls as LiveStore's leader does: again at once after `IsOffline`, and never after anything else. */
export const follow = (client: SyncProvider) => {
  const numbers: Array<number> = []
  let ended: unknown
  const round = (cursor: Option.Option<Cursor>): Effect.Effect<void> =>
    Effect.suspend(() => {
      let at = cursor
      return Stream.runForEach(client.pull(cursor, { live: true }), ({ events }) =>
        Effect.sync(() => {
          for (const { event: one, metadata } of events) {
            numbers.push(one.seqNum)
            at = Option.some({ eventSequenceNumber: one.seqNum, metadata })
          }
        }),
      ).pipe(
        Effect.catch((error) =>
          error._tag === "IsOffline"
            ? Effect.andThen(Effect.sleep(20), round(at))
            : Effect.sync(() => void (ended = error)),
        ),
      )
    })
  const fiber = Effect.runFork(round(Option.none()))
  return { numbers, ended: () => ended, stop: () => Effect.runPromise(Fiber.interrupt(fiber)) }
}

/** Pushes this event until it is there: after an indefinite end it may be there already. */
export const pushUntilThere = async (client: SyncProvider, n: number): Promise<void> => {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const exit = await Effect.runPromise(Effect.result(client.push([event(n)])))
    if (exit._tag === "Success") return
    if (exit.failure._tag === "ServerAhead" && exit.failure.head >= n) return
    if (exit.failure._tag !== "IsOffline") throw new Error(exit.failure._tag)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`event ${n} could not be pushed`)
}
