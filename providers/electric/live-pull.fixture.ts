import { Effect, Fiber, Option, Stream } from "effect"
import type { Cursor, EventEncoded } from "../../contract/event.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
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

const pushMs = 60_000

/** Pushes this event until it is there: after an indefinite end it may be there already. Rejects with what is in the way. */
export const pushUntilThere = async (host: ProviderHostShape, client: SyncProvider, n: number): Promise<void> => {
  for (const until = performance.now() + pushMs; ;) {
    const exit = await Effect.runPromise(Effect.result(client.push([event(n)])))
    if (exit._tag === "Success") return
    const { failure } = exit
    if (failure._tag === "ServerAhead" && failure.head >= n) return
    const [died] = await Effect.runPromise(host.ownEnds ?? Effect.succeed([]))
    if (died !== undefined) throw new Error(`event ${n} cannot be pushed: ${died}`)
    if (failure._tag !== "IsOffline" || performance.now() > until) {
      const tail = await Effect.runPromise(host.logTail ?? Effect.succeed([]))
      const log = tail.slice(-20).join("\n  ")
      throw new Error(`event ${n} could not be pushed: ${JSON.stringify(failure)}; the end of the logs:\n  ${log}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
