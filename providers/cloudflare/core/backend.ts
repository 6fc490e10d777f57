import { Effect } from "effect"
import { InvalidPush, type PayloadRejected, type PushRejected } from "../../../contract/errors.ts"
import type { PageInfo } from "../../../contract/event.ts"
import { readBatch, type RawBatch } from "./batch.ts"
import type { Application, Session } from "./application.ts"
import { limits } from "./limits.ts"
import type { LoggedEvent, LogHead, LogStore, StorageFailed } from "./log-store.ts"
import type { CursorClaim, LogRefusal, PushClaim, Seams } from "./seams.ts"

/** One page of a pull. */
export interface PageAnswer {
  readonly head: LogHead
  readonly events: ReadonlyArray<LoggedEvent>
  readonly pageInfo: PageInfo
}

/** The caller gave up before the batch was committed; it is not. */
export class Cancelled {
  readonly _tag = "Cancelled"
}

/** A push that is on its way. `cancelled` is asked at the last moment before the commit. */
export interface PushRequest extends PushClaim {
  readonly batch: RawBatch
  readonly cancelled: () => boolean
}

export type PushRefusal = PayloadRejected | InvalidPush | PushRejected | LogRefusal | StorageFailed | Cancelled
export type PullRefusal = PayloadRejected | LogRefusal | StorageFailed

/** One store's backend: what it says to requests, over whatever transport they come. */
export interface Backend {
  readonly connect: (session: Session) => Effect.Effect<LogHead, PayloadRejected | StorageFailed>
  readonly push: (session: Session, request: PushRequest) => Effect.Effect<LogHead, PushRefusal>
  readonly page: (session: Session, live: boolean, cursor: CursorClaim) => Effect.Effect<PageAnswer, PullRefusal>
  readonly check: (session: Session) => Effect.Effect<LogHead, PayloadRejected | StorageFailed>
  /** Whether a session may still hear of commits. */
  readonly stillAccepts: (session: Session) => PayloadRejected | undefined
}

/** Puts a backend together. `committed` is called in the same turn as the commit, whoever still waits for it. */
export const makeBackend = (parts: {
  readonly log: LogStore
  readonly application: Application
  readonly seams: Seams
  readonly committed: (head: LogHead) => void
}): Backend => {
  const { log, application, seams } = parts
  const stillAccepts = (session: Session) => seams.authorise(application, "still", session)
  const authorise = (hook: "connect" | "push" | "pull" | "live", session: Session) =>
    Effect.suspend(() => {
      const rejected = seams.authorise(application, hook, session)
      return rejected === undefined ? Effect.void : Effect.fail(rejected)
    })

  return {
    stillAccepts,
    connect: (session) => Effect.andThen(authorise("connect", session), log.head),
    check: (session) =>
      Effect.andThen(
        Effect.suspend(() => {
          const rejected = stillAccepts(session)
          return rejected === undefined ? Effect.void : Effect.fail(rejected)
        }),
        log.head,
      ),
    push: Effect.fnUntraced(function* (session: Session, request: PushRequest) {
      yield* authorise("push", session)
      const batch = readBatch(request.batch, limits)
      if (batch instanceof InvalidPush) return yield* batch
      yield* application.judge(batch)
      const first = batch[0]
      // The hook may have taken its time, so everything that can have changed is asked now, inside the transaction.
      const after = yield* log.append<PayloadRejected | LogRefusal | Cancelled>(
        batch,
        request.seen?.seqNum,
        (head, digestAtSeen) => {
          if (request.cancelled()) return new Cancelled()
          return stillAccepts(session) ?? seams.admit(head, first, request, digestAtSeen)
        },
      )
      if (first !== undefined) parts.committed(after)
      return seams.acknowledge(after)
    }),
    page: Effect.fnUntraced(function* (session: Session, live: boolean, cursor: CursorClaim) {
      yield* authorise(live ? "live" : "pull", session)
      const { seqNum: after, until } = cursor
      const range = until === undefined ? { after } : { after, until }
      // Asked again once the page was read: it shows nothing that came after the payload was revoked.
      const page = yield* log.page<PayloadRejected | LogRefusal>(
        range,
        limits,
        (head, digest) => stillAccepts(session) ?? seams.admitCursor(head, digest, cursor),
      )
      return { head: page.head, events: page.events, pageInfo: seams.pageInfo(page.remaining) }
    }),
  }
}
