import type { Effect, Option, Scope, Stream, SubscriptionRef } from "effect"
import type { Cursor, EventEncoded, PullItem } from "./event.ts"
import type { ConnectError, PingError, PullError, PushError } from "./errors.ts"

/** What a provider says that its pulls can do. */
export interface Supports {
  /** Every item says `NoMore` or `MoreKnown` with the exact remainder, never `MoreUnknown`. */
  readonly pullPageInfoKnown: boolean
  /** `pull` with `live: true` stays open and delivers later batches. */
  readonly pullLive: boolean
}

/** One client's connection to one store: the interface under test. */
export interface SyncProvider {
  /** Prepares the connection; it ends with the scope of the client. A second call succeeds and opens no other. */
  readonly connect: Effect.Effect<void, ConnectError, Scope.Scope>
  /** Offers a batch, 1 to 100 events chained inside. It is accepted whole or refused whole. */
  readonly push: (batch: ReadonlyArray<EventEncoded>) => Effect.Effect<void, PushError>
  /** The events after the cursor, in pages; with `live` it stays open. Building the stream does nothing. */
  readonly pull: (
    cursor: Option.Option<Cursor>,
    options?: { readonly live?: boolean },
  ) => Stream.Stream<PullItem, PullError>
  /** Asks the backend for a sign of life. */
  readonly ping: Effect.Effect<void, PingError>
  /** Whether the client believes that it can reach the backend. */
  readonly isConnected: SubscriptionRef.SubscriptionRef<boolean>
  readonly metadata: { readonly name: string; readonly description: string; readonly supports: Supports }
}
