import { Deferred, Effect, Exit, Option, Scope, Stream, SubscriptionRef } from "effect"
import { draw } from "../chaos/draw.ts"
import type { Link } from "../chaos/links/link.ts"
import { openTcpLink } from "../chaos/links/tcp-link.ts"
import { openVirtualLink } from "../chaos/links/virtual-link.ts"
import { clientMemoryOver } from "../contract/client-memory.ts"
import type { Cursor, EventEncoded } from "../contract/event.ts"
import type { SyncError } from "../contract/errors.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import type { ArenaClient, CheckStop, OpenOptions, Running, RunningPull, Settled } from "./arena.ts"
import { notTestable, type ArenaContext } from "./arena-context.ts"
import { makeArenaLink } from "./arena-link.ts"
import { startOperation, type StartedOperation } from "./operation.ts"
import { startPullOperation } from "./pull-operation.ts"
import { awaitWithin } from "./waiting.ts"

/** A client as the arena itself sees it. */
export interface OpenedClient {
  readonly client: ArenaClient
  readonly link: Link | undefined
  /** Every operation started so far that may still run. */
  readonly running: Set<StartedOperation>
  /** Orderly end; false when it hung. */
  readonly shut: Effect.Effect<boolean>
  readonly ended: () => boolean
}

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
    return openTcpLink({ ...options, target: endpoint.target, protocol: endpoint.protocol }).pipe(
      Scope.provide(context.scope),
      Effect.catch((error) => notTestable(context, `a link for client ${clientId} would not open: ${error.message}`)),
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
): Effect.Effect<void> => {
  const status: unknown = provider.isConnected
  if (!SubscriptionRef.isSubscriptionRef(status)) return Effect.void
  return Stream.runForEach(SubscriptionRef.changes(provider.isConnected), (connected) =>
    Effect.sync(() => {
      if (changes.at(-1)?.connected === connected) return
      changes.push({ atMs: context.timers.nowMs() - startMs, connected })
      context.recorder.status(clientId, connected)
      context.waiting.notify()
    }),
  )
}

/** Opens one recorded client behind a link of its own. */
export const openClient = (
  context: ArenaContext,
  startMs: number,
  clientId: string,
  options: OpenOptions & { readonly storeId: string },
): Effect.Effect<ArenaClient, CheckStop> =>
  Effect.gen(function* () {
    const { recorder, waiting, host } = context
    const { deadlineMs } = context.provider.capabilities.times
    const { storeId } = options
    context.stores.add(storeId)
    const link = yield* openLink(context, clientId)
    const { memory, had } = memoryOf(context, storeId, clientId, options.memory ?? "kept")
    recorder.client({
      client: clientId,
      store: storeId,
      memory: had ? "kept" : "fresh",
      ...(options.rejected === undefined ? {} : { rejected: options.rejected }),
    })
    const scope = yield* Scope.make()
    const provider = yield* host
      .open({
        storeId,
        clientId,
        ...(options.payload === undefined ? {} : { payload: options.payload }),
        memory: clientMemoryOver(memory),
        ...(link === undefined ? {} : { link: link.address }),
      })
      .pipe(
        Scope.provide(scope),
        Effect.catch((error) => notTestable(context, `client ${clientId} would not open: ${error.message}`)),
      )
    const changes: Array<{ atMs: number; connected: boolean }> = []
    yield* watchStatus(context, clientId, provider, changes, startMs).pipe(Effect.forkIn(scope))

    const running = new Set<StartedOperation>()
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
    ): Effect.Effect<Running> =>
      startOperation(
        context,
        { client: clientId, store: storeId, f, ...(batch === undefined ? {} : { batch }) },
        describe,
        deadlineMs,
        lastFrames,
        run,
      ).pipe(Effect.map(track))
    const settledOf = (started: Effect.Effect<Running>): Effect.Effect<Settled> =>
      Effect.flatMap(started, (operation) => operation.settled)

    let over = false
    const closeScope = Effect.gen(function* () {
      const closed = Deferred.makeUnsafe<boolean>()
      yield* Scope.close(scope, Exit.void).pipe(
        Effect.exit,
        Effect.andThen(Effect.sync(() => Deferred.doneUnsafe(closed, Exit.succeed(true)))),
        Effect.forkDetach,
      )
      return (yield* awaitWithin(closed, deadlineMs)) === true
    })
    const end = (how: "close" | "crash") =>
      Effect.suspend(() => {
        if (over) return Effect.succeed(true)
        over = true
        recorder.clientEnd(clientId, how)
        if (how === "crash") link?.cut()
        return closeScope
      })

    const startConnect = start("connect", "connect", () => Scope.provide(provider.connect, scope))
    const startPush = (batch: ReadonlyArray<EventEncoded>) =>
      start("push", `push of ${batch.length}`, () => provider.push(batch), batch)
    const startPull = (cursor: Option.Option<Cursor>, live: boolean): Effect.Effect<RunningPull> =>
      startPullOperation(context, { id: clientId, storeId, provider }, cursor, live, lastFrames).pipe(Effect.map(track))

    const client: ArenaClient = {
      id: clientId,
      storeId,
      name: provider.metadata?.name ?? "",
      link: makeArenaLink(context, clientId, link),
      connect: settledOf(startConnect),
      startConnect,
      ping: settledOf(start("ping", "ping", () => provider.ping)),
      push: (batch) => settledOf(startPush(batch)),
      startPush,
      pull: (cursor = Option.none()) =>
        Effect.gen(function* () {
          const pull = yield* startPull(cursor, false)
          const settled = yield* pull.settled
          return { settled, items: pull.items(), events: pull.events(), cursor: pull.cursor() }
        }),
      startPull: (cursor = Option.none()) => startPull(cursor, false),
      live: (cursor = Option.none()) => startPull(cursor, true),
      isConnected: Effect.suspend(() => SubscriptionRef.get(provider.isConnected)),
      statusIs: (connected, withinMs) =>
        waiting.until(() => SubscriptionRef.getUnsafe(provider.isConnected) === connected, withinMs),
      statusChanges: () => changes,
      raw: provider,
      close: end("close"),
      crash: Effect.asVoid(end("crash")),
    }
    context.clients.push({ client, link, running, shut: end("close"), ended: () => over })
    return client
  })
