import * as effect from "effect"
import { Effect, Option, Queue, Stream, SubscriptionRef } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import { fromSyncBackend } from "../../providers/from-sync-backend.ts"
import type { SyncBackendArgs } from "../../providers/sync-backend/open-sync-backend.ts"

/** The backend: the events of each store, and the live pulls that wait for more. Yours is across a network. */
interface TinyLog {
  readonly events: Array<EventEncoded>
  readonly live: Set<Queue.Queue<ReadonlyArray<EventEncoded>>>
}

const logs = new Map<string, TinyLog>()

const logOf = (storeId: string): TinyLog => {
  const log: TinyLog = logs.get(storeId) ?? { events: [], live: new Set() }
  logs.set(storeId, log)
  return log
}

type BackendCursor = Option.Option<{ readonly eventSequenceNumber: number }>

const item = (events: ReadonlyArray<EventEncoded>) => ({
  batch: events.map((eventEncoded) => ({ eventEncoded, metadata: Option.none() })),
  pageInfo: { _tag: "NoMore" },
})

/** A constructor as LiveStore calls it. */
const makeTinySync = ({ storeId }: SyncBackendArgs) =>
  Effect.gen(function* () {
    const log = logOf(storeId)
    const isConnected = yield* SubscriptionRef.make(false)
    const push = (batch: ReadonlyArray<EventEncoded>) =>
      Effect.suspend(() => {
        const head = log.events.at(-1)?.seqNum ?? 0
        const parent = batch[0]?.parentSeqNum ?? head
        if (parent !== head)
          return Effect.fail({ _tag: "ServerAheadError", minimumExpectedNum: head, providedNum: parent })
        log.events.push(...batch)
        for (const queue of log.live) Queue.offerUnsafe(queue, batch)
        return Effect.void
      })
    /** One synchronous step reads the history and joins: nothing can come between. */
    const join = Effect.acquireRelease(
      Effect.map(Queue.unbounded<ReadonlyArray<EventEncoded>>(), (queue) => {
        log.live.add(queue)
        return { queue, history: [...log.events] }
      }),
      ({ queue }) => Effect.sync(() => log.live.delete(queue)),
    )
    const pull = (cursor: BackendCursor, { live }: { readonly live: boolean }) => {
      const after = Option.isSome(cursor) ? cursor.value.eventSequenceNumber : 0
      const missing = (events: ReadonlyArray<EventEncoded>) => item(events.filter(({ seqNum }) => seqNum > after))
      if (!live) return Stream.sync(() => missing(log.events))
      return Stream.unwrap(
        Effect.map(join, ({ queue, history }) =>
          Stream.concat(Stream.make(missing(history)), Stream.map(Stream.fromQueue(queue), item)),
        ),
      )
    }
    return {
      isConnected,
      connect: SubscriptionRef.set(isConnected, true),
      push,
      pull,
      ping: Effect.void,
      metadata: { name: "tiny", description: "A log in memory" },
      supports: { pullPageInfoKnown: true, pullLive: true },
    }
  })

export default fromSyncBackend(makeTinySync, {
  effect,
  key: "tiny-sync",
  title: "a LiveStore backend, a log in memory",
  capabilities: { transport: "memory", storage: "memory", supports: { pullPageInfoKnown: true, pullLive: true } },
})
