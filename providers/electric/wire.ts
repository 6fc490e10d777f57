import type { Hook } from "../../contract/test-application.ts"

/*
 * The push API's protocol over HTTP/1.1, JSON in both directions. Paths stand under `/v1/stores/<key>/`, where the key
 * is the hash of the store's name. What the client hands over with its connection stands in `credentialsHeader`.
 *
 *   POST connect, check       {}                          200 { backendId, head, digest }
 *   POST push                 { rows, known?, seen? }     200 { backendId, head, digest }
 *   POST pull, live           { known?, after, pull }     200 { backendId, head, digest, remaining }
 *   GET  pull/shape, live/shape?life=…&pull=…&offset=…    Electric's answer for the table of that life
 *
 * A refusal is another status with `{ error }`. Everything else is none of this protocol, whatever its status.
 */

/** Carries `{ payload? }` as base64url of JSON. */
export const credentialsHeader = "x-sync-credentials"

/** What a client hands over. `payload` is absent where there is none. */
export interface Credentials {
  readonly payload?: unknown
}

/** An event as it is pushed: seqNum, parentSeqNum, name, clientId, sessionId, the JSON text of args or null. */
export type PushedRow = readonly [unknown, unknown, unknown, unknown, unknown, unknown]

/** An event that a client has: its number, and the digest of the log up to it where the client knows that. */
export interface SeenEvent {
  readonly seqNum: number
  readonly digest?: string
}

export interface PushBody {
  readonly rows: ReadonlyArray<PushedRow>
  /** The life that the client belongs to, where it knows one. */
  readonly known?: string
  /** The last event that the client saw of the log. */
  readonly seen?: SeenEvent
}

export interface PullBody {
  readonly known?: string
  readonly after: SeenEvent & { readonly backendId?: string }
  /** Names the pull; its requests for the shape name it too. */
  readonly pull: string
}

/** The log's head, read in Postgres. `digest` is of the whole log up to it; it is empty for an empty log. */
export interface HeadAnswer {
  readonly backendId: string
  readonly head: number
  readonly digest: string
  /** Answers to a pull: how many events stand behind the cursor. */
  readonly remaining?: number
}

/** Why something is refused: an error of the contract, or storage that cannot be asked now. */
export type Refusal =
  | { readonly _tag: "ServerAhead"; readonly head: number; readonly providedParent: number }
  | { readonly _tag: "InvalidPush"; readonly message: string }
  | { readonly _tag: "PushRejected"; readonly reason: string }
  | { readonly _tag: "PayloadRejected"; readonly message: string }
  | { readonly _tag: "BackendIdMismatch"; readonly expected: string; readonly received: string }
  | { readonly _tag: "CursorAhead"; readonly cursor: number; readonly head: number }
  | { readonly _tag: "UnknownError"; readonly message: string }
  | { readonly _tag: "Unavailable"; readonly message: string }

/** The status that goes with a refusal. */
export const statusOf: Readonly<Record<Refusal["_tag"], number>> = {
  ServerAhead: 409,
  InvalidPush: 422,
  PushRejected: 422,
  PayloadRejected: 403,
  BackendIdMismatch: 410,
  CursorAhead: 416,
  UnknownError: 400,
  Unavailable: 503,
}

/** Requests that are answered with JSON, by the hook that they call; a check calls none. */
export type Route = Hook | "check"

/** A row of a log's table, as Electric gives it to the official client. Positions count from 1. */
export interface LogRow {
  readonly seqNum: number
  readonly parentSeqNum: number
  readonly name: string
  readonly args: string | null
  readonly clientId: string
  readonly sessionId: string
  /** Of the log up to this event. */
  readonly digest: string
  /** How many events of the same batch follow. */
  readonly following: number
  readonly position: number
}

/** What the backend takes and gives. */
export const limits = {
  batchEvents: 100,
  eventBytes: 256_000,
  payloadBytes: 4_000,
  pageEvents: 1_000,
  pageBytes: 800_000,
} as const
