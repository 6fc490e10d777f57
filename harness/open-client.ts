import { Effect, Option, PubSub, Scope, SubscriptionRef } from "effect"
import { draw } from "../chaos/draw.ts"
import type { Link } from "../chaos/links/link.ts"
import { openTcpLink } from "../chaos/links/tcp-link.ts"
import { openVirtualLink } from "../chaos/links/virtual-link.ts"
import { clientMemoryOver } from "../contract/client-memory.ts"
import type { Cursor, EventEncoded } from "../contract/event.ts"
import type { SyncError } from "../contract/errors.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import type { ArenaClient, CheckStop, OpenOptions, Running, RunningPull } from "./arena.ts"
import { guarded } from "./arena-backend.ts"
import { notTestable, type ArenaContext } from "./arena-context.ts"
import { makeArenaLink, mustUseLink } from "./arena-link.ts"
import { closeWithin } from "./close-within.ts"
import { startOperation, type StartedOperation } from "./operation.ts"
import { startPullOperation } from "./pull-operation.ts"

/** A client as the arena itself sees it. */
export interface OpenedClient {
  readonly client: ArenaClient
  /** Every operation started so far that may still run. */
  readonly running: Set<StartedOperation>
  /** Orderly end; false when it hung. */
  readonly shut: Effect.Effect<boolean>
}

type StoreOptions = OpenOptions & { readonly storeId: string }

/** What the operations of one client work with. */
interface OpenedProvider {
  readonly clientId: string
  readonly storeId: string
  readonly provider: SyncProvider
  readonly scope: Scope.Closeable
  readonly link: Link | undefined
  readonly running: Set<StartedOperation>
}

type ClientOperations = Pick<
  ArenaClient,
  "connect" | "startConnect" | "ping" | "push" | "startPush" | "pull" | "startPull" | "live"
>

/** Opens the link that this client's bytes go through; undefined where the host has no endpoint. */
const openLink = (context: ArenaContext, clientId: string): Effect.Effect<Link | undefined, CheckStop> =>
  Effect.suspend(() => {
    const { endpoint, classify } = context.host
    if (endpoint === undefined) return Effect.succeed(undefined)
    const options = {
      ...(classify === undefined ? {} : { classify }),
      draw: (key: string, below: number) => draw(context.seed, `link ${clientId} ${key}`, below),
      onEvent: () => context.waiting.notify(),
    }
    if (endpoint.kind === "virtual") {
      return Effect.succeed(openVirtualLink({ ...options, accept: endpoint.accept, timers: context.timers }))
    }
    const wouldNotOpen = (error: { readonly message: string }) =>
      notTestable(context, `a link for client ${clientId} would not open: ${error.message}`)
    if (endpoint.kind === "host") {
      const hosted = { clientId, seed: context.seed, onEvent: options.onEvent }
      return endpoint.openLink(hosted).pipe(Scope.provide(context.scope), Effect.catch(wouldNotOpen))
    }
    return openTcpLink({ ...options, target: endpoint.target, protocol: endpoint.protocol }).pipe(
      Scope.provide(context.scope),
      Effect.catch(wouldNotOpen),
    )
  })

const memoryOf = (context: ArenaContext, storeId: string, clientId: string, kind: "fresh" | "kept") => {
  const key = JSON.stringify([storeId, clientId])
  const known = context.memories.get(key)
  if (known !== undefined && kind === "kept") return { memory: known, had: known.size > 0 }
  const memory = new Map<string, string>()
  context.memories.set(key, memory)
  return { memory, had: false }
}

/** Records each change of `isConnected`. A client without one opens all the same, so that `meta/shape` can say so. */
const watchStatus = (
  context: ArenaContext,
  clientId: string,
  provider: SyncProvider,
  changes: Array<{ atMs: number; connected: boolean }>,
  startMs: number,
): Effect.Effect<void, never, Scope.Scope> => {
  const status: unknown = provider.isConnected
  if (!SubscriptionRef.isSubscriptionRef(status)) return Effect.void
  const note = (connected: boolean): void => {
    if (changes.at(-1)?.connected === connected) return
    changes.push({ atMs: context.timers.nowMs() - startMs, connected })
    context.recorder.status(clientId, connected)
    context.waiting.notify()
  }
  // What `SubscriptionRef.changes` gives, without a stream around it: fifteen clients are opened in a seed.
  return Effect.flatMap(PubSub.subscribe(provider.isConnected.pubsub), (subscription) =>
    Effect.forever(Effect.map(PubSub.take(subscription), note)),
  )
}

/** Opens the provider's own client in a scope, with its memory and behind its link. */
const openProvider = (
  context: ArenaContext,
  clientId: string,
  options: StoreOptions,
  link: Link | undefined,
  scope: Scope.Scope,
): Effect.Effect<SyncProvider, CheckStop> => {
  const { storeId, payload, rejected } = options
  const { memory, had } = memoryOf(context, storeId, clientId, options.memory ?? "kept")
  context.recorder.client({
    client: clientId,
    store: storeId,
    memory: had ? "kept" : "fresh",
    ...(rejected === undefined ? {} : { rejected }),
  })
  return context.host
    .open({
      storeId,
      clientId,
      process: `${context.prefix}-${clientId}`,
      ...(payload === undefined ? {} : { payload }),
      memory: clientMemoryOver(memory),
      ...(link === undefined ? {} : { link: link.address }),
    })
    .pipe(
      Scope.provide(scope),
      Effect.catch((error) => notTestable(context, `client ${clientId} would not open: ${error.message}`)),
    )
}

