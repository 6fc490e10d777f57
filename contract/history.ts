import { Schema } from "effect"
import { anomalies } from "./anomaly.ts"

/**
 * The history format: `history.ndjson`, one record a line, a section for each check that begins with a `begin`
 * record and ends with a seal. Order is by `i`, a counter over the section. `t` is monotonic nanoseconds since the section began; it
 * serves deadlines within one process and is virtual in the virtual world. A section holds all that a verdict
 * needs: `rejudge` reads nothing else.
 */

/**
 * What a written history keeps of long arguments: the first half of the SHA-256 of their value, in hex (the order of
 * keys changes nothing), the size of their JSON text in bytes of UTF-8, its beginning, the `mark` in them, and whether
 * they are so small and plain that no provider has a reason to refuse them.
 */
export const ArgsDigest = Schema.Struct({
  sha256: Schema.String,
  sizeBytes: Schema.Number,
  begins: Schema.String,
  mark: Schema.optionalKey(Schema.String),
  plain: Schema.Boolean,
})
export type ArgsDigest = typeof ArgsDigest.Type

/**
 * An event as it was when it was handed over. `args` is its JSON text, absent when the event had none; in a written
 * history `argsDigest` stands in place of long ones. What cannot stand in JSON (a NaN, a cyclic value) is described in
 * `odd`; a `seqNum` or `parentSeqNum` that is no number is then recorded as 0.
 */
export const RecordedEvent = Schema.Struct({
  seqNum: Schema.Number,
  parentSeqNum: Schema.Number,
  name: Schema.String,
  args: Schema.optionalKey(Schema.String),
  argsDigest: Schema.optionalKey(ArgsDigest),
  clientId: Schema.String,
  sessionId: Schema.String,
  odd: Schema.optionalKey(Schema.String),
})
export type RecordedEvent = typeof RecordedEvent.Type

/** An error as recorded. `head` and `providedParent` come with `ServerAhead`; `expected` and `received` with `BackendIdMismatch`. */
export const RecordedError = Schema.Struct({
  tag: Schema.String,
  message: Schema.optionalKey(Schema.String),
  head: Schema.optionalKey(Schema.Number),
  providedParent: Schema.optionalKey(Schema.Number),
  expected: Schema.optionalKey(Schema.String),
  received: Schema.optionalKey(Schema.String),
})
export type RecordedError = typeof RecordedError.Type

const at = { i: Schema.Number, t: Schema.Number }
const record = <K extends string, F extends Schema.Struct.Fields>(k: K, fields: F) =>
  Schema.Struct({ k: Schema.Literal(k), ...at, ...fields })

export const OperationName = Schema.Literals(["connect", "push", "pull", "live", "ping"])
export type OperationName = typeof OperationName.Type

/** Begins a section: what ran, and the declared numbers that verdicts use. */
export const Begin = record("begin", {
  schema: Schema.Literal(1),
  check: Schema.String,
  clause: Schema.String,
  provider: Schema.String,
  seed: Schema.Number,
  world: Schema.Literals(["virtual", "real"]),
  errors: Schema.Literals(["full", "livestore"]),
  pullPageInfoKnown: Schema.Boolean,
  pageEvents: Schema.Number,
  pageBytes: Schema.Number,
  deadlineMs: Schema.Number,
  detectionMs: Schema.Number,
  recoveryMs: Schema.Number,
  deliveryMs: Schema.Number,
})

