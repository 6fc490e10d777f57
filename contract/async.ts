import type { EventEncoded, PageInfo } from "./event.ts"
import type { Json } from "./json.ts"
import type { Supports } from "./sync-provider.ts"

/**
 * A provider without Effect: promises, async iterables and an `AbortSignal`. `fromAsync` turns it into a
 * `SyncProvider`. Failures are thrown: an object whose `_tag` is one of the contract's error names (with its
 * fields) becomes that error, anything else an unknown error.
 */
export interface AsyncSyncProvider {
  readonly connect: (signal: AbortSignal) => Promise<void>
  readonly push: (batch: ReadonlyArray<EventEncoded>, signal: AbortSignal) => Promise<void>
  /** Building it does nothing. An abort ends the iteration; `return()` is never waited for while `next()` is pending. */
  readonly pull: (
    cursor: AsyncCursor | undefined,
    options: { readonly live: boolean },
    signal: AbortSignal,
  ) => AsyncIterable<AsyncPullItem>
  readonly ping: (signal: AbortSignal) => Promise<void>
  readonly isConnected: () => boolean
  /** Calls the listener at each change; gives back what takes it off. */
  readonly onConnectedChange: (listener: (connected: boolean) => void) => () => void
  readonly metadata: { readonly name: string; readonly description: string; readonly supports: Supports }
  /** Frees everything that this client holds. */
  readonly close: () => Promise<void>
}

/** A cursor without `Option`: `metadata` is absent where there is none. */
export interface AsyncCursor {
  readonly eventSequenceNumber: number
  readonly metadata?: unknown
}

export interface AsyncPullItem {
  readonly events: ReadonlyArray<{ readonly event: EventEncoded; readonly metadata?: unknown }>
  readonly pageInfo: PageInfo
}

/** A client's memory behind promises. */
export interface AsyncClientMemory {
  readonly get: (key: string) => Promise<string | undefined>
  readonly set: (key: string, value: string) => Promise<void>
  readonly remove: (key: string) => Promise<void>
}

/** What a client of an async provider is opened with. */
export interface AsyncOpenArgs {
  readonly storeId: string
  readonly clientId: string
  readonly payload?: Json
  readonly memory: AsyncClientMemory
  /** Where to connect: the client's link, or the backend itself where there is none. */
  readonly address?: { readonly host: string; readonly port: number }
}
