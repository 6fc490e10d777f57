import { Option, Schema } from "effect"
import { SyncError } from "../../contract/errors.ts"
import { PageInfo } from "../../contract/event.ts"

/**
 * The protocol between client and Worker, over one WebSocket of text frames.
 *
 * A frame is a line of JSON (the message), followed by one line for each event of the message's `rows`: the
 * event's `args` as the JSON text that `JSON.stringify` made, empty where there are none. So `args` travel and are
 * stored byte for byte and are never parsed on the way. JSON text holds no raw line feed and no lone surrogate.
 *
 * The client opens with `hello`; the backend answers `welcome`, or `refused` without an id and a close. A push
 * wakes live clients with a `poke`: the new head alone. They pull, so that the log alone decides the order.
 */
export const protocolVersion = 1

/** Largest frame that either side sends, in bytes; the platform takes 1 MiB. */
export const frameBytes = 900_000

/** Heartbeat: answered by the runtime itself, so that it never wakes a sleeping object. */
export const pingFrame = `{"t":"ping"}`

/** Close codes of the backend, beside the standard ones. */
export const closeCodes = { refused: 4403, protocol: 4400, stale: 4408, restarting: 1012, tooLarge: 1009 } as const

const Id = Schema.Number
const optional = Schema.optionalKey

/** The `traceparent` of the span that a message was sent in, where there is one: the last member of its message. */
const trace = { trace: optional(Schema.String) }

/** A cursor on the wire: root is `seqNum` 0. */
const After = Schema.Struct({
  seqNum: Schema.Number,
  backendId: optional(Schema.String),
  digest: optional(Schema.String),
})

/** An event as it is pushed: seqNum, parentSeqNum, name, clientId, sessionId. Admission judges the values. */
const PushedRow = Schema.Array(Schema.Unknown)

/** An event as it is pulled, with the digest of the log up to it: what a cursor that stands on it carries. */
const PulledRow = Schema.Tuple([
  Schema.Number,
  Schema.Number,
  Schema.String,
  Schema.String,
  Schema.String,
  Schema.String,
])
export type PulledRow = typeof PulledRow.Type

const message = <const T extends string, F extends Schema.Struct.Fields>(t: T, fields: F) =>
  Schema.Struct({ t: Schema.Literal(t), ...fields })

/** What a client says. Ids count up on one connection, so that a frame that comes twice is noticed. */
export const ClientMessage = Schema.Union([
  message("hello", {
    version: Schema.Number,
    storeId: Schema.String,
    clientId: Schema.String,
    payload: optional(Schema.Unknown),
    /** A client that is silent for longer than this is gone. */
    silenceMs: Schema.Number,
    /** Over requests: names the client's connection, so that a push that comes twice is noticed. */
    link: optional(Schema.String),
    ...trace,
  }),
  /** One part of a batch of `events`; the last part commits it. `known` is the backendId that the client knows. */
  message("push", {
    id: Id,
    part: Schema.Number,
    parts: Schema.Number,
    events: Schema.Number,
    known: optional(Schema.String),
    /** The last event of the log that the client has seen, with the digest up to it. */
    seen: optional(Schema.Struct({ seqNum: Schema.Number, digest: Schema.String })),
    rows: Schema.Array(PushedRow),
    ...trace,
  }),
  /**
   * The next page behind a cursor. With `until` the log is taken to end there: the head that the first page of a
   * pull named, so that a pull ends however fast others push.
   */
  message("pull", {
    id: Id,
    live: Schema.Boolean,
    known: optional(Schema.String),
    after: After,
    until: optional(Schema.Number),
    ...trace,
  }),
  /** How many live pulls stand on this connection: pokes go to those with any. */
  message("watch", {
    id: Id,
    live: Schema.Number,
    /** Over requests: how often the backend says where the log ends, in milliseconds. */
    beatMs: optional(Schema.Number),
  }),
  /** Asks the object itself, not the runtime, for a sign of life. */
  message("check", { id: Id, ...trace }),
  /** The caller of a request is gone: a push that is not committed is dropped. */
  message("cancel", { id: Id }),
])
export type ClientMessage = typeof ClientMessage.Type

/** Why the backend does not serve a request, beside the contract's errors. */
const Unavailable = Schema.TaggedStruct("Unavailable", { message: Schema.String })
export const unavailable = (message: string) => ({ _tag: "Unavailable", message }) as const
const UnsupportedVersion = Schema.TaggedStruct("UnsupportedVersion", { supported: Schema.Number })
export const WireError = Schema.Union([SyncError, Unavailable, UnsupportedVersion])
export type WireError = typeof WireError.Type
export const encodeWireError = Schema.encodeSync(WireError)