export const HistoryRecord = Schema.Union([
  Begin,
  /** A client was opened; `memory` says whether it has its earlier memory. `rejected`: its payload is one that the application refuses. */
  record("client", {
    client: Schema.String,
    store: Schema.String,
    memory: Schema.Literals(["fresh", "kept"]),
    rejected: Schema.optionalKey(Schema.Boolean),
  }),
  record("client-end", { client: Schema.String, how: Schema.Literals(["close", "crash"]) }),
  /** `cursor` is a seqNum, absent for a pull without one. */
  record("invoke", {
    op: Schema.Number,
    client: Schema.String,
    store: Schema.String,
    f: OperationName,
    batch: Schema.optionalKey(Schema.Array(RecordedEvent)),
    cursor: Schema.optionalKey(Schema.Number),
  }),
  /** The operation succeeded; a pull or live pull completed. */
  record("ok", { op: Schema.Number }),
  /** A definite refusal, or `CursorAhead`. */
  record("refused", { op: Schema.Number, error: RecordedError }),
  /** `IsOffline`, an unknown error, or an error that the contract does not know. */
  record("indefinite", { op: Schema.Number, error: RecordedError }),
  /** One item of a pull. `remaining` is there for `MoreKnown`. */
  record("page", {
    op: Schema.Number,
    events: Schema.Array(RecordedEvent),
    info: Schema.Literals(["NoMore", "MoreKnown", "MoreUnknown"]),
    remaining: Schema.optionalKey(Schema.Number),
  }),
  /** The harness asked the operation to stop; `interrupted` once it did. */
  record("interrupt", { op: Schema.Number }),
  record("interrupted", { op: Schema.Number }),
  /** The deadline passed. The operation stays recorded: a later `ok`, `refused` or `indefinite` is still judged. */
  record("stuck", {
    op: Schema.Number,
    afterMs: Schema.Number,
    outstanding: Schema.Array(Schema.String),
    frames: Schema.Array(Schema.String),
  }),
  /** A defect, a synchronous throw or an unhandled rejection. */
  record("defect", {
    op: Schema.optionalKey(Schema.Number),
    client: Schema.optionalKey(Schema.String),
    message: Schema.String,
  }),
  record("status", { client: Schema.String, connected: Schema.Boolean }),
  /** A fault on a link (`client` names whose) or on storage. `bit` is recorded when the victim showed it. */
  record("fault", {
    name: Schema.String,
    phase: Schema.Literals(["on", "bit", "off"]),
    client: Schema.optionalKey(Schema.String),
    store: Schema.optionalKey(Schema.String),
    detail: Schema.optionalKey(Schema.String),
  }),
  /** The data's life ends (`start`) and the next has begun (`done`). `head` is the restored snapshot's, 0 for a wipe. */
  record("life", {
    store: Schema.String,
    how: Schema.Literals(["wipe", "wipe-beneath", "restore"]),
    phase: Schema.Literals(["start", "done"]),
    head: Schema.optionalKey(Schema.Number),
  }),
  /** Something happens to the backend's process. */
  record("process", {
    what: Schema.Literals(["kill", "start", "restart", "pause", "resume", "evict", "hibernate", "deploy"]),
    phase: Schema.Literals(["start", "done"]),
    store: Schema.optionalKey(Schema.String),
  }),
  /** The final log, read past the provider (`inspect`) or by a fresh client (`pull`). */
  record("truth", {
    store: Schema.String,
    source: Schema.Literals(["inspect", "pull"]),
    events: Schema.Array(RecordedEvent),
  }),
  /**
   * What a whole client holds once nothing is under way any more: the log that it applied, what it has not got rid of,
   * the marks of all that it committed, and what it made of its log, as text.
   */
  record("replica", {
    client: Schema.String,
    store: Schema.String,
    log: Schema.Array(RecordedEvent),
    pending: Schema.Array(RecordedEvent),
    committed: Schema.Array(Schema.String),
    state: Schema.optionalKey(Schema.String),
  }),
  /** A wire frame, where asked for. */
  record("frame", {
    client: Schema.String,
    direction: Schema.Literals(["up", "down"]),
    label: Schema.String,
    size: Schema.Number,
  }),
  /** How late the harness's own heartbeat was. */
  record("lag", { ms: Schema.Number }),
  /** From here on the application refuses this client's payload. */
  record("revoked", { client: Schema.String }),
  /** From here on this client may be handed a cursor of another store, so that a mismatch of identities is right for it. */
  record("foreign-cursor", { client: Schema.String }),
  /** The reader of this pull stops reading, and reads again: verdicts on delivery are suspended in between. */
  record("paused", { op: Schema.Number }),
  record("resumed", { op: Schema.Number }),
  /** Words for people: no verdict hangs on them. */
  record("note", { text: Schema.String }),
  /** What the check itself found, beyond what a record can show. */
  record("finding", {
    anomaly: Schema.Literals(anomalies),
    sentence: Schema.String,
    records: Schema.Array(Schema.Number),
  }),
  /** A premise of the check did not hold, so it judges nothing. */
  record("unjudged", { reason: Schema.String }),
  record("end", {}),
])
export type HistoryRecord = typeof HistoryRecord.Type

/**
 * The line that ends a section in a file: how many records it has, four hex digits of each line's checksum (CRC-32),
 * and the beginning of the SHA-256 of all of them. It is no record and is not judged.
 */
export const Seal = Schema.Struct({
  k: Schema.Literal("seal"),
  records: Schema.Number,
  lines: Schema.String,
  sha256: Schema.String,
})
export type Seal = typeof Seal.Type
export type RecordOf<K extends HistoryRecord["k"]> = Extract<HistoryRecord, { readonly k: K }>
