import { Deferred, Effect, Exit, Option, Stream } from "effect"
import { turn } from "../chaos/world/seam.ts"
import type { PullError } from "../contract/errors.ts"
import type { Cursor, EventEncoded, PullItem } from "../contract/event.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import type { RunningPull } from "./arena.ts"
import type { ArenaContext } from "./arena-context.ts"
import { startOperation, type StartedOperation } from "./operation.ts"
import { awaitWithin } from "./waiting.ts"

/** A gate that a reader passes through: closed, it holds the reader back. */
const makeGate = () => {
  let closed: Deferred.Deferred<void> | undefined
  return {
    pass: Effect.suspend(() => (closed === undefined ? Effect.void : Deferred.await(closed))),
    close: Effect.sync(() => {
      closed ??= Deferred.makeUnsafe()
    }),
    open: Effect.sync(() => {
      if (closed !== undefined) Deferred.doneUnsafe(closed, Exit.void)
      closed = undefined
    }),
  }
}

/** What a pull has given so far. */
interface Delivered {
  readonly items: Array<PullItem>
  readonly events: Array<EventEncoded>
  cursor: Option.Option<Cursor>
  caughtUp: boolean
  /** The highest position so far. */
  highest: number
  /** Items in a row that brought no event past that. */
  withoutNews: number
}

/**
 * A pull that gave more items than this without news goes round in a circle. From then on it is read slowly and its
 * deadline runs, so that it is stuck before it has filled the memory.
 */
const circlingItems = 100

/** Takes over one item. What is no item is recorded as a defect and ignored here. */
const take = (delivered: Delivered, item: PullItem): void => {
  if (!Array.isArray(item?.events)) return
  delivered.items.push(item)
  for (const { event } of item.events) delivered.events.push(event)
  const last = item.events.at(-1)
  delivered.withoutNews += 1
  if (last !== undefined) {
    if (last.event.seqNum > delivered.highest) delivered.withoutNews = 0
    delivered.highest = Math.max(delivered.highest, last.event.seqNum)
    delivered.cursor = Option.some({ eventSequenceNumber: last.event.seqNum, metadata: last.metadata })
  }
  if (item.pageInfo?._tag === "NoMore") delivered.caughtUp = true
}

/** Starts a pull or live pull of one client and records each item as it arrives. */
export const startPullOperation = Effect.fnUntraced(function* (
  context: ArenaContext,
  client: { readonly id: string; readonly storeId: string; readonly provider: SyncProvider },
  cursor: Option.Option<Cursor>,
  live: boolean,
  lastFrames: () => ReadonlyArray<string>,
): Effect.fn.Return<RunningPull & StartedOperation> {
  const { recorder, waiting, provider } = context
  const { deadlineMs, deliveryMs } = provider.capabilities.times
  const gate = makeGate()
  const seqNum = Option.isSome(cursor) ? cursor.value.eventSequenceNumber : undefined
  const delivered: Delivered = {
    items: [],
    events: [],
    cursor,
    caughtUp: false,
    highest: seqNum ?? 0,
    withoutNews: 0,
  }

  const operation: StartedOperation = yield* startOperation(
    context,
    {
      client: client.id,
      store: client.storeId,
      f: live ? "live" : "pull",
      ...(seqNum === undefined ? {} : { cursor: seqNum }),
    },
    `${live ? "live pull" : "pull"} from ${seqNum ?? "the beginning"}`,
    deadlineMs,
    lastFrames,
    (control): Effect.Effect<void, PullError> =>
      Stream.runForEach(client.provider.pull(cursor, live ? { live: true } : {}), (item) =>
        Effect.suspend(() => {
          recorder.page(control.op, item)
          take(delivered, item)
          const circling = delivered.withoutNews > circlingItems
          if (live && delivered.caughtUp) control.withoutDeadline()
          else if (!circling) control.progress()
          waiting.notify()
          return Effect.andThen(circling ? Effect.sleep(deadlineMs / 20) : turn, gate.pass)
        }),
      ),
  )
  const over = () => operation.now() !== undefined
  const last = () => delivered.events.at(-1)?.seqNum ?? 0

  return {
    ...operation,
    items: () => delivered.items,
    events: () => delivered.events,
    cursor: () => delivered.cursor,
    reaches: (wanted, withinMs = deliveryMs) =>
      Effect.map(
        waiting.until(() => last() >= wanted || over(), withinMs),
        () => last() >= wanted,
      ),
    caughtUp: (withinMs = deadlineMs) =>
      Effect.map(
        waiting.until(() => delivered.caughtUp || over(), withinMs),
        () => delivered.caughtUp,
      ),
    ends: (withinMs) => awaitWithin(operation.ended, withinMs),
    // Verdicts on delivery are suspended while nobody reads.
    pause: Effect.andThen(
      Effect.sync(() => void recorder.paused(operation.op)),
      gate.close,
    ),
    resume: Effect.andThen(
      Effect.sync(() => void recorder.resumed(operation.op)),
      gate.open,
    ),
  } satisfies RunningPull & StartedOperation
})
