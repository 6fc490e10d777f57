import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { FrameClassifier } from "../../contract/frame.ts"
import type { Link, LinkEvent } from "./link.ts"

/** What a TCP link needs to know. */
export interface TcpLinkOptions {
  /** Where the backend listens; read at each new connection. */
  readonly target: () => { readonly host: string; readonly port: number }
  readonly protocol: "websocket" | "http"
  /** Makes the classifier of one connection. Without it no frame is read and frame faults never bite. */
  readonly classify?: () => FrameClassifier
  /** A whole number from 0 to `below` - 1, decided by the key; the caller's keys name the client. */
  readonly draw: (key: string, below: number) => number
  readonly onEvent?: (event: LinkEvent) => void
}

/** Opens a link on a port of its own. It ends with the scope. */
export const openTcpLink = (_options: TcpLinkOptions): Effect.Effect<Link, HostError, Scope.Scope> =>
  Effect.fail(new HostError({ message: "the TCP link is not there yet" }))