/** What the backend says. Every answer carries the identity of its data's life. */
export const BackendMessage = Schema.Union([
  message("welcome", { version: Schema.Number, backendId: Schema.String, head: Schema.Number }),
  message("pushed", { id: Id, backendId: Schema.String, head: Schema.Number, digest: Schema.String }),
  message("page", {
    id: Id,
    live: Schema.Boolean,
    backendId: Schema.String,
    head: Schema.Number,
    info: PageInfo,
    rows: Schema.Array(PulledRow),
  }),
  message("checked", { id: Id, backendId: Schema.String, head: Schema.Number }),
  message("poke", { backendId: Schema.String, head: Schema.Number, ...trace }),
  message("pong", { backendId: Schema.String, head: Schema.Number }),
  /** Without an id the connection is refused, and closed. */
  message("refused", { id: optional(Id), error: WireError }),
])
export type BackendMessage = typeof BackendMessage.Type
/** A message of the backend before it is encoded: errors are plain records. */
export type BackendMessageEncoded = typeof BackendMessage.Encoded

/** A message and the `args` lines of its rows; undefined where an event has none. */
export interface Framed<Message> {
  readonly message: Message
  readonly args: ReadonlyArray<string | undefined>
}

/** Makes a frame. */
export const encodeFrame = (
  message: ClientMessage | BackendMessageEncoded,
  args: ReadonlyArray<string | undefined> = [],
): string => {
  let frame = JSON.stringify(message)
  for (const line of args) frame += line === undefined ? "\n" : `\n${line}`
  return frame
}

/** Reads the frame that begins at a line, and says where the next one does. */
const readFrameAt = <Message>(
  decode: (value: unknown) => Option.Option<Message>,
  lines: ReadonlyArray<string>,
  at: number,
): { readonly frame: Framed<Message>; readonly next: number } | undefined => {
  const message = Option.getOrUndefined(decode(parseJson(lines[at] ?? "")))
  if (message === undefined) return undefined
  const rows = (message as { readonly rows?: ReadonlyArray<unknown> }).rows?.length ?? 0
  const next = at + 1 + rows
  if (lines.length < next) return undefined
  return { frame: { message, args: lines.slice(at + 1, next).map((line) => (line === "" ? undefined : line)) }, next }
}

/** Reads frames that stand one behind the other; undefined when one is none of this protocol. */
const decodeFramesWith =
  <Message>(decode: (value: unknown) => Option.Option<Message>) =>
  (text: string): ReadonlyArray<Framed<Message>> | undefined => {
    const lines = text.split("\n")
    const frames: Array<Framed<Message>> = []
    for (let at = 0; at < lines.length;) {
      const read = readFrameAt(decode, lines, at)
      if (read === undefined) return undefined
      frames.push(read.frame)
      at = read.next
    }
    return frames
  }

/** Reads a frame; undefined when it is none of this protocol. */
const decodeWith =
  <Message>(decode: (value: unknown) => Option.Option<Message>) =>
  (text: unknown): Framed<Message> | undefined => {
    if (typeof text !== "string") return undefined
    const lines = text.split("\n")
    const read = readFrameAt(decode, lines, 0)
    return read?.next === lines.length ? read.frame : undefined
  }

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const decodeClientFrame = decodeWith(Schema.decodeUnknownOption(ClientMessage))
export const decodeBackendFrame = decodeWith(Schema.decodeUnknownOption(BackendMessage))
export const decodeBackendFrames = decodeFramesWith(Schema.decodeUnknownOption(BackendMessage))

/** Keys that were hashed lately: a client asks for that of its store again and again. */
const knownKeys = new Map<string, string>()
const mostKnownKeys = 1_000

/**
 * The name under which a store's object is found: a hash of the exact string, so that long names and names that
 * differ only in case or unicode form stay apart. The JSON text keeps lone surrogates apart too.
 */
export const storeKey = async (storeId: string): Promise<string> => {
  const text = JSON.stringify(storeId)
  const known = knownKeys.get(text)
  if (known !== undefined) return known
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
  const key = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  if (knownKeys.size >= mostKnownKeys) knownKeys.clear()
  knownKeys.set(text, key)
  return key
}
