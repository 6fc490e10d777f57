import type { Effect } from "effect"
import type { Session } from "./application.ts"
import type { ConnectionState } from "./connection-state.ts"
import type { LogHead, StorageFailed } from "./log-store.ts"

/** One socket, as the platform keeps it. */
export interface Connection {
  readonly state: () => ConnectionState
  readonly keep: (state: ConnectionState) => void
  /** Never throws: a socket that is gone swallows it. */
  readonly send: (frame: string) => void
  readonly close: (code: number, reason: string) => void
  /** When the client last said anything, heartbeats included, in milliseconds. */
  readonly heardAtMs: () => number
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
  /** The connection has ended, however. */
  readonly onEnd: (connection: Connection) => void
  /** Tells live connections of a commit. */
  readonly publish: (head: LogHead) => void
  /** Ends connections whose payload is no longer accepted. */
  readonly reauthorise: () => void
}
