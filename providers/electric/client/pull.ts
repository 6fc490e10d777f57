import { randomUUID } from "node:crypto"
import { Effect, Option, Result, Schema, Stream } from "effect"
import type { Dialer } from "../../cloudflare/client/dialer.ts"
import type { KnownBackend } from "../../cloudflare/client/known-backend.ts"
import type { ClientOptions } from "../../cloudflare/client/options.ts"
import { currentTrace, traced } from "../../cloudflare/tracing.ts"
import { BackendIdMismatch, IsOffline, UnknownError, type PullError, type SyncError } from "../../../contract/errors.ts"
import { moreKnown, noMore, type Cursor, type PulledEvent, type PullItem } from "../../../contract/event.ts"
import { limits, type SeenEvent } from "../wire.ts"
import { ask } from "./ask.ts"
import type { ElectricLink } from "./link.ts"
import type { ReaderSeams } from "./seams.ts"
import { openShapeReader, type ReadRow, type ShapePlace, type ShapeReader } from "./shape-reader.ts"

/** What a cursor's metadata says: the life, the log up to the event, and where Electric goes on behind it. */
const Metadata = Schema.Struct({
  backendId: Schema.String,
  digest: Schema.String,
  handle: Schema.optionalKey(Schema.String),
  offset: Schema.optionalKey(Schema.String),
})
type Metadata = typeof Metadata.Type

export interface PullParts {
  readonly dialer: Dialer<ElectricLink>
  readonly options: ClientOptions
  readonly known: KnownBackend
  /** Server-sent events, or long polling. */
  readonly events: boolean
  readonly seams: ReaderSeams
  /** Called with the last event of each page. */
  readonly sees: (last: Required<SeenEvent>) => void
}

/** Restarts of the reader that bring nothing on, after which a pull gives up. */
const restartsAtMost = 4
const page = { events: limits.pageEvents, bytes: limits.pageBytes }

/** Where a pull stands. */
interface Standing {
  readonly id: string
  seqNum: number
  metadata: Metadata | undefined
  /** The life that this pull reads: that of its first page. */
  life: string | undefined
  /** The head that Postgres had when this pull began, and how many events are left until there. */
  until: { readonly head: number; readonly digest: string } | undefined
  remaining: number
  caughtUp: boolean
  /** The link that this pull has begun on. */
  link: ElectricLink | undefined
  reader: ShapeReader | undefined
  /** Counts what the reader told of; `wake` is called at each. */
  changes: number
  wake: () => void
}

/**
 * The events behind a cursor, read by the official client in pages that go out when the consumer wants them. Electric's
 * `up-to-date` is no head: the head is read in Postgres when the pull begins, and `NoMore` waits until it is reached.
 * A live pull then stays open over reconnections; a connection that is lost for `resumeMs` fails it with `IsOffline`.
 */
export const pull = (
  parts: PullParts,
  cursor: Option.Option<Cursor>,
  live: boolean,
): Stream.Stream<PullItem, PullError> =>
  // Suspended: building a pull does nothing, not even look at the cursor.
  Stream.unwrap(
    Effect.gen(function* () {
      const standing = startingAt(cursor)
      if (standing instanceof UnknownError) return Stream.fail(standing)
      if (live) {
        yield* Effect.acquireRelease(
          Effect.map(currentTrace, (trace) => parts.dialer.want(true, trace)),
          (release) => Effect.sync(release),
        )
      }
      yield* Effect.addFinalizer(() => Effect.sync(() => standing.reader?.close(!live && standing.caughtUp)))
      const next = traced(
        "sync.pull",
        () => ({ kind: "client", attributes: { "sync.live": live } }),
        nextItem(parts, standing, live),
      )
      return Stream.unfold(undefined, () =>
        Effect.map(next, (item) => (item === undefined ? undefined : ([item, undefined] as const))),
      )
    }),
  )

const startingAt = (cursor: Option.Option<Cursor>): Standing | UnknownError => {
  const start = {
    id: randomUUID(),
    seqNum: 0,
    metadata: undefined,
    life: undefined,
    until: undefined,
    remaining: 0,
    caughtUp: false,
    link: undefined,
    reader: undefined,
    changes: 0,
    wake: () => undefined,
  }
  if (Option.isNone(cursor)) return start
  const { eventSequenceNumber: seqNum, metadata } = cursor.value
  if (Option.isNone(metadata)) return { ...start, seqNum }
  const read = Schema.decodeUnknownOption(Metadata)(metadata.value)
  if (Option.isNone(read)) return new UnknownError({ message: "the cursor's metadata is not of this provider" })
  return { ...start, seqNum, metadata: read.value }
}

