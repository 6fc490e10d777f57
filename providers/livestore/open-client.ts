import type { SyncBackend } from "@livestore/common"
import { FetchHttpClient } from "@livestore/utils/effect"
import {
  Cause,
  type Clock,
  Context,
  Effect,
  Exit,
  Logger,
  Option,
  Scope,
  Stream,
  SubscriptionRef,
  Tracer,
} from "effect"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../../contract/async.ts"
import { openSyncBackend } from "../sync-backend/open-sync-backend.ts"
import { headAndParent, type AheadReading } from "../sync-backend/translate-error.ts"
import { newLiveTraceId } from "./live-trace.ts"
import { steadyClock } from "./steady-clock.ts"

/** Not the whole module, which would all be in the worker that clients over RPC run in. */
const effect = { Cause, Context, Effect, Exit, Logger, Option, Scope, Stream, SubscriptionRef }

/** How a client is run; none of it changes what LiveStore's code does. */
export interface OpenClientOptions {
  /** Default: one that keeps its time, because on Node's timers LiveStore's heartbeat ends healthy connections. */
  readonly clock?: Clock.Clock
  /** What the numbers of its ServerAheadError mean; default: those of its Cloudflare provider. */
  readonly ahead?: AheadReading
}

/**
 * One of LiveStore's published clients for one store, behind promises and async iterables, with an HTTP client over
 * `fetch`. Its live pulls run in traces of their own kind.
 */
export const openClient = <Metadata>(
  args: AsyncOpenArgs,
  make: SyncBackend.SyncBackendConstructor<Metadata>,
  { clock = steadyClock, ahead = headAndParent }: OpenClientOptions = {},
): Promise<AsyncSyncProvider> =>
  openSyncBackend(
    (given) =>
      make(given).pipe(
        Effect.map(withTracedPulls),
        Effect.provide(FetchHttpClient.layer),
        // The heartbeat is forked here and keeps the clock that it finds.
        Effect.withClock(clock),
      ),
    args,
    { effect, ahead },
  )

const withTracedPulls = <Metadata>(backend: SyncBackend.SyncBackend<Metadata>): SyncBackend.SyncBackend<Metadata> => ({
  ...backend,
  pull: (cursor, options) => traced(backend.pull(cursor, options), options?.live === true),
})

/** A live pull runs in a trace whose id says so: over HTTP its requests look like those of any other pull. */
const traced = <A, E>(stream: Stream.Stream<A, E>, live: boolean): Stream.Stream<A, E> =>
  live
    ? Stream.provideService(
        stream,
        Tracer.ParentSpan,
        Tracer.externalSpan({ traceId: newLiveTraceId(), spanId: "0000000000000001" }),
      )
    : stream
