import type { Effect } from "effect"
import type { Limits } from "../../../contract/capabilities.ts"
import type {
  BackendIdMismatch,
  CursorAhead,
  InvalidPush,
  PayloadRejected,
  PushRejected,
  ServerAhead,
  UnknownError,
} from "../../../contract/errors.ts"
import type { Hook } from "../../../contract/test-application.ts"
import type { StoredPage } from "../codec.ts"
import type { MockStorage, StorageFailure } from "../storage.ts"
import type { StoreView } from "../store-data.ts"
import type { StoredEvent } from "../stored-event.ts"
import type { AckedFrame, CursorMetadata, PongFrame, UpFrame, WireEvent } from "../wire.ts"
import type { Application } from "./application.ts"
import type { Attachment, BackendConnection } from "./connection.ts"
import type { StoreObject } from "./store-object.ts"

/** What a seam may look at: one store of the running backend. */
export interface StoreContext {
  readonly storeId: string
  readonly storage: MockStorage
  readonly app: Application
  readonly limits: Limits
  /** What the process keeps of the store in memory. */
  readonly object: StoreObject
  /** The store's open connections, in the order in which they came. */
  readonly peers: () => ReadonlyArray<BackendConnection>
  /** The log as pulls may read it now: what the seam `source` says. */
  readonly view: () => Effect.Effect<StoreView, StorageFailure>
}

/** One request on one connection. */
export interface RequestContext extends StoreContext {
  readonly connection: BackendConnection
  readonly attachment: Attachment
}

/** Rows of one page as read: from `position` on, within a cut that ends before row `end` of the log. */
export interface PageRead {
  readonly rows: ReadonlyArray<StoredEvent>
  readonly position: number
  readonly end: number
}

/** Why written data have to be synced now: a batch is to be acknowledged, rows shown, or a head named. */
export type SyncReason = "acknowledge" | "show" | "admit"

/**
 * The places where the reference backend can be made wrong, each alone. After every call of one the backend yields,
 * so that whatever else is going on may run in between. A seam that fails refuses the request. What a seam gives is
 * run at once, and once: it may do its work within the call.
 */
export interface BackendSeams {
  /** Asks the application about the connection's payload. `record`: the hook counts as asked. */
  readonly authorise: (call: {
    readonly context: RequestContext
    readonly hook: Hook
    readonly record: boolean
  }) => Effect.Effect<void, PayloadRejected>
  /** Makes sure that this instance is the store's backend still; no earlier one may write from here on. */
  readonly takeOver: (call: { readonly context: RequestContext }) => Effect.Effect<void, StorageFailure>
  /** The identity of the store's life; refuses a client that knows another, or knows none and has a cursor from another. */
  readonly identity: (call: {
    readonly context: RequestContext
    readonly known: string | undefined
    readonly at: CursorMetadata | undefined
  }) => Effect.Effect<string, BackendIdMismatch | StorageFailure>
  /** The application's push hook: may wait, refuse or throw. */
  readonly rejectEvents: (call: {
    readonly context: RequestContext
    readonly events: ReadonlyArray<WireEvent>
  }) => Effect.Effect<void, PushRejected>
  /** Lets one push of a store at a time through check and append. */
  readonly exclusive: <A, E>(context: RequestContext, admission: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Judges a batch, which is not empty, against the head. */
  readonly admit: (call: {
    readonly context: RequestContext
    readonly events: ReadonlyArray<WireEvent>
    readonly head: number
  }) => Effect.Effect<void, InvalidPush | ServerAhead>
  /** The head after an admitted batch. */
  readonly setHead: (call: {
    readonly context: RequestContext
    readonly events: ReadonlyArray<WireEvent>
    readonly head: number
  }) => Effect.Effect<number>
  /** Writes an admitted batch in one step; false when the store is in another life by now. */
  readonly append: (call: {
    readonly context: RequestContext
    readonly backendId: string
    readonly events: ReadonlyArray<WireEvent>
    readonly head: number
  }) => Effect.Effect<boolean, StorageFailure>
  /** Makes what was written outlive a loss of power. */
  readonly sync: (call: {
    readonly context: RequestContext
    readonly why: SyncReason
  }) => Effect.Effect<void, StorageFailure>
  /** What a pull reads from: a copy that is near, or the primary. */
  readonly source: (context: Omit<StoreContext, "view">) => Effect.Effect<StoreView, StorageFailure>
  /** Tells the pusher. */
  readonly acknowledge: (call: { readonly context: RequestContext; readonly frame: AckedFrame }) => Effect.Effect<void>
  /** Tells the live pulls that there is something up to `head`. */
  readonly publish: (call: { readonly context: StoreContext; readonly head: number }) => Effect.Effect<void>
  readonly subscribe: (call: { readonly context: RequestContext; readonly sub: number }) => Effect.Effect<void>
  readonly unsubscribe: (call: { readonly context: RequestContext; readonly sub: number }) => Effect.Effect<void>
  /** Takes an ended connection out of the process's registry. */
  readonly disconnected: (connection: BackendConnection, registry: Set<BackendConnection>) => void
  /** Where in the log of this life a cursor stands: the number of rows up to it. */
  readonly locate: (call: {
    readonly context: RequestContext
    readonly backendId: string
    readonly after: number | undefined
    readonly at: CursorMetadata | undefined
  }) => Effect.Effect<number, CursorAhead | UnknownError | StorageFailure>
  /** Reads one page from a position. `until` is the pull's cut, once it has one. */
  readonly readPage: (call: {
    readonly context: RequestContext
    readonly position: number
    readonly until: number | undefined
  }) => Effect.Effect<PageRead, StorageFailure>
  /** What the page says about the rest: events up to the cut, and the cut's position. */
  readonly pageInfo: (call: {
    readonly context: RequestContext
    readonly read: PageRead
    readonly after: number
  }) => Effect.Effect<{ readonly remaining: number; readonly until: number }, StorageFailure>
  /** The answer to a ping; says the head again. It wakes no store. */
  readonly pong: (call: {
    readonly id: number
    readonly attachment: Attachment | undefined
    readonly storage: MockStorage
    readonly app: Application
  }) => PongFrame
  readonly encodePage: (page: StoredPage) => string
  readonly decodeUp: (line: string) => UpFrame | undefined
}