const offline = (message: string): IsOffline => new IsOffline({ message })

/** What a pull that was refused fails with. */
const pullError = (error: SyncError): PullError => {
  switch (error._tag) {
    case "ServerAhead":
    case "InvalidPush":
    case "PushRejected":
      return new UnknownError({ message: `a pull was refused with ${error._tag}` })
    default:
      return error
  }
}

const nextItem = Effect.fnUntraced(function* (
  parts: PullParts,
  at: Standing,
  live: boolean,
): Effect.fn.Return<PullItem | undefined, PullError> {
  if (at.caughtUp && !live) return undefined
  const { dialer, options } = parts
  const { nowMs } = options.clock
  const deadlineMs = nowMs() + options.operationTimeoutMs
  let patienceMs = deadlineMs
  let lost = false
  let restarts = 0
  let movedAtMs = nowMs()
  let owedSinceMs: number | undefined
  for (;;) {
    if (at.link === undefined || at.link.isOver()) {
      at.reader?.close()
      at.reader = undefined
      const { lostAtMs, closed, rejected } = dialer.news()
      if (closed || rejected !== undefined) return yield* Effect.fail(rejected ?? offline("this client is closed"))
      if (at.link !== undefined && !lost) {
        lost = true
        const fromMs = lostAtMs ?? nowMs()
        patienceMs = at.caughtUp ? fromMs + options.resumeMs : Math.min(deadlineMs, nowMs() + options.resumeMs)
      }
      const began = yield* Effect.result(begin(parts, at, live, Math.max(0, patienceMs - nowMs())))
      if (Result.isFailure(began)) {
        const { sent, error } = began.failure
        if (sent && !lost) {
          lost = true
          patienceMs = Math.min(deadlineMs, nowMs() + options.resumeMs)
        }
        const mayCome = error._tag === "IsOffline" && lost && nowMs() < patienceMs
        if (!mayCome) return yield* Effect.fail(pullError(error))
        continue
      }
      lost = false
      movedAtMs = nowMs()
      if (!at.caughtUp && at.remaining === 0) {
        at.caughtUp = true
        return { events: [], pageInfo: noMore }
      }
    }
    at.reader ??= openReader(parts, at, live)
    const before = situation(parts, at)
    const rows = at.reader.take(page, at.caughtUp ? undefined : at.until?.head)
    if (rows.length > 0) {
      const item = itemOf(parts, at, rows)
      if (item._tag === "Item") return item.item
      if (item._tag === "Broken") return yield* offline(item.message)
    }
    const failure = at.reader.failure()
    if (failure?._tag === "Refused") return yield* Effect.fail(pullError(failure.error))
    if (failure?._tag === "Stale" || rows.length > 0) {
      restart(at, true)
      restarts += 1
      if (restarts > restartsAtMost) return yield* offline("Electric has no way behind this event")
      yield* Effect.sleep(50 * 2 ** restarts)
      continue
    }
    if (failure !== undefined) {
      at.link?.drop(failure.message)
      continue
    }
    const { hint } = dialer.news()
    if (hint !== undefined && hint.backendId !== at.life) {
      // Only the backend can say what that means.
      at.link = undefined
      continue
    }
    if (at.caughtUp && (hint === undefined || hint.head <= at.seqNum)) {
      owedSinceMs = undefined
      yield* pause(parts, at, before, options.recheckMs)
      continue
    }
    if (owedSinceMs === undefined) owedSinceMs = movedAtMs = nowMs()
    if (nowMs() - owedSinceMs >= (at.caughtUp ? options.answerTimeoutMs : options.operationTimeoutMs)) {
      at.link?.drop("the backend owes a page")
      return yield* offline("Electric did not deliver what Postgres has")
    }
    const againMs = movedAtMs + options.repeatPageMs * 2 ** restarts - nowMs()
    if (againMs > 0) {
      yield* pause(parts, at, before, againMs)
      continue
    }
    // A page that was lost comes again from the same place; after that the whole log is read.
    restart(at, restarts > 0)
    restarts += 1
    movedAtMs = nowMs()
  }
})