/** Sets a client's wall clock, and reads it before and after: the fault is proved by the clock itself. */
const jumpClock = Effect.fnUntraced(function* (
  context: ArenaContext,
  storeId: string,
  clientId: string,
  ms: number,
): Effect.fn.Return<void, CheckStop> {
  const { recorder, host, timers } = context
  const name = "client clock-jump"
  const read = guarded(context, "clients.clockMs", host.clients?.clockMs(storeId, clientId))
  const before = (yield* read) - timers.nowMs()
  recorder.fault({ name, phase: "on", client: clientId, detail: `${ms} ms` })
  yield* guarded(context, "clients.jumpClock", host.clients?.jumpClock?.(storeId, clientId, ms))
  const jumpedMs = (yield* read) - timers.nowMs() - before
  if (Math.abs(jumpedMs) < Math.abs(ms) / 2) {
    return yield* notTestable(
      context,
      `the clock of client ${clientId} was to jump by ${ms} ms, and did by ${jumpedMs}`,
    )
  }
  recorder.fault({ name, phase: "bit", client: clientId })
  recorder.fault({ name, phase: "off", client: clientId })
})

/** The two ways in which a client ends; whichever comes first counts. */
const endings = (context: ArenaContext, clientId: string, link: Link | undefined, scope: Scope.Closeable) => {
  const { deadlineMs } = context.provider.capabilities.times
  let over = false
  const end = (how: "close" | "crash"): Effect.Effect<boolean> =>
    Effect.suspend(() => {
      if (over) return Effect.succeed(true)
      over = true
      context.recorder.clientEnd(clientId, how)
      if (how === "crash") {
        mustUseLink(context, clientId, link)
        link?.cut()
      }
      return closeWithin(scope, deadlineMs)
    })
  return { close: end("close"), crash: Effect.asVoid(end("crash")) }
}

/** The operations of a client, each recorded and raced with its deadline. */
const operationsOf = (context: ArenaContext, opened: OpenedProvider): ClientOperations => {
  const { clientId, storeId, provider, scope, link, running } = opened
  const { deadlineMs } = context.provider.capabilities.times
  const lastFrames = () => link?.lastFrames() ?? []
  const track = <A extends StartedOperation>(operation: A): A => {
    running.add(operation)
    return operation
  }
  const start = (
    f: "connect" | "push" | "ping",
    describe: string,
    run: () => Effect.Effect<void, SyncError>,
    batch?: ReadonlyArray<EventEncoded>,
  ): Effect.Effect<Running> => {
    const invocation = { client: clientId, store: storeId, f, ...(batch === undefined ? {} : { batch }) }
    return Effect.map(startOperation(context, invocation, describe, deadlineMs, lastFrames, run), track)
  }
  const startPull = (cursor: Option.Option<Cursor>, live: boolean): Effect.Effect<RunningPull> =>
    Effect.map(startPullOperation(context, { id: clientId, storeId, provider }, cursor, live, lastFrames), track)
  const settled = (started: Effect.Effect<Running>) => Effect.flatMap(started, (operation) => operation.settled)

  const startConnect = start("connect", "connect", () => Scope.provide(provider.connect, scope))
  const startPush: ArenaClient["startPush"] = (batch) =>
    start("push", `push of ${batch.length}`, () => provider.push(batch), batch)
  return {
    startConnect,
    connect: settled(startConnect),
    ping: settled(start("ping", "ping", () => provider.ping)),
    startPush,
    push: (batch) => settled(startPush(batch)),
    startPull: (cursor = Option.none()) => startPull(cursor, false),
    live: (cursor = Option.none()) => startPull(cursor, true),
    pull: (cursor = Option.none()) =>
      Effect.flatMap(startPull(cursor, false), (pull) =>
        Effect.map(pull.settled, (ending) => ({
          settled: ending,
          items: pull.items(),
          events: pull.events(),
          cursor: pull.cursor(),
        })),
      ),
  }
}

/** Opens one recorded client behind a link of its own. */
export const openClient = Effect.fnUntraced(function* (
  context: ArenaContext,
  startMs: number,
  clientId: string,
  options: StoreOptions,
): Effect.fn.Return<ArenaClient, CheckStop> {
  const { storeId } = options
  context.stores.add(storeId)
  const link = yield* openLink(context, clientId)
  const scope = yield* Scope.make()
  const provider = yield* openProvider(context, clientId, options, link, scope)
  const changes: Array<{ atMs: number; connected: boolean }> = []
  yield* Effect.forkIn(Scope.provide(watchStatus(context, clientId, provider, changes, startMs), scope), scope)

  const running = new Set<StartedOperation>()
  const { close, crash } = endings(context, clientId, link, scope)
  const client: ArenaClient = {
    id: clientId,
    storeId,
    name: provider.metadata?.name ?? "",
    link: makeArenaLink(context, clientId, link),
    ...operationsOf(context, { clientId, storeId, provider, scope, link, running }),
    isConnected: Effect.suspend(() => SubscriptionRef.get(provider.isConnected)),
    statusIs: (connected, withinMs) =>
      context.waiting.until(() => SubscriptionRef.getUnsafe(provider.isConnected) === connected, withinMs),
    statusChanges: () => changes,
    jumpClock: (ms) => jumpClock(context, storeId, clientId, ms),
    raw: provider,
    close,
    crash,
  }
  context.clients.push({ client, running, shut: close })
  return client
})
