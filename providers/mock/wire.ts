import type { SyncError } from "../../contract/errors.ts"
import type { Json } from "../../contract/json.ts"

/*
 * The mock's protocol: one JSON object a line, its member `t` first. A client says hello once, then asks; requests
 * carry an id that ascends within a connection, and the answer repeats it. The backend pokes each connection of a
 * store when there is something new, and says the head again in every pong, so that a lost poke costs one
 * heartbeat and no event. Arguments of events travel as JSON text.
 */

/** An event on the wire. `args` is its JSON text, absent when the event had none. */
export interface WireEvent {
  readonly seqNum: number
  readonly parentSeqNum: number
  readonly name: string
  readonly args?: string
  readonly clientId: string
  readonly sessionId: string
}

/** An event of a page; `digest` covers the log up to this event. */
export interface WirePulledEvent extends WireEvent {
  readonly digest: number
}

/** What a cursor of this provider carries: the life it belongs to, and the digest of the log up to it. */
export interface CursorMetadata {
  readonly backendId: string
  readonly digest: number
}

/** First frame of a connection. Without `payload` the client hands none over. */
export interface HelloFrame {
  readonly t: "hello"
  readonly store: string
  readonly client: string
  readonly payload?: Json
}

export interface PushFrame {
  readonly t: "push"
  readonly id: number
  /** The backendId that the client knows. */
  readonly known?: string
  readonly events: ReadonlyArray<WireEvent>
}

/** Asks for one page of a pull, or with `live` of a live pull, whose subscription `sub` it registers. */
export interface PullFrame {
  readonly t: "pull" | "live"
  readonly id: number
  readonly sub?: number
  /** This is the pull's first page. */
  readonly first: boolean
  readonly known?: string
  /** Absent: from the beginning. */
  readonly after?: number
  readonly at?: CursorMetadata
  /** Last position of the pull's cut, once its first page has fixed it. */
  readonly until?: number
}

export interface UnsubscribeFrame {
  readonly t: "unsub"
  readonly sub: number
}

/** `gone` names live pulls that ended since the last pong, in case that was not heard of. */
export interface PingFrame {
  readonly t: "ping"
  readonly id: number
  readonly gone?: ReadonlyArray<number>
}

export type UpFrame = HelloFrame | PushFrame | PullFrame | UnsubscribeFrame | PingFrame

/** An error of the contract on the wire: its tag and its fields. `id` 0 answers the hello. */
export interface RefusedFrame {
  readonly t: "refused"
  readonly id: number
  readonly error: { readonly tag: SyncError["_tag"]; readonly [field: string]: Json }
}

export interface AckedFrame {
  readonly t: "acked"
  readonly id: number
  readonly backendId: string
}

export interface PageFrame {
  readonly t: "page"
  readonly id: number
  readonly backendId: string
  /** Events between this page's last and the cut, the cut's included. */
  readonly remaining: number
  /** Position of the cut. */
  readonly until: number
  readonly events: ReadonlyArray<WirePulledEvent>
}

/** There is something new, up to `head`; or with `again` something else has changed: look again in any case. */
export interface PokeFrame {
  readonly t: "poke"
  readonly head: number
  readonly again?: true
}

/** `ok` is false while storage cannot be read. `refused`: the connection's payload is not accepted any more. */
export interface PongFrame {
  readonly t: "pong"
  readonly id: number
  readonly ok: boolean
  readonly head?: number
  readonly backendId?: string
  readonly refused?: string
}

/**
 * The backend is about to end this connection in order. Requests after `last`, and those in `dropped`, were not
 * looked at and can be sent again elsewhere; the others are answered first.
 */
export interface ByeFrame {
  readonly t: "bye"
  readonly last: number
  readonly dropped: ReadonlyArray<number>
}

export type DownFrame =
  | { readonly t: "welcome" }
  | RefusedFrame
  | AckedFrame
  | PageFrame
  | PokeFrame
  | PongFrame
  | ByeFrame
