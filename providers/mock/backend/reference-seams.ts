import { Effect } from "effect"
import {
  BackendIdMismatch,
  CursorAhead,
  PayloadRejected,
  PushRejected,
  UnknownError,
} from "../../../contract/errors.ts"
import { judgeEvent } from "../../../contract/test-application.ts"
import { decodeUp, encodeFrame, encodePage } from "../codec.ts"
import { rowsUpTo, type StoreView } from "../store-data.ts"
import { rootDigest, storedBatch } from "../stored-event.ts"
import type { PongFrame, WireEvent } from "../wire.ts"
import { admit } from "./admit.ts"
import type { BackendSeams } from "./seams.ts"
import { statement } from "./statement.ts"

const authorise: BackendSeams["authorise"] = ({ context, hook, record }) => {
  const { app, attachment, storeId } = context
  if (record) app.record(hook, storeId, attachment.payload)
  const verdict = app.judge(attachment.payload)
  return verdict.ok ? Effect.void : Effect.fail(new PayloadRejected({ message: verdict.reason }))
}

const identity: BackendSeams["identity"] = ({ context, known, at }) =>
  Effect.flatMapEager(
    statement(context, () => context.storage.identity(context.storeId)),
    (backendId) => {
      // A client that knows this life and holds a cursor of another has a foreign cursor; its data is of this life.
      const expected = known ?? at?.backendId
      return expected === undefined || expected === backendId
        ? Effect.succeed(backendId)
        : Effect.fail(new BackendIdMismatch({ expected, received: backendId }))
    },
  )

/**
 * An event as the application sees it: its arguments are read only where the application has a rule for it. A class,
 * because the engine turns each literal with a getter into a dictionary.
 */
class SeenEvent {
  readonly name: string
  private readonly text: string | undefined

  constructor({ name, args }: WireEvent) {
    this.name = name
    this.text = args
  }

  get args(): unknown {
    return this.text === undefined ? undefined : JSON.parse(this.text)
  }
}

/** What the application says about an event. */
const verdictOn = (event: WireEvent) => judgeEvent(new SeenEvent(event))

const accepts = (verdict: ReturnType<typeof verdictOn>): boolean =>
  typeof verdict === "object" && "ok" in verdict && verdict.ok

const rejectEvents: BackendSeams["rejectEvents"] = ({ events }) => {
  const verdicts = events.map(verdictOn)
  return verdicts.every(accepts) ? Effect.void : carriedOut(verdicts)
}

/** Waits where the application does, up to the first event that it refuses. */
const carriedOut = Effect.fnUntraced(function* (
  verdicts: ReadonlyArray<ReturnType<typeof verdictOn>>,
): Effect.fn.Return<void, PushRejected> {
  for (const verdict of verdicts) {
    if (verdict === "throw") return yield* new PushRejected({ reason: "the application's push hook threw" })
    if ("waitMs" in verdict) yield* Effect.sleep(verdict.waitMs)
    else if (!verdict.ok) return yield* new PushRejected({ reason: verdict.reason })
  }
})

const takeOver: BackendSeams["takeOver"] = ({ context }) =>
  statement(context, () => context.storage.takeOver(context.storeId, context.object.term))

const append: BackendSeams["append"] = ({ context, backendId, events, head }) => {
  const { storage, storeId, object } = context
  const write = () => {
    const digest = storage.read(storeId).rows.at(-1)?.digest ?? rootDigest
    return storage.write(storeId, backendId, { rows: storedBatch(events, digest), head }, object.term)
  }
  return statement(context, write, "write")
}

const sync: BackendSeams["sync"] = ({ context }) =>
  context.storage.hasUnsynced(context.storeId)
    ? statement(context, () => context.storage.flush(context.storeId), "write")
    : Effect.void

/** A copy that lags is told by its version, and left alone. */
const source: BackendSeams["source"] = (context) =>
  statement(context, () => {
    const { storage, storeId } = context
    const copy = storage.nearest(storeId)
    return copy.version === storage.version(storeId) ? copy : storage.read(storeId)
  })

