import { makeWsSync, type WsSyncOptions } from "@livestore/sync-cf/client"
import type { LiveStoreEvent } from "@livestore/common/schema"
import { FetchHttpClient, KeyValueStore } from "@livestore/utils/effect"
import { Chunk, type Clock, Effect, Exit, Logger, Option, Scope, Stream } from "effect"
import type {
  AsyncClientMemory,
  AsyncCursor,
  AsyncOpenArgs,
  AsyncPullItem,
  AsyncSyncProvider,
} from "../../contract/async.ts"
import { translateCause } from "./failures.ts"
import { steadyClock } from "./steady-clock.ts"

/** What a LiveStore client is made with: its published options, and the clock that its fibers run on. */
export interface LivestoreClientOptions extends Pick<WsSyncOptions, "url" | "ping"> {
  /** Default: one that keeps its time, because on Node's timers LiveStore's heartbeat ends healthy connections. */
  readonly clock?: Clock.Clock
}

type Backend = Effect.Effect.Success<ReturnType<ReturnType<typeof makeWsSync>>>
type BackendCursor = Option.Option.Value<Parameters<Backend["pull"]>[0]>

const silent = Logger.replace(Logger.defaultLogger, Logger.none)

/**
 * LiveStore's published WebSocket client for one store, behind promises and async iterables. Names and shapes are
 * translated, nothing else: no retry, no time limit, no special case. A defect is thrown as `{ _tag: "Defect" }`.
 */
export const openWsClient = async (
  args: AsyncOpenArgs,
  { url, ping, clock = steadyClock }: LivestoreClientOptions,
): Promise<AsyncSyncProvider> => {
  const scope = Effect.runSync(Scope.make())
  const make = makeWsSync({ url, ...(ping && { ping }) })
  const backend: Backend = await settle(
    make({ storeId: args.storeId, clientId: args.clientId, payload: args.payload }).pipe(
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
    pull: (cursor, options, signal) => pages(backend, cursor, options, signal),
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

/** Runs an effect as a promise that rejects with what its failure is called in the contract. */
const settle = async <A>(effect: Effect.Effect<A, unknown>, signal?: AbortSignal): Promise<A> => {
  const exit = await Effect.runPromiseExit(Effect.provide(effect, silent), signal && { signal })
  if (Exit.isSuccess(exit)) return exit.value
  throw translateCause(exit.cause)
}

/** One pull. The stream is built and run by the first `next()`; its scope ends with the iteration. */
async function* pages(
  backend: Backend,
  cursor: AsyncCursor | undefined,
  options: { readonly live: boolean },
  signal: AbortSignal,
): AsyncGenerator<AsyncPullItem, void> {
  const scope = Effect.runSync(Scope.make())
  try {
    // In one suspended effect, because `pull` itself throws for a client that knows no backendId.
    const stream = Effect.sync(() => backend.pull(backendCursor(cursor), options))
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
