import type {
  BackendIdMismatch,
  CursorAhead,
  PayloadRejected,
  ServerAhead,
  UnknownError,
} from "../../../contract/errors.ts"
import type { PageInfo } from "../../../contract/event.ts"
import type { Hook } from "../../../contract/test-application.ts"
import type { RpcAnswer } from "../rpc/calls.ts"
import type { ClientSeams } from "../rpc/client-seams.ts"
import type { ClientMessage, Framed } from "../wire.ts"
import type { Application, Session } from "./application.ts"
import type { ConnectionState } from "./connection-state.ts"
import type { Connection } from "./connection.ts"
import type { D1Seams } from "./d1-log.ts"
import type { LogEvent, LoggedEvent, LogHead, PageBounds } from "./log-store.ts"
import type { Sql } from "./sql.ts"

/** Why a push or a page does not go with the log. */
export type LogRefusal = ServerAhead | BackendIdMismatch | CursorAhead | UnknownError

/** What a push says about the log that it was made for. */
export interface PushClaim {
  /** The backendId that the client knows; absent for a fresh one. */
  readonly known?: string
  /** The last event of the log that the client has seen, with the digest up to it. */
  readonly seen?: { readonly seqNum: number; readonly digest: string }
}

/** A cursor as it came. `seqNum` 0 is the root. */
export interface CursorClaim {
  readonly known?: string
  readonly seqNum: number
  readonly backendId?: string
  readonly digest?: string
  /** Where the log is taken to end. */
  readonly until?: number
}

/**
 * Every decision of the backend that a planted bug replaces, one name each. The normal path is `referenceSeams`;
 * nothing else in the backend knows that there are others.
 */
export interface Seams extends D1Seams, ClientSeams {
  /** Whether a batch stands on the head. It was found good by itself; `first` is undefined when it is empty. */
  readonly admit: (
    head: LogHead,
    first: LogEvent | undefined,
    claim: PushClaim,
    digestAtSeen: string | undefined,
  ) => LogRefusal | undefined
  /** Whether a cursor belongs to this log. */
  readonly admitCursor: (
    head: LogHead,
    digestAtCursor: string | undefined,
    cursor: CursorClaim,
  ) => LogRefusal | undefined
  /** Writes the events and gives the head that they make. */
  readonly append: (sql: Sql, head: LogHead, batch: ReadonlyArray<LogEvent>) => LogHead
  readonly setHead: (sql: Sql, head: LogHead) => void
  /** Reads identity and head from storage, and begins a life where there is none. */
  readonly identity: (sql: Sql, newBackendId: () => string) => LogHead
  readonly readPage: (sql: Sql, position: number, bounds: PageBounds) => ReadonlyArray<LoggedEvent>
  readonly pageInfo: (remaining: number) => PageInfo
  /** The head that an acknowledgement names. */
  readonly acknowledge: (head: LogHead) => LogHead
  /** Which connections hear of a commit. */
  readonly publish: (connections: Iterable<Connection>) => Iterable<Connection>
  /** Whether a session may do this; `still` asks again about what was accepted before, which is no call of a hook. */
  readonly authorise: (application: Application, hook: Hook | "still", session: Session) => PayloadRejected | undefined
  /** How many live pulls a connection has from now on. */
  readonly subscribe: (state: ConnectionState, live: number) => number
  /** What a connection's state becomes when a message arrives. */
  readonly attachment: (state: ConnectionState, message: ClientMessage) => ConnectionState
  /** Reads a client's frame. */
  readonly codec: (frame: unknown) => Framed<ClientMessage> | undefined
  /** The head that heartbeats name. */
  readonly announce: (head: LogHead) => LogHead
  /** Removes the registration of a client object. */
  readonly endRegistration: (remove: () => void) => void
  /** Ends a call of a client object with its answer. */
  readonly answerCall: (frame: string, answer: RpcAnswer) => RpcAnswer | Promise<RpcAnswer>
  /** Called when the client of a held request is gone: `end` takes its connection off. */
  readonly letGo: (end: () => void) => void
  /** Called once when an object comes to life, with the connections that outlived the one before. */
  readonly wake: (connections: () => Iterable<Connection>) => void
}
