import { Effect, Option, Result, Schema, Stream } from "effect"
import { BackendIdMismatch, IsOffline, UnknownError, type PullError } from "../../../contract/errors.ts"
import type { Cursor, PulledEvent, PullItem } from "../../../contract/event.ts"
import { currentTrace, traced } from "../tracing.ts"
import { encodeFrame, type Framed } from "../wire.ts"
import type { Dialer } from "./dialer.ts"
import type { KnownBackend } from "./known-backend.ts"
import type { Answer } from "./link.ts"
import type { ClientOptions } from "./options.ts"
import { pullError } from "./wire-errors.ts"
import { request } from "./request.ts"

/** What a cursor's metadata says. */
const Metadata = Schema.Struct({ backendId: Schema.String, digest: Schema.String })
type Metadata = typeof Metadata.Type

type Page = Extract<Answer["message"], { readonly t: "page" }>

/** Where a pull stands. */
interface Position {
  readonly seqNum: number
  readonly metadata: Metadata | undefined
  /** The life that this pull reads: that of its first page. */
  readonly backendId: string | undefined
  /** Where this round of pages ends: the head that its first page named. */
  readonly until: number | undefined
  /** Whether the last page ended its round, the head that was named last, and what was known when the round began. */
  readonly caughtUp: boolean
  readonly head: number
  readonly hints: number
  readonly connections: number
}

export interface PullParts {
  readonly dialer: Dialer
  readonly options: ClientOptions
  readonly known: KnownBackend
  /** Called with the last event of each page. */
  readonly sees: (last: { readonly seqNum: number; readonly digest: string }) => void
}

/**
 * The pages behind a cursor, each asked for when the consumer wants it. A live pull then waits to be told of more,
 * and asks again after each reconnection and each `recheckMs`. A connection that is lost is waited for up to
 * `resumeMs`; then the pull fails with `IsOffline`.
 */
export const pull = (
  parts: PullParts,
  cursor: Option.Option<Cursor>,
  live: boolean,
): Stream.Stream<PullItem, PullError> => {
  // Suspended: building a pull does nothing, not even look at the cursor.
  const pages = Stream.suspend(() => Stream.unfold(startingAt(cursor), (position) => nextItem(parts, position, live)))
  if (!live) return pages
  const subscribed = Effect.acquireRelease(
    Effect.map(currentTrace, (trace) => parts.dialer.want(true, trace)),
    (release) => Effect.sync(release),
  )
  return Stream.unwrap(Effect.as(subscribed, pages))
}

const startingAt = (cursor: Option.Option<Cursor>): Position | UnknownError => {
  const start = { backendId: undefined, until: undefined, caughtUp: false, head: 0, hints: 0, connections: 0 }
  if (Option.isNone(cursor)) return { ...start, seqNum: 0, metadata: undefined }
  const { eventSequenceNumber, metadata } = cursor.value
  if (Option.isNone(metadata)) return { ...start, seqNum: eventSequenceNumber, metadata: undefined }
  const read = Schema.decodeUnknownOption(Metadata)(metadata.value)
  if (Option.isNone(read)) return new UnknownError({ message: "the cursor's metadata is not of this provider" })
  return { ...start, seqNum: eventSequenceNumber, metadata: read.value }
}

const nextItem = Effect.fnUntraced(function* (
  parts: PullParts,
  from: Position | UnknownError,
  live: boolean,
): Effect.fn.Return<readonly [PullItem, Position] | undefined, PullError> {
  if (from instanceof UnknownError) return yield* from
  let position = from
  for (;;) {
    if (position.caughtUp) {
      if (!live) return undefined
      yield* untilNews(parts, position)
    }
    const { hints, connections } = position.until === undefined ? parts.dialer.news() : position
    const { message: page, args } = yield* traced(
      "sync.pull",
      () => ({ kind: "client", attributes: { "sync.live": live }, cause: causeOf(parts, position) }),
      askForPage(parts, position, live),
    )
    const item = yield* readPage(parts, position, page, args)
    const wasCaughtUp = position.caughtUp
    const caughtUp = item.pageInfo._tag === "NoMore"
    const last = item.events.at(-1)
    const row = page.rows.at(-1)
    if (row !== undefined) parts.sees({ seqNum: row[0], digest: row[5] })
    position = {
      seqNum: last?.event.seqNum ?? position.seqNum,
      metadata: last === undefined ? position.metadata : (Option.getOrUndefined(last.metadata) as Metadata),
      backendId: page.backendId,
      until: caughtUp ? undefined : (position.until ?? page.head),
      caughtUp,
      // After an empty page only news are a reason to ask again.
      head: last === undefined ? 0 : page.head,
      hints,
      connections,
    }
    // A look that found nothing new is nobody's business.
    if (!wasCaughtUp || item.events.length > 0) return [item, position]
  }
})

/** What a live pull that has caught up asks again for: the span of the commit that it was told of. */
const causeOf = ({ dialer }: PullParts, { caughtUp, seqNum }: Position): string | undefined => {
  const { hint } = dialer.news()
  return caughtUp && hint !== undefined && hint.head > seqNum ? hint.trace : undefined
}

