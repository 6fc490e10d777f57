import { Effect, Option } from "effect"
import {
  BackendIdMismatch,
  CursorAhead,
  InvalidPush,
  IsOffline,
  PayloadRejected,
  PushRejected,
  ServerAhead,
  UnknownError,
} from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import { mockTimes } from "../capabilities.ts"
import { decodeDown, LineReader } from "../codec.ts"
import type { CursorMetadata, WireEvent } from "../wire.ts"
import type { ClientSeams, TimedOperation } from "./seams.ts"

const deadlinesMs: Readonly<Record<TimedOperation, number>> = {
  connect: mockTimes.operationMs,
  push: mockTimes.operationMs,
  pull: mockTimes.operationMs,
  live: mockTimes.livePageMs,
  ping: mockTimes.pingMs,
}

/** Twice the gap each time up to the ceiling, and up to a tenth more, drawn once for an outage: gaps never shrink. */
const reconnectGapMs: ClientSeams["reconnectGapMs"] = ({ client, outage, failures, draw }) => {
  const bare = Math.min(mockTimes.gapCeilingMs, mockTimes.gapFloorMs * 2 ** Math.min(failures, 16))
  const jitter = draw(`reconnect ${client.storeId} ${client.clientId} ${outage}`, 101) / 1_000
  return Math.round(bare * (1 + jitter))
}

const mapError: ClientSeams["mapError"] = (error) => {
  const text = (member: string) => (typeof error[member] === "string" ? (error[member] as string) : "")
  const number = (member: string) => (typeof error[member] === "number" ? (error[member] as number) : 0)
  const message = text("message")
  switch (error.tag) {
    case "ServerAhead":
      return new ServerAhead({ head: number("head"), providedParent: number("providedParent") })
    case "InvalidPush":
      return new InvalidPush({ message })
    case "PushRejected":
      return new PushRejected({ reason: text("reason") })
    case "PayloadRejected":
      return new PayloadRejected({ message })
    case "BackendIdMismatch":
      return new BackendIdMismatch({ expected: text("expected"), received: text("received") })
    case "CursorAhead":
      return new CursorAhead({ cursor: number("cursor"), head: number("head") })
    case "IsOffline":
      return new IsOffline({ message })
    default:
      return new UnknownError({ message })
  }
}

const isPlain = ({ seqNum, parentSeqNum, name, clientId, sessionId }: EventEncoded): boolean =>
  Number.isFinite(seqNum) &&
  Number.isFinite(parentSeqNum) &&
  typeof name === "string" &&
  typeof clientId === "string" &&
  typeof sessionId === "string"

/** What is no JSON stands as text, so that the backend can name it in its refusal; what cannot, throws. */
const spelled = (event: WireEvent): WireEvent => {
  const members = Object.entries(event).map(([key, value]) => [
    key,
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  ])
  return JSON.parse(JSON.stringify(Object.fromEntries(members))) as WireEvent
}

const encodeEvent = (event: EventEncoded): WireEvent => {
  const { seqNum, parentSeqNum, name, args, clientId, sessionId } = event
  const text = args === undefined ? undefined : (JSON.stringify(args) as string | undefined)
  const wire: WireEvent =
    text === undefined
      ? { seqNum, parentSeqNum, name, clientId, sessionId }
      : { seqNum, parentSeqNum, name, args: text, clientId, sessionId }
  return isPlain(event) ? wire : spelled(wire)
}

const encodeBatch: ClientSeams["encodeBatch"] = (batch) => {
  try {
    return Effect.succeed(batch.map(encodeEvent))
  } catch (error) {
    return Effect.fail(
      new InvalidPush({ message: `the batch is no JSON: ${error instanceof Error ? error.message : String(error)}` }),
    )
  }
}

/** Where the backendId of a store is remembered. */
const backendIdKey = (storeId: string): string => `backendId ${storeId}`

const known: ClientSeams["known"] = ({ memory, storeId }) => memory.get(backendIdKey(storeId))

const remember: ClientSeams["remember"] = ({ memory, storeId, backendId }) =>
  Effect.flatMap(known({ memory, storeId }), (before) =>
    before === undefined ? Effect.as(memory.set(backendIdKey(storeId), backendId), backendId) : Effect.succeed(before),
  )

/** Reads the metadata of a cursor; what is not this provider's is as good as none. */
const cursorMetadata = (metadata: unknown): CursorMetadata | undefined => {
  if (typeof metadata !== "object" || metadata === null) return undefined
  const { backendId, digest } = metadata as Record<string, unknown>
  return typeof backendId === "string" && typeof digest === "number" ? { backendId, digest } : undefined
}

const position: ClientSeams["position"] = (cursor) => {
  if (Option.isNone(cursor)) return {}
  const at = cursorMetadata(Option.getOrUndefined(cursor.value.metadata))
  return { after: cursor.value.eventSequenceNumber, ...(at === undefined ? {} : { at }) }
}

/** The client as it should be. */
export const referenceClientSeams: ClientSeams = {
  hello: ({ storeId, clientId, payload }) => ({
    t: "hello",
    store: storeId,
    client: clientId,
    ...(payload === undefined ? {} : { payload }),
  }),
  reconnectGapMs,
  heartbeat: () => ({ pingAfterMs: mockTimes.pingAfterMs, lostAfterMs: mockTimes.lostAfterMs }),
  deadlineMs: (operation) => deadlinesMs[operation],
  clock: ({ monotonicMs }) => monotonicMs(),
  status: (connected) => connected,
  mapError,
  encodeBatch,
  sendPush: ({ send }) => send,
  known,
  remember,
  position,
  metadata: ({ event, backendId }) => Option.some({ backendId, digest: event.digest } satisfies CursorMetadata),
  deliver: ({ item }) => [item],
  onPoke: ({ head, cursor }) => head > cursor,
  resumeAt: (at) => at,
  isLive: (options) => options?.live === true,
  staysOpen: () => true,
  release: ({ close }) => close(),
  wrap: ({ provider }) => Effect.succeed(provider),
  reader: () => new LineReader(),
  decodeDown,
}
