import { Effect, Option, Stream } from "effect"
import { IsOffline, type PullError } from "../../../contract/errors.ts"
import type { Cursor, PulledEvent, PullItem } from "../../../contract/event.ts"
import type { ControlEvent, CursorText, ItemText, OperationCommand } from "./control-wire.ts"
import type { RemoteOperations } from "./remote-operations.ts"

/** Where a pull stands on this side. */
interface Standing {
  op: number | undefined
  cursor: CursorText | null
  caughtUp: boolean
}

/**
 * A pull that runs in the client object: each item is asked for when the consumer wants it. When the object's process
 * ends under it, it goes on from its cursor in the next one, or fails with `IsOffline` after `resumeMs`.
 */
export const remotePull = (
  operations: RemoteOperations,
  options: {
    readonly resumeMs: number
    readonly itemTimeoutMs: number
    readonly fail: (event: ControlEvent) => Effect.Effect<never, PullError>
  },
  cursor: Option.Option<Cursor>,
  live: boolean,
): Stream.Stream<PullItem, PullError> => {
  const next = Effect.fnUntraced(function* (standing: Standing): Effect.fn.Return<PullItem | undefined, PullError> {
    // An item that was asked for comes, or fails, within the time of one operation, whatever happens meanwhile.
    const deadlineMs = live ? Number.POSITIVE_INFINITY : performance.now() + options.itemTimeoutMs
    let patienceMs: number | undefined
    for (;;) {
      const { op } = standing
      const ask = (n: number): OperationCommand =>
        op === undefined ? { c: "pull", op: n, live, cursor: standing.cursor } : { c: "next", op: n }
      const event = yield* operations.ask(ask, {
        op,
        withinMs: Math.max(0, deadlineMs - performance.now()),
        upWithinMs: Math.max(0, patienceMs === undefined ? options.itemTimeoutMs : patienceMs - performance.now()),
        onSent: (n) => (standing.op = n),
      })
      if (event === "lost") {
        standing.op = undefined
        patienceMs ??= Math.min(deadlineMs, performance.now() + options.resumeMs)
        if (performance.now() < patienceMs) continue
        return yield* new IsOffline({ message: "the client object was lost and did not come back" })
      }
      if (event === "unreachable" || event === "late") {
        standing.op = undefined
        return yield* new IsOffline({ message: "the client object cannot be reached" })
      }
      if (event.c === "ok") return undefined
      if (event.c !== "item") return yield* options.fail(event)
      const repeated = patienceMs !== undefined && standing.caughtUp
      patienceMs = undefined
      const item = readItem(event.item)
      const last = event.item.events.at(-1)
      if (last !== undefined) standing.cursor = cursorAt(last)
      standing.caughtUp = item.pageInfo._tag === "NoMore"
      // A look that found nothing new is nobody's business.
      if (!(repeated && item.events.length === 0 && standing.caughtUp)) return item
    }
  })

  return Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync((): Standing => ({ op: undefined, cursor: startOf(cursor), caughtUp: false })),
        ({ op }) => Effect.sync(() => op !== undefined && operations.interrupt(op)),
      ),
      (standing) =>
        Stream.unfold(standing, (at) =>
          Effect.map(next(at), (item) => (item === undefined ? undefined : ([item, at] as const))),
        ),
    ),
  )
}

const startOf = (cursor: Option.Option<Cursor>): CursorText | null => {
  if (Option.isNone(cursor)) return null
  const { eventSequenceNumber: seqNum, metadata } = cursor.value
  return Option.isNone(metadata) ? { seqNum } : { seqNum, metadata: metadata.value }
}

const cursorAt = ({ event, metadata }: ItemText["events"][number]): CursorText => ({
  seqNum: (event as { readonly seqNum: number }).seqNum,
  metadata,
})

const readItem = ({ events, pageInfo }: ItemText): PullItem => ({
  events: events.map(({ event, metadata }): PulledEvent => ({
    event: event as PulledEvent["event"],
    metadata: metadata === undefined ? Option.none() : Option.some(metadata),
  })),
  pageInfo,
})
