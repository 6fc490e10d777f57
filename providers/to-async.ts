import * as effect from "effect"
import { Clock, Context, Duration, Effect, Exit, Layer, type Option, Scope, Stream } from "effect"
import type { AsyncClientMemory, AsyncOpenArgs, AsyncSyncProvider } from "../contract/async.ts"
import type { ClientMemory } from "../contract/client-memory.ts"
import type { Cursor, PullItem } from "../contract/event.ts"
import { draw } from "../chaos/draw.ts"
import type { Link } from "../chaos/links/link.ts"
import { openTcpLink } from "../chaos/links/tcp-link.ts"
import { openVirtualLink } from "../chaos/links/virtual-link.ts"
import { Timers, type TimersShape } from "../chaos/timers.ts"
import { HostError } from "../contract/errors.ts"
import { ProviderHost, type Provider, type ProviderHostShape } from "../contract/provider.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import { openSyncBackend } from "./sync-backend/open-sync-backend.ts"

/** A provider's host, running in real time, with promises. */
export interface AsyncProvider {
  /** Opens a client behind a link, or straight at the backend; `address` is not read. */
  readonly open: (args: AsyncOpenArgs, link?: Link) => Promise<AsyncSyncProvider>
  /** Opens a link for a client of this name; rejects where the host has no endpoint. It ends with the host. */
  readonly openLink: (clientId: string) => Promise<Link>
  /** Runs something that the host can do: `run((host) => host.storage!.wipe!("store"))`. */
  readonly run: <A>(use: (host: ProviderHostShape) => Effect.Effect<A, HostError>) => Promise<A>
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
  const [clock, timers] = await Effect.runPromise(Effect.all([Clock.Clock, Timers]))
  const time = Context.make(Clock.Clock, slower(clock, patience)).pipe(
    Context.add(Timers, slowerTimers(timers, patience)),
  )
  const scope = Effect.runSync(Scope.make())
  const stop = (): Promise<void> => Effect.runPromise(Scope.close(scope, Exit.void))
  const starting = Scope.provide(Layer.build(provider.layer), scope).pipe(Effect.provideContext(time))
  const services = await Effect.runPromise(starting).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const host = Context.get(services, ProviderHost)
  return {
    run: (use) => Effect.runPromise(use(host)),
    openLink: (clientId) => Effect.runPromise(Scope.provide(openLink(host, clientId), scope)),
    open: ({ storeId, clientId, payload, memory, ...rest }, link) =>
      openSyncBackend(
        () =>
          Effect.map(
            host.open({
              storeId,
              clientId,
              memory: memoryOver(memory),
              ...(payload !== undefined && { payload }),
              ...(link && { link: link.address }),
            }),
            (client) => backendOf(client, time),
          ).pipe(Effect.provideContext(time)),
        { storeId, clientId, memory, ...rest },
        { effect },
      ),
    stop,
  }
}

const openLink = (host: ProviderHostShape, clientId: string): Effect.Effect<Link, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const { endpoint, classify } = host
    const options = {
      ...(classify && { classify }),
      draw: (key: string, below: number) => draw(1, `link ${clientId} ${key}`, below),
    }
    if (endpoint?.kind === "virtual") {
      return openVirtualLink({ ...options, accept: endpoint.accept, timers: yield* Timers })
    }
    if (endpoint?.kind === "tcp") {
      return yield* openTcpLink({ ...options, target: endpoint.target, protocol: endpoint.protocol })
    }
    return yield* Effect.fail(new HostError({ message: "this host has no endpoint that a link could stand before" }))
  })

/** A provider in the shape of LiveStore's backends, on the harness's own Effect. */
const backendOf = (provider: SyncProvider, time: Context.Context<never>) => {
  const { metadata, isConnected } = provider
  return {
    isConnected,
    metadata,
    supports: metadata.supports,
    connect: Effect.provideContext(provider.connect, time),
    ping: Effect.provideContext(provider.ping, time),
    push: (batch: Parameters<SyncProvider["push"]>[0]) => Effect.provideContext(provider.push(batch), time),
    pull: (cursor: Option.Option<Cursor>, options: { readonly live: boolean }) =>
      provider.pull(cursor, options).pipe(
        Stream.map(({ events, pageInfo }: PullItem) => ({
          batch: events.map(({ event, metadata }) => ({ eventEncoded: event, metadata })),
          pageInfo,
        })),
        Stream.provideContext(time),
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

const slowerTimers = (real: TimersShape, factor: number): TimersShape => ({
  after: (ms, task) => real.after(ms * factor, task),
  nowMs: () => real.nowMs() / factor,
})