/** Asks for one page, over more than one connection if need be. */
const askForPage = Effect.fnUntraced(function* (
  parts: PullParts,
  position: Position,
  live: boolean,
): Effect.fn.Return<Framed<Page>, PullError> {
  const { dialer, options } = parts
  const known = position.backendId ?? (yield* parts.known.get)
  const { clock } = options
  const deadlineMs = clock.nowMs() + options.operationTimeoutMs
  let patienceMs = deadlineMs
  let lost = false
  for (;;) {
    const nowMs = clock.nowMs()
    const result = yield* Effect.result(
      request({
        dialer,
        options,
        tellCancel: false,
        repeatMs: options.repeatPageMs,
        withinMs: deadlineMs - nowMs,
        connectWithinMs: patienceMs - nowMs,
        frames: (id) => [
          encodeFrame({
            t: "pull",
            id,
            live,
            ...(known === undefined ? {} : { known }),
            after: { seqNum: position.seqNum, ...position.metadata },
            ...(position.until === undefined ? {} : { until: position.until }),
          }),
        ],
      }),
    )
    if (Result.isSuccess(result)) return yield* pageOf(result.success)
    const { sent, error } = result.failure
    if (sent && !lost) {
      lost = true
      patienceMs = Math.min(deadlineMs, clock.nowMs() + options.resumeMs)
    }
    // A closed client refuses at once: asking it again would turn in a circle.
    const mayCome = error._tag === "IsOffline" && lost && !dialer.news().closed
    if (!mayCome || clock.nowMs() >= patienceMs) return yield* Effect.fail(error)
  }
})

const pageOf = ({ message, args }: Answer): Effect.Effect<Framed<Page>, PullError> => {
  if (message.t === "page") return Effect.succeed({ message, args })
  if (message.t === "refused") return Effect.fail(pullError(message.error))
  return Effect.fail(new IsOffline({ message: `the backend answered a pull with ${message.t}` }))
}

/** Reads a page and proves that it goes on where the pull stands. */
const readPage = Effect.fnUntraced(function* (
  parts: PullParts,
  position: Position,
  page: Page,
  args: Framed<Page>["args"],
): Effect.fn.Return<PullItem, PullError> {
  const { backendId } = page
  const expected = position.backendId ?? (yield* parts.known.adopt(backendId))
  if (backendId !== expected) return yield* new BackendIdMismatch({ expected, received: backendId })
  const events = readEvents(position.seqNum, page, args)
  if ("_tag" in events) return yield* Effect.fail(events)
  if (events.length === 0 && page.info._tag !== "NoMore") {
    return yield* new UnknownError({ message: "the backend sent an empty page that is not the last" })
  }
  return { events, pageInfo: page.info }
})

/** The events of a page, or what is wrong with one. A plain loop: it runs for each event of a long log. */
const readEvents = (
  after: number,
  { backendId, rows }: Page,
  args: Framed<Page>["args"],
): ReadonlyArray<PulledEvent> | PullError => {
  const events: Array<PulledEvent> = []
  let previous = after
  for (const [index, [seqNum, parentSeqNum, name, clientId, sessionId, digest]] of rows.entries()) {
    if (parentSeqNum !== previous || seqNum <= previous) {
      return new UnknownError({ message: `event ${seqNum} on ${parentSeqNum} does not follow event ${previous}` })
    }
    previous = seqNum
    const event = { seqNum, parentSeqNum, name, clientId, sessionId }
    const metadata = Option.some({ backendId, digest })
    const argsText = args[index]
    try {
      events.push({ event: argsText === undefined ? event : { ...event, args: JSON.parse(argsText) }, metadata })
    } catch {
      return new IsOffline({ message: `the args of event ${seqNum} arrived broken` })
    }
  }
  return events
}

/** Waits until there may be something to pull: a head past this position, another life, a new connection, or time. */
const untilNews = (parts: PullParts, position: Position): Effect.Effect<void, PullError> => {
  if (position.head > position.seqNum) return Effect.void
  return Effect.callback((resume) => {
    const { dialer, options } = parts
    const { clock } = options
    let stopWaiting: (() => void) | undefined
    const look = (): void => {
      const { hint, hints, connections, lostAtMs, rejected } = dialer.news()
      if (rejected !== undefined) return done(Effect.fail(rejected))
      if (lostAtMs !== undefined) {
        const leftMs = Math.max(0, lostAtMs + options.resumeMs - clock.nowMs())
        const offline = new IsOffline({ message: "the connection was lost and did not come back" })
        stopWaiting ??= clock.after(leftMs, () => done(Effect.fail(offline)))
        return
      }
      stopWaiting?.()
      stopWaiting = undefined
      const moved = hint !== undefined && (hint.head > position.seqNum || hint.backendId !== position.backendId)
      if (connections !== position.connections || (hints !== position.hints && moved)) done(Effect.void)
    }
    const clean = (): void => {
      stopWaiting?.()
      stopRechecking()
      forget()
    }
    const done = (end: Effect.Effect<void, PullError>): void => {
      clean()
      resume(end)
    }
    const stopRechecking = clock.after(options.recheckMs, () => done(Effect.void))
    const forget = dialer.onNews(look)
    look()
    return Effect.sync(clean)
  })
}