const publish: BackendSeams["publish"] = ({ context, head }) => {
  const poke = encodeFrame({ t: "poke", head })
  for (const peer of context.peers()) {
    if ((peer.attachment?.subscriptions.length ?? 0) > 0) peer.send(poke)
  }
  return Effect.void
}

const subscribe: BackendSeams["subscribe"] = ({ context: { connection }, sub }) => {
  const { attachment } = connection
  if (attachment !== undefined && !attachment.subscriptions.includes(sub)) {
    connection.attachment = { ...attachment, subscriptions: [...attachment.subscriptions, sub] }
  }
  return Effect.void
}

const unsubscribe: BackendSeams["unsubscribe"] = ({ context: { connection }, sub }) => {
  const { attachment } = connection
  if (attachment !== undefined) {
    const subscriptions = attachment.subscriptions.filter((other) => other !== sub)
    connection.attachment = { ...attachment, subscriptions }
  }
  return Effect.void
}

const digestAt = (data: StoreView, rows: number): number => (rows === 0 ? rootDigest : data.rows[rows - 1]!.digest)

const locate: BackendSeams["locate"] = ({ context, backendId, after = 0, at }) =>
  Effect.flatMapEager(context.view(), (data): Effect.Effect<number, CursorAhead | UnknownError> => {
    if (after > data.head) return Effect.fail(new CursorAhead({ cursor: after, head: data.head }))
    const rows = rowsUpTo(data, after)
    const fits =
      rows !== undefined && (at === undefined || (at.backendId === backendId && at.digest === digestAt(data, rows)))
    // The contract has no name for it: the log does reach as far, and the life is the one that the client knows.
    return fits
      ? Effect.succeed(rows)
      : Effect.fail(new UnknownError({ message: `the event of cursor ${after} is not in this log` }))
  })

const readPage: BackendSeams["readPage"] = ({ context, position, until }) =>
  Effect.mapEager(context.view(), (data) => {
    const { pageEvents, pageBytes } = context.limits
    const end = (until === undefined ? undefined : rowsUpTo(data, until)) ?? data.rows.length
    const stop = Math.min(end, position + pageEvents)
    let next = position
    for (let bytes = 0; next < stop; next++) {
      bytes += data.rows[next]!.sizeBytes
      if (bytes > pageBytes && next > position) break
    }
    return { rows: data.rows.slice(position, next), position, end }
  })

const pageInfo: BackendSeams["pageInfo"] = ({ context, read, after }) =>
  Effect.mapEager(context.view(), ({ rows }) => {
    const remaining = Math.max(0, read.end - read.position - read.rows.length)
    const last = read.rows.at(-1)?.seqNum ?? after
    const until = remaining === 0 ? last : (rows[read.end - 1]?.seqNum ?? last)
    return { remaining, until }
  })

const pong: BackendSeams["pong"] = ({ id, attachment, storage, app }): PongFrame => {
  if (attachment === undefined) return { t: "pong", id, ok: true }
  const verdict = app.judge(attachment.payload)
  if (!verdict.ok) return { t: "pong", id, ok: true, refused: verdict.reason }
  try {
    const { head, backendId } = storage.read(attachment.storeId)
    return { t: "pong", id, ok: true, head, ...(backendId === undefined ? {} : { backendId }) }
  } catch {
    return { t: "pong", id, ok: false }
  }
}

/** The backend as it should be. What can be done at once is done within the call of a seam. */
export const referenceBackendSeams: BackendSeams = {
  authorise,
  takeOver,
  identity,
  rejectEvents,
  exclusive: (context, admission) => context.object.lock.withPermit(admission),
  admit,
  setHead: ({ events, head }) => Effect.succeed(events.at(-1)?.seqNum ?? head),
  append,
  sync,
  source,
  acknowledge: ({ context, frame }) => {
    context.connection.send(encodeFrame(frame))
    return Effect.void
  },
  publish,
  subscribe,
  unsubscribe,
  disconnected: (connection, registry) => void registry.delete(connection),
  locate,
  readPage,
  pageInfo,
  pong,
  encodePage,
  decodeUp,
}
