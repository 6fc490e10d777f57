import type { SyncBackend } from "@livestore/common"
import type { LiveStoreEvent } from "@livestore/common/schema"
import { FetchHttpClient, KeyValueStore } from "@livestore/utils/effect"
import { Chunk, type Clock, Effect, Exit, Logger, Option, Scope, Stream, Tracer } from "effect"
import type {
  AsyncClientMemory,
  AsyncCursor,
  AsyncOpenArgs,
  AsyncPullItem,
  AsyncSyncProvider,
} from "../../contract/async.ts"
import { headAndParent, translateCause, type AheadReading } from "./failures.ts"
import { newLiveTraceId } from "./live-trace.ts"
import { steadyClock } from "./steady-clock.ts"

/** A constructor of LiveStore's; what its events carry beside themselves is handed through unread. */
type Constructor = SyncBackend.SyncBackendConstructor<never>
type Backend = Effect.Effect.Success<ReturnType<Constructor>>
type BackendCursor = Option.Option.Value<Parameters<Backend["pull"]>[0]>

/** How a client is run; none of it changes what LiveStore's code does. */
export interface OpenClientOptions {
  /** Default: one that keeps its time, because on Node's timers LiveStore's heartbeat ends healthy connections. */
  readonly clock?: Clock.Clock
  /** What the numbers of its ServerAheadError mean; default: those of its Cloudflare provider. */
  readonly ahead?: AheadReading
}

const silent = Logger.replace(Logger.defaultLogger, Logger.none)

/**
 * One of LiveStore's published clients for one store, behind promises and async iterables. Names and shapes are
 * translated, nothing else: no retry, no time limit, no special case. A defect is thrown as `{ _tag: "Defect" }`.
 */
export const openClient = async <Metadata>(
  args: AsyncOpenArgs,
  make: SyncBackend.SyncBackendConstructor<Metadata>,
  { clock = steadyClock, ahead = headAndParent }: OpenClientOptions = {},
): Promise<AsyncSyncProvider> => {
  const scope = Effect.runSync(Scope.make())
  const settle = settleWith(ahead)
  const backend = await settle(
    (make as unknown as Constructor)({ storeId: args.storeId, clientId: args.clientId, payload: args.payload }).pipe(
      Effect.provideService(KeyValueStore.KeyValueStore, keyValueStore(args.memory)),
      Effect.provide(FetchHttpClient.layer),
      Scope.extend(scope),
      // The heartbeat is forked here and keeps the clock that it finds.
      Effect.withClock(clock),
    ),
  )
  return {
    connect: (signal) => settle(Scope.extend(backend.connect, scope), signal),
    push: (batch, signal) => settle(backend.push(batch as ReadonlyArray<LiveStoreEvent.Global.Encoded>), signal),
    pull: (cursor, options, signal) => pages(backend, settle, cursor, options, signal),
    ping: (signal) => settle(backend.ping, signal),
    isConnected: () => Effect.runSync(backend.isConnected.get),
    onConnectedChange: (listener) => {
      const follow = Stream.runForEach(Stream.changes(backend.isConnected.changes), (connected) =>
        Effect.sync(() => listener(connected)),
      )
      return Effect.runCallback(follow)
    },
    metadata: {
      name: backend.metadata.name,
      description: backend.metadata.description,
      supports: backend.supports,
    },
    close: () => settle(Scope.close(scope, Exit.void)),
  }
}

type Settle = <A>(effect: Effect.Effect<A, unknown>, signal?: AbortSignal) => Promise<A>

/** Runs an effect as a promise that rejects with what its failure is called in the contract. */
const settleWith =
  (ahead: AheadReading): Settle =>
  async (effect, signal) => {
    const exit = await Effect.runPromiseExit(Effect.provide(effect, silent), signal && { signal })
    if (Exit.isSuccess(exit)) return exit.value
    throw translateCause(exit.cause, ahead)
  }

/** One pull. The stream is built and run by the first `next()`; its scope ends with the iteration. */
async function* pages(
  backend: Backend,
  settle: Settle,
  cursor: AsyncCursor | undefined,
  options: { readonly live: boolean },
  signal: AbortSignal,
): AsyncGenerator<AsyncPullItem, void> {
  const scope = Effect.runSync(Scope.make())
  try {
    // In one suspended effect, because `pull` itself throws for a client that knows no backendId.
    const stream = Effect.sync(() => traced(backend.pull(backendCursor(cursor), options), options.live))
    const pull = await settle(Scope.extend(Effect.flatMap(stream, Stream.toPull), scope), signal)
    const next = Effect.catchAll(
      pull,
      Option.match({ onNone: () => Effect.succeed(undefined), onSome: (error) => Effect.fail(error) }),
    )
    for (;;) {
      const chunk = await settle(next, signal)
      if (chunk === undefined) return
      for (const item of Chunk.toReadonlyArray(chunk)) yield page(item)
    }
  } finally {
    await settle(Scope.close(scope, Exit.void))
  }
}

/** A live pull runs in a trace whose id says so: over HTTP its requests look like those of any other pull. */
const traced = <A, E>(stream: Stream.Stream<A, E>, live: boolean): Stream.Stream<A, E> =>
  live
    ? Stream.provideService(
        stream,
        Tracer.ParentSpan,
        Tracer.externalSpan({ traceId: newLiveTraceId(), spanId: "0000000000000001" }),
      )
    : stream

const backendCursor = (cursor: AsyncCursor | undefined): Option.Option<BackendCursor> =>
  Option.map(Option.fromNullable(cursor), ({ eventSequenceNumber, metadata }) => ({
    eventSequenceNumber: eventSequenceNumber as BackendCursor["eventSequenceNumber"],
    metadata: Option.fromNullable(metadata) as BackendCursor["metadata"],
  }))

const page = ({ batch, pageInfo }: Stream.Stream.Success<ReturnType<Backend["pull"]>>): AsyncPullItem => ({
  events: batch.map(({ eventEncoded, metadata }) => ({
    event: eventEncoded,
    ...(Option.isSome(metadata) && { metadata: metadata.value }),
  })),
  pageInfo,
})

/** The client's memory as LiveStore's key-value store; it gets and sets one key, its backendId. */
const keyValueStore = (memory: AsyncClientMemory): KeyValueStore.KeyValueStore =>
  KeyValueStore.makeStringOnly({
    get: (key) =>
      Effect.map(
        Effect.promise(() => memory.get(key)),
        Option.fromNullable,
      ),
    set: (key, value) => Effect.promise(() => memory.set(key, value)),
    remove: (key) => Effect.promise(() => memory.remove(key)),
    clear: Effect.dieMessage("LiveStore does not clear its store"),
    size: Effect.dieMessage("LiveStore does not count its store"),
  })
