import type { Effect, Option, Scope } from "effect"
import type { ClientMemory } from "../../../contract/client-memory.ts"
import type { InvalidPush, IsOffline, PayloadRejected, SyncError } from "../../../contract/errors.ts"
import type { Cursor, EventEncoded, PullItem } from "../../../contract/event.ts"
import type { Json } from "../../../contract/json.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import type { LineReader } from "../codec.ts"
import type { CursorMetadata, DownFrame, HelloFrame, RefusedFrame, WireEvent, WirePulledEvent } from "../wire.ts"
import type { Answer } from "./session.ts"

/** What a client is. */
export interface ClientIdentity {
  readonly storeId: string
  readonly clientId: string
  /** Absent when the client hands none over. */
  readonly payload?: Json
}

/** Operations that have a deadline. */
export type TimedOperation = "connect" | "push" | "pull" | "live" | "ping"

/** Where a pull stands, in the terms of the wire. */
export interface Position {
  /** Absent: at the beginning. */
  readonly after?: number
  readonly at?: CursorMetadata
}

/** The places where the reference client can be made wrong, each alone. */
export interface ClientSeams {
  /** What a connection begins with. */
  readonly hello: (client: ClientIdentity) => HelloFrame
  /** Milliseconds until the next attempt to connect, after `failures` earlier ones in this outage. */
  readonly reconnectGapMs: (call: {
    readonly client: ClientIdentity
    readonly outage: number
    readonly failures: number
    readonly draw: (key: string, below: number) => number
  }) => number
  /** When a ping goes out after the last pong, and when a silent connection is given up. */
  readonly heartbeat: (client: ClientIdentity) => { readonly pingAfterMs: number; readonly lostAfterMs: number }
  readonly deadlineMs: (operation: TimedOperation) => number
  /** The clock that spans are measured on, in milliseconds: not the wall clock, which can be set. */
  readonly clock: (call: { readonly monotonicMs: () => number; readonly wallMs: () => number }) => number
  /** What `isConnected` says when the client comes to this belief. */
  readonly status: (connected: boolean, client: ClientIdentity) => boolean
  /** The contract's error for a refusal. */
  readonly mapError: (error: RefusedFrame["error"], operation: TimedOperation) => SyncError
  /** Takes a batch as it is now; what `JSON.stringify` cannot encode is refused. */
  readonly encodeBatch: (batch: ReadonlyArray<EventEncoded>) => Effect.Effect<ReadonlyArray<WireEvent>, InvalidPush>
  /** Sends a batch and waits for its answer. `send` does that once; it can be run again. */
  readonly sendPush: (call: {
    readonly send: Effect.Effect<Answer, IsOffline | PayloadRejected>
    readonly events: ReadonlyArray<WireEvent>
  }) => Effect.Effect<Answer, IsOffline | PayloadRejected>
  /** The backendId that this client knows. */
  readonly known: (call: {
    readonly memory: ClientMemory
    readonly storeId: string
  }) => Effect.Effect<string | undefined>
  /** Remembers the backendId of a success; the one that is known afterwards. */
  readonly remember: (call: {
    readonly memory: ClientMemory
    readonly storeId: string
    readonly backendId: string
  }) => Effect.Effect<string>
  /** The caller's cursor in the terms of the wire. */
  readonly position: (cursor: Option.Option<Cursor>) => Position
  /** Metadata of a cursor on this event. */
  readonly metadata: (call: { readonly event: WirePulledEvent; readonly backendId: string }) => Option.Option<unknown>
  /** What the caller gets for a page. */
  readonly deliver: (call: {
    readonly item: PullItem
    readonly live: boolean
    readonly client: ClientIdentity
  }) => ReadonlyArray<PullItem>
  /** Whether a live pull that stands at `cursor` looks again when it hears of `head`. */
  readonly onPoke: (call: { readonly head: number; readonly cursor: number }) => boolean
  /** Where a live pull goes on after its connection was lost; `sub` tells the live pulls of one client apart. */
  readonly resumeAt: (position: Position, live: { readonly client: ClientIdentity; readonly sub: number }) => Position
  /** Whether the options ask for a live pull. */
  readonly isLive: (options: { readonly live?: boolean } | undefined) => boolean
  /** Whether a live pull that has caught up stays open. */
  readonly staysOpen: (call: { readonly delivered: number }) => boolean
  /** Ends what a client holds when its scope closes. */
  readonly release: (call: { readonly close: () => void }) => void
  /** The whole client as its caller sees it. `dial` opens a connection that is nobody's. */
  readonly wrap: (call: {
    readonly provider: SyncProvider
    readonly dial: () => VirtualSocket | undefined
  }) => Effect.Effect<SyncProvider, never, Scope.Scope>
  /** Takes what arrives on one connection apart into lines. */
  readonly reader: () => LineReader
  readonly decodeDown: (line: string) => DownFrame | undefined
}
