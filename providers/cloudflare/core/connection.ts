import type { Effect } from "effect"
import type { Session } from "./application.ts"
import type { ConnectionState } from "./connection-state.ts"
import type { LogHead, StorageFailed } from "./log-store.ts"
import type { ClientMessage } from "../wire.ts"

type Hello = Extract<ClientMessage, { readonly t: "hello" }>

/** One socket, as the platform keeps it. */
export interface Connection {
  readonly state: () => ConnectionState
  readonly keep: (state: ConnectionState) => void
  /** Never throws: a socket that is gone swallows it. */
  readonly send: (frame: string) => void
  readonly close: (code: number, reason: string) => void
  /** When the client last said anything, heartbeats included, in milliseconds. */
  readonly heardAtMs: () => number
  /** Whether a push with this id came before, where the connection's state cannot tell. */
  readonly repeats?: (push: number) => boolean
}

/** Where it is kept who stands behind a connection. Reads give undefined when storage lost it. */
export interface Sessions {
  readonly put: (connection: string, session: Session) => Effect.Effect<void, StorageFailed>
  readonly get: (connection: string) => Session | undefined
  readonly remove: (connection: string) => void
}

/** The protocol of one store over connections. */
export interface ConnectionServer {
  readonly onFrame: (connection: Connection, frame: unknown) => Effect.Effect<void>
  /**
   * Takes a connection for one that was greeted, on the word of a `hello` that comes with each request. Gives it
   * back; undefined when the connection was refused.
   */
  readonly resume: (connection: Connection, hello: string) => Effect.Effect<Hello | undefined>
  /** Says where the log stands, as the answer to a hello does, to a session that may hear it. */
  readonly welcome: (connection: Connection) => Effect.Effect<void>
  /** Nobody waits for what is under way on it: what is not committed is dropped. */
  readonly abandon: (connection: Connection) => void
  /** The connection has ended, however. */
  readonly onEnd: (connection: Connection) => void
  /** Tells live connections of a commit. */
  readonly publish: (head: LogHead) => void
  /** Ends connections whose payload is no longer accepted. */
  readonly reauthorise: () => void
}
