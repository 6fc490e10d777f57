import { Effect, Exit, Fiber, Layer, Option, Stream, SubscriptionRef, type Scope } from "effect"
import { draw } from "../../chaos/draw.ts"
import { openVirtualLink } from "../../chaos/links/virtual-link.ts"
import { Timers } from "../../chaos/timers.ts"
import { runVirtual } from "../../chaos/world/run-virtual.ts"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { Cursor, EventEncoded, PullItem } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import { ProviderHost, type ProviderHostShape } from "../../contract/provider.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { makeMock } from "./provider.ts"
import type { MockSeams } from "./seams.ts"

/** For tests: a mock in a world of its own, and clients behind links. */

/** Runs a test in a world with a mock in it; gives what the test gives, throws what it fails with. */
export const inWorld = <A>(
  test: (host: ProviderHostShape) => Effect.Effect<A, unknown, Scope.Scope>,
  { seed = 1, seams }: { readonly seed?: number; readonly seams?: () => Partial<MockSeams> } = {},
): A => {
  const { layer } = makeMock(seams === undefined ? {} : { seams })
  const program = Effect.scoped(
    Effect.gen(function* () {
      const services = yield* Layer.build(layer)
      return yield* test(yield* ProviderHost.pipe(Effect.provide(services)))
    }),
  )
  const result = runVirtual(seed, program, 5_000_000)
  if (result._tag !== "done") throw new Error(`the world ended with ${result._tag} at ${result.virtualMs} ms`)
  if (Exit.isFailure(result.exit)) throw new Error(String(result.exit.cause))
  return result.exit.value
}

/** A chain of `count` events on `parent`. */
export const chain = (parent: number, count = 1, args?: unknown): ReadonlyArray<EventEncoded> =>
  Array.from({ length: count }, (_, index) => ({
    seqNum: parent + index + 1,
    parentSeqNum: parent + index,
    name: "test.event",
    ...(args === undefined ? {} : { args }),
    clientId: "test",
    sessionId: "test",
  }))

export interface OpenTestClient {
  readonly storeId?: string
  readonly payload?: Json
  readonly memory?: Map<string, string>
}

/** Opens a client behind a link of its own. */
export const openClient = (host: ProviderHostShape, clientId: string, options: OpenTestClient = {}) =>
  Effect.gen(function* () {
    const { endpoint, classify } = host
    if (endpoint?.kind !== "virtual" || classify === undefined) throw new Error("the mock listens in the virtual world")
    const link = openVirtualLink({
      accept: endpoint.accept,
      classify,
      timers: yield* Timers,
      draw: (key, below) => draw(1, `${clientId} ${key}`, below),
    })
    const { storeId = "store", payload, memory = new Map<string, string>() } = options
    const provider = yield* host.open({
      storeId,
      clientId,
      ...(payload === undefined ? {} : { payload }),
      memory: clientMemoryOver(memory),
      link: link.address,
    })
    return { ...provider, link, memory, connected: () => SubscriptionRef.getUnsafe(provider.isConnected) }
  })

/** How an operation ended: "ok", or the name of its error. */
export const ending = <A>(operation: Effect.Effect<A, { readonly _tag: string }>): Effect.Effect<string> =>
  Effect.match(operation, { onSuccess: () => "ok", onFailure: ({ _tag }) => _tag })

/** A cursor without metadata. */
export const cursorAt = (eventSequenceNumber: number): Option.Option<Cursor> =>
  Option.some({ eventSequenceNumber, metadata: Option.none() })

/** The cursor after these items. */
export const cursorAfter = (items: ReadonlyArray<PullItem>): Option.Option<Cursor> => {
  const last = items.flatMap(({ events }) => events).at(-1)
  return last === undefined
    ? Option.none()
    : Option.some({ eventSequenceNumber: last.event.seqNum, metadata: last.metadata })
}

export const numbersOf = (items: ReadonlyArray<PullItem>): ReadonlyArray<number> =>
  items.flatMap(({ events }) => events.map(({ event }) => event.seqNum))

/** Everything that a finite pull gives. */
export const pullAll = (client: Pick<SyncProvider, "pull">, cursor: Option.Option<Cursor> = Option.none()) =>
  Stream.runCollect(client.pull(cursor))

/** A live pull that runs beside the test. */
export const startLive = (client: Pick<SyncProvider, "pull">, cursor: Option.Option<Cursor> = Option.none()) =>
  Effect.gen(function* () {
    const items: Array<PullItem> = []
    const state = { ended: "" }
    const run = Stream.runForEach(client.pull(cursor, { live: true }), (item) =>
      Effect.sync(() => void items.push(item)),
    )
    const fiber = yield* Effect.forkChild(Effect.map(ending(run), (how) => void (state.ended = how)))
    return { items, numbers: () => numbersOf(items), ended: () => state.ended, stop: Fiber.interrupt(fiber) }
  })
