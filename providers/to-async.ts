import * as effect from "effect"
import { Clock, Context, Duration, Effect, Exit, Layer, type Option, Scope, Stream } from "effect"
import type { AsyncClientMemory, AsyncOpenArgs, AsyncSyncProvider } from "../contract/async.ts"
import type { ClientMemory } from "../contract/client-memory.ts"
import type { Cursor, PullItem } from "../contract/event.ts"
import { ProviderHost, type Provider } from "../contract/provider.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import { openSyncBackend } from "./sync-backend/open-sync-backend.ts"

/** A provider's host, running in real time, with promises. */
export interface AsyncProvider {
  /** Opens a client straight at the backend, without a link of the harness's; `address` is not read. */
  readonly open: (args: AsyncOpenArgs) => Promise<AsyncSyncProvider>
  /** Ends the host and whatever it started. */
  readonly stop: () => Promise<void>
}

/** How a provider is run outside of the harness. */
export interface ToAsyncOptions {
  /**
   * How many times slower than the real one the clock goes that its effects run on, a whole number; default 1. The mock's deadlines are
   * those of a virtual world, in which nothing takes time: on a busy machine they run out.
   */
  readonly patience?: number
}

/**
 * Starts a provider's host and hands out its clients without Effect: for programs with an Effect of another version,
 * or none. A provider of the virtual world runs here too, on the real clock. Rejects when the host does not start.
 */
export const toAsync = async (provider: Provider, { patience = 1 }: ToAsyncOptions = {}): Promise<AsyncProvider> => {
  const clock = await Effect.runPromise(Effect.map(Clock.Clock, (real) => slower(real, patience)))
  const scope = Effect.runSync(Scope.make())
  const stop = (): Promise<void> => Effect.runPromise(Scope.close(scope, Exit.void))
  const starting = Scope.provide(Layer.build(provider.layer), scope).pipe(Effect.provideService(Clock.Clock, clock))
  const services = await Effect.runPromise(starting).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const host = Context.get(services, ProviderHost)
  return {
    open: ({ storeId, clientId, payload, memory, ...rest }) =>
      openSyncBackend(
        () =>
          Effect.map(
            host.open({ storeId, clientId, memory: memoryOver(memory), ...(payload !== undefined && { payload }) }),
            (client) => backendOf(client, clock),
          ).pipe(Effect.provideService(Clock.Clock, clock)),
        { storeId, clientId, memory, ...rest },
        { effect },
      ),
    stop,
  }
}

/** A provider in the shape of LiveStore's backends, on the harness's own Effect. */
const backendOf = (provider: SyncProvider, clock: Clock.Clock) => {
  const { metadata, isConnected } = provider
  const onClock = Effect.provideService(Clock.Clock, clock)
  return {
    isConnected,
    metadata,
    supports: metadata.supports,
    connect: onClock(provider.connect),
    ping: onClock(provider.ping),
    push: (batch: Parameters<SyncProvider["push"]>[0]) => onClock(provider.push(batch)),
    pull: (cursor: Option.Option<Cursor>, options: { readonly live: boolean }) =>
      provider.pull(cursor, options).pipe(
        Stream.map(({ events, pageInfo }: PullItem) => ({
          batch: events.map(({ event, metadata }) => ({ eventEncoded: event, metadata })),
          pageInfo,
        })),
        Stream.provideService(Clock.Clock, clock),
      ),
  }
}

/** A clock on which everything takes longer. */
const slower = (real: Clock.Clock, factor: number): Clock.Clock => ({
  currentTimeMillisUnsafe: () => real.currentTimeMillisUnsafe() / factor,
  currentTimeMillis: Effect.map(real.currentTimeMillis, (ms) => ms / factor),
  currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe() / BigInt(factor),
  currentTimeNanos: Effect.map(real.currentTimeNanos, (nanos) => nanos / BigInt(factor)),
  monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe() / BigInt(factor),
  monotonicTimeNanos: Effect.map(real.monotonicTimeNanos, (nanos) => nanos / BigInt(factor)),
  sleep: (duration) => real.sleep(Duration.times(duration, factor)),
})

const memoryOver = (memory: AsyncClientMemory): ClientMemory => ({
  get: (key) => Effect.promise(() => memory.get(key)),
  set: (key, value) => Effect.promise(() => memory.set(key, value)),
  remove: (key) => Effect.promise(() => memory.remove(key)),
})