/** Asks for the head in Postgres, and whether the log still is the one that this pull reads. */
const begin = (parts: PullParts, at: Standing, live: boolean, connectWithinMs: number) =>
  Effect.gen(function* () {
    const known = at.life ?? (yield* parts.known.get)
    const { metadata } = at
    const after = {
      seqNum: at.seqNum,
      ...(metadata === undefined ? {} : { digest: metadata.digest, backendId: metadata.backendId }),
    }
    const { link, head } = yield* ask({
      dialer: parts.dialer,
      options: parts.options,
      route: live ? "live" : "pull",
      body: { after, pull: at.id, ...(known === undefined ? {} : { known }) },
      withinMs: parts.options.operationTimeoutMs,
      connectWithinMs,
    })
    if (head.remaining === undefined) {
      link.garbage("the answer to a pull lacks what remains")
      return yield* Effect.fail({ _tag: "NotTold" as const, sent: true, error: offline("no answer to a pull") })
    }
    const expected = at.life ?? (yield* parts.known.adopt(head.backendId))
    if (head.backendId !== expected) {
      const error = new BackendIdMismatch({ expected, received: head.backendId })
      return yield* Effect.fail({ _tag: "NotTold" as const, sent: true, error })
    }
    at.life = head.backendId
    at.link = link
    at.until = { head: head.head, digest: head.digest }
    at.remaining = head.remaining
    parts.dialer.heard({ backendId: head.backendId, head: head.head })
  })

const openReader = (parts: PullParts, at: Standing, live: boolean): ShapeReader => {
  const { handle, offset } = at.metadata ?? {}
  const place: ShapePlace | undefined = handle === undefined || offset === undefined ? undefined : { handle, offset }
  return openShapeReader({
    link: at.link!,
    path: live ? "/live/shape" : "/pull/shape",
    life: at.life!,
    pull: at.id,
    after: at.seqNum,
    until: live ? undefined : at.until?.head,
    place,
    events: parts.events,
    seams: parts.seams,
    nowMs: parts.options.clock.nowMs,
    onChange: () => {
      at.changes += 1
      at.wake()
    },
  })
}

/** Begins to read again; with `anew` the whole log, whatever place was known. */
const restart = (at: Standing, anew: boolean): void => {
  at.reader?.close()
  at.reader = undefined
  if (!anew || at.metadata === undefined) return
  const { handle: _, offset: __, ...metadata } = at.metadata
  at.metadata = metadata
}

type Made =
  | { readonly _tag: "Item"; readonly item: PullItem }
  | { readonly _tag: "Broken"; readonly message: string }
  /** The log that Electric has is another one. */
  | { readonly _tag: "Other" }

/** Makes an item of rows, and moves on. */
const itemOf = (parts: PullParts, at: Standing, rows: ReadonlyArray<ReadRow>): Made => {
  const events: Array<PulledEvent> = []
  for (const { row, place } of rows) {
    const { seqNum, parentSeqNum, name, clientId, sessionId, args, digest } = row
    const event = { seqNum, parentSeqNum, name, clientId, sessionId }
    const metadata = Option.some({ backendId: at.life!, digest, ...place })
    try {
      events.push({ event: args === null ? event : { ...event, args: JSON.parse(args) as unknown }, metadata })
    } catch {
      return { _tag: "Broken", message: `the args of event ${seqNum} arrived broken` }
    }
  }
  const { row, place } = rows.at(-1)!
  if (!at.caughtUp && row.seqNum === at.until?.head && row.digest !== at.until.digest) return { _tag: "Other" }
  at.seqNum = row.seqNum
  at.metadata = { backendId: at.life!, digest: row.digest, ...place }
  parts.sees({ seqNum: row.seqNum, digest: row.digest })
  const remaining = at.caughtUp ? (at.reader?.following() ?? row.following) : at.remaining - rows.length
  at.remaining = remaining
  const caughtUp = at.caughtUp ? remaining === 0 : row.seqNum === at.until?.head
  at.caughtUp ||= caughtUp
  return { _tag: "Item", item: { events, pageInfo: caughtUp ? noMore : moreKnown(remaining) } }
}

/** What a pull looks at: when it is another, there may be something to do. */
const situation = ({ dialer }: PullParts, at: Standing): string => {
  const { hints, connections, lostAtMs, closed, rejected } = dialer.news()
  return `${at.changes} ${hints} ${connections} ${lostAtMs} ${closed} ${rejected !== undefined}`
}

/** Waits until the situation is another than `before`, at most this long. */
const pause = (parts: PullParts, at: Standing, before: string, ms: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const clean = (): void => {
      stopTimer()
      forget()
      at.wake = () => undefined
    }
    const done = (): void => {
      clean()
      resume(Effect.void)
    }
    const stopTimer = parts.options.clock.after(Math.max(0, ms), done)
    const forget = parts.dialer.onNews(done)
    at.wake = done
    if (situation(parts, at) !== before) done()
    return Effect.sync(clean)
  })
