import { Schema } from "effect"

/**
 * Errors of the contract. A definite refusal (`ServerAhead`, `InvalidPush`, `PushRejected`, `PayloadRejected`,
 * `BackendIdMismatch`) promises that this attempt appends nothing, ever. `IsOffline` and `UnknownError` are
 * indefinite: the batch is there whole, once, or not at all.
 */

/** The backend cannot be reached now. The only error after which LiveStore's leader retries a pull. */
export class IsOffline extends Schema.TaggedError<IsOffline>()("IsOffline", { message: Schema.String }) {}

/** The batch does not stand on the head. `head` is the backend's head at some instant of the call. */
export class ServerAhead extends Schema.TaggedError<ServerAhead>()("ServerAhead", {
  head: Schema.Number,
  providedParent: Schema.Number,
}) {}

/** The batch is malformed: broken chain, bad number, too large, arguments that are no JSON. */
export class InvalidPush extends Schema.TaggedError<InvalidPush>()("InvalidPush", { message: Schema.String }) {}

/** The application refused an event of the batch; `reason` is the application's own. */
export class PushRejected extends Schema.TaggedError<PushRejected>()("PushRejected", { reason: Schema.String }) {}

/** The application refused the payload that came with the connection. */
export class PayloadRejected extends Schema.TaggedError<PayloadRejected>()("PayloadRejected", {
  message: Schema.String,
}) {}

/** The backend's data began another life: what this client knows is of no use there. */
export class BackendIdMismatch extends Schema.TaggedError<BackendIdMismatch>()("BackendIdMismatch", {
  expected: Schema.String,
  received: Schema.String,
}) {}

/** The cursor stands past the head. */
export class CursorAhead extends Schema.TaggedError<CursorAhead>()("CursorAhead", {
  cursor: Schema.Number,
  head: Schema.Number,
}) {}

/** Anything else. Satisfies "settles" and no clause that asks for a type. */
export class UnknownError extends Schema.TaggedError<UnknownError>()("UnknownError", { message: Schema.String }) {}

export type ConnectError = IsOffline | PayloadRejected | BackendIdMismatch | UnknownError
export type PushError =
  | IsOffline
  | ServerAhead
  | InvalidPush
  | PushRejected
  | PayloadRejected
  | BackendIdMismatch
  | UnknownError
export type PullError = IsOffline | PayloadRejected | BackendIdMismatch | CursorAhead | UnknownError
export type PingError = IsOffline | PayloadRejected | UnknownError

/** Every error that an operation of a provider can end with. */
export const SyncError = Schema.Union([
  IsOffline,
  ServerAhead,
  InvalidPush,
  PushRejected,
  PayloadRejected,
  BackendIdMismatch,
  CursorAhead,
  UnknownError,
])
export type SyncError = typeof SyncError.Type
export type SyncErrorTag = SyncError["_tag"]

const definiteRefusals: ReadonlySet<string> = new Set([
  "ServerAhead",
  "InvalidPush",
  "PushRejected",
  "PayloadRejected",
  "BackendIdMismatch",
] satisfies ReadonlyArray<SyncErrorTag>)

/** Whether a push that ended with this error has promised that it appends nothing. */
export const isDefiniteRefusal = (tag: string): boolean => definiteRefusals.has(tag)

/** The host of a provider, not the provider, failed: a process that would not start, storage that could not be read. */
export class HostError extends Schema.TaggedError<HostError>()("HostError", { message: Schema.String }) {}
