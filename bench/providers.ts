import { Cause, Context, Effect, Exit, Fiber, Layer, Option, type Scope, Stream } from "effect"
import { clientMemoryOver } from "../contract/client-memory.ts"
import type { Cursor, EventEncoded } from "../contract/event.ts"
import { ProviderHost } from "../contract/provider.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import { loadProvider } from "../providers/registry.ts"

/**
 * What one provider does on this machine; latencies in milliseconds, throughput in events a second. Absent is what
 * failed or took too long.
 */
export interface ProviderSpeed {
  /** One push after the other, by events a batch. */
  readonly push: ReadonlyMap<number, { readonly p50Ms: number; readonly eventsPerSecond: number }>
  /** A fresh client pulls a log of `catchUpEvents`. */
  readonly catchUpPerSecond?: number
  /** A client that stands `pageEvents` behind the head of that log pulls them, again and again. */
  readonly page?: { readonly p50Ms: number; readonly eventsPerSecond: number }
  /** From the call of a push to the event in another client's live pull. */
  readonly live?: { readonly p50Ms: number; readonly p99Ms: number }
  readonly fanOuts: ReadonlyArray<FanOut>
}

/** Many live pulls at once. */
export interface FanOut {
  readonly stores: number
  /** On all stores together. */
  readonly livePulls: number
  /** From the call of a push on each store until each live pull had its event. */
  readonly ms: number
  /** Resident memory of the backend that each live pull costs, in kilobytes; absent where it cannot be read. */
  readonly livePullKb?: number
}

export const catchUpEvents = 10_000
export const pageEvents = 100
const pagePulls = 100
const liveEvents = 200
/** No new event is timed after so long, in milliseconds: a client that looks every few seconds would take ten minutes. */
const liveAtMostMs = 15_000
/** Longest that each measurement may take, in milliseconds. */
const measuredWithinMs = 45_000
const fanOuts: ReadonlyArray<Pick<FanOut, "stores" | "livePulls">> = [
  { stores: 1, livePulls: 200 },
  { stores: 10, livePulls: 1_000 },
]
const fanOutRounds = 10
/** Pushes that are timed, by events a batch. */
const pushes: ReadonlyArray<readonly [batch: number, times: number]> = [
  [1, 200],
  [10, 60],
  [100, 30],
]

const percentile = (values: ReadonlyArray<number>, p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN

/** `count` events behind `head`, of about 200 bytes each. */
const batchAfter = (head: number, count: number): ReadonlyArray<EventEncoded> =>
  Array.from({ length: count }, (_, n) => ({
    seqNum: head + n + 1,
    parentSeqNum: head + n,
    name: "todoCreated",
    args: { id: `todo-${head + n + 1}`, text: "x".repeat(60), done: false, tags: ["a", "b"] },
    clientId: "bench",
    sessionId: "s",
  }))

type Opened = (storeId: string, clientId: string) => Effect.Effect<SyncProvider, unknown, Scope.Scope>

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    const fromMs = performance.now()
    return Effect.map(effect, () => performance.now() - fromMs)
  })

const repeated = <A, E, R>(times: number, effect: Effect.Effect<A, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.forEach(Array.from({ length: times }), () => effect)

const measurePushes = (open: Opened, storeId: string) =>
  Effect.gen(function* () {
    const client = yield* open(storeId, "bench")
    yield* client.connect
    let head = 0
    const push = (batch: number) =>
      Effect.suspend(() => {
        const events = batchAfter(head, batch)
        head += batch
        return client.push(events)
      })
    yield* repeated(10, push(1))
    const speeds = new Map<number, { readonly p50Ms: number; readonly eventsPerSecond: number }>()
    for (const [batch, times] of pushes) {
      const each = yield* repeated(times, timed(push(batch)))
      const totalMs = each.reduce((sum, ms) => sum + ms, 0)
      speeds.set(batch, { p50Ms: percentile(each, 0.5), eventsPerSecond: (batch * times) / (totalMs / 1_000) })
    }
    return speeds
  })

const measureCatchUp = (open: Opened, storeId: string) =>
  Effect.gen(function* () {
    const writer = yield* open(storeId, "writer")
    for (let head = 0; head < catchUpEvents; head += 100) yield* writer.push(batchAfter(head, 100))
    const reader = yield* open(storeId, "reader")
    yield* reader.connect
    let behind = Option.none<Cursor>()
    const pulledFrom = (cursor: Option.Option<Cursor>) =>
      Effect.suspend(() => {
        let pulled = 0
        return Effect.map(
          Stream.runForEach(reader.pull(cursor), ({ events }) =>
            Effect.sync(() => {
              pulled += events.length
              const at = events.find(({ event }) => event.seqNum === catchUpEvents - pageEvents)
              if (at !== undefined) {
                behind = Option.some({ eventSequenceNumber: at.event.seqNum, metadata: at.metadata })
              }
            }),
          ),
          () => pulled,
        )
      })
    const expected = (count: number, cursor: Option.Option<Cursor>) =>
      Effect.flatMap(pulledFrom(cursor), (pulled) =>
        pulled === count ? Effect.void : Effect.die(`pulled ${pulled} of ${count} events`),
      )
    const ms = yield* timed(expected(catchUpEvents, Option.none()))
    const each = yield* repeated(pagePulls, timed(Effect.suspend(() => expected(pageEvents, behind))))
    const totalMs = each.reduce((sum, one) => sum + one, 0)
    return {
      catchUpPerSecond: catchUpEvents / (ms / 1_000),
      page: { p50Ms: percentile(each, 0.5), eventsPerSecond: (pageEvents * pagePulls) / (totalMs / 1_000) },
    }
  })

/** A live pull that calls back with the number of each event. */
const listen = (client: SyncProvider, heard: (seqNum: number) => void) =>
  Effect.forkScoped(
    Stream.runForEach(client.pull(Option.none(), { live: true }), ({ events }) =>
      Effect.sync(() => {
        for (const { event } of events) heard(event.seqNum)
      }),
    ),
  )

const measureLive = (open: Opened, storeId: string) =>
  Effect.gen(function* () {
    const writer = yield* open(storeId, "writer")
    const reader = yield* open(storeId, "reader")
    const waiting = new Map<number, () => void>()
    const fiber = yield* listen(reader, (seqNum) => waiting.get(seqNum)?.())
    const deliver = (head: number) =>
      Effect.suspend(() => {
        const arrived = new Promise<void>((resolve) => waiting.set(head + 1, resolve))
        return Effect.andThen(
          writer.push(batchAfter(head, 1)),
          Effect.promise(() => arrived),
        )
      })
    for (let head = 0; head < 10; head++) yield* deliver(head)
    const each: Array<number> = []
    const fromMs = performance.now()
    for (let n = 0; n < liveEvents && performance.now() - fromMs < liveAtMostMs; n++)
      each.push(yield* timed(deliver(10 + n)))
    yield* Fiber.interrupt(fiber)
    return { p50Ms: percentile(each, 0.5), p99Ms: percentile(each, 0.99) }
  })

const measureFanOut = (
  open: Opened,
  memory: Effect.Effect<number | undefined, unknown>,
  { stores, livePulls }: Pick<FanOut, "stores" | "livePulls">,
): Effect.Effect<FanOut, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const names = Array.from({ length: stores }, (_, n) => `fan-out-of-${stores}-${n}`)
    const writers = yield* Effect.forEach(names, (name) => open(name, "writer"))
    const pushAll = (head: number) =>
      Effect.forEach(writers, (writer) => writer.push(batchAfter(head, 1)), { concurrency: "unbounded", discard: true })
    yield* pushAll(0)
    const before = yield* memory
    let heard = 0
    let all = (): void => undefined
    const until = (count: number) =>
      new Promise<void>((resolve) => {
        all = () => heard >= count && resolve()
        all()
      })
    for (let n = 0; n < livePulls; n++) {
      const reader = yield* open(names[n % stores]!, `reader-${n}`)
      yield* listen(reader, () => {
        heard += 1
        all()
      })
    }
    yield* Effect.promise(() => until(livePulls))
    const after = yield* memory
    const rounds: Array<number> = []
    for (let head = 1; head <= fanOutRounds; head++) {
      const done = until(livePulls * (head + 1))
      rounds.push(
        yield* timed(
          Effect.andThen(
            pushAll(head),
            Effect.promise(() => done),
          ),
        ),
      )
    }
    const ms = percentile(rounds, 0.5)
    if (before === undefined || after === undefined) return { stores, livePulls, ms }
    return { stores, livePulls, ms, livePullKb: Math.max(0, after - before) / livePulls / 1_024 }
  })

/** What was measured; nothing, and a line that says so, where it failed or took too long. */
const tried = <A, R>(
  what: string,
  measure: Effect.Effect<A, unknown, R | Scope.Scope>,
): Effect.Effect<A | undefined, never, Exclude<R, Scope.Scope>> =>
  Effect.scoped(measure).pipe(
    Effect.timeout(measuredWithinMs),
    Effect.catchCause((cause) =>
      Effect.sync(() => {
        console.error(`${what} was not measured: ${Cause.prettyErrors(cause)[0]?.message ?? "interrupted"}`)
        return undefined
      }),
    ),
  )

/** Measures one provider on a host of its own. */
export const measureProvider = async (key: string): Promise<ProviderSpeed> => {
  const provider = await loadProvider(key)
  if (provider === undefined) throw new Error(`there is no provider "${key}"`)
  const program = Effect.gen(function* () {
    const host = Context.get(yield* Layer.build(provider.layer), ProviderHost)
    const nameOf = (storeId: string): string => `bench-${storeId}`
    const open: Opened = (storeId, clientId) =>
      host.open({ storeId: nameOf(storeId), clientId, memory: clientMemoryOver(new Map()) })
    const memory: Effect.Effect<number | undefined, unknown> =
      host.gauges === undefined
        ? Effect.succeed(undefined)
        : Effect.map(host.gauges(nameOf("push")), ({ memoryBytes }) => memoryBytes)
    const push = yield* tried(`${key}: push`, measurePushes(open, "push"))
    const catchUp = yield* tried(`${key}: catch-up`, measureCatchUp(open, "log"))
    const live = yield* tried(`${key}: push to live pull`, measureLive(open, "live"))
    const crowds = fanOuts.filter(({ stores, livePulls }) => livePulls <= provider.capabilities.livePulls * stores)
    const measured = yield* Effect.forEach(crowds, (crowd) =>
      tried(`${key}: ${crowd.livePulls} live pulls`, measureFanOut(open, memory, crowd)),
    )
    return {
      push: push ?? new Map(),
      fanOuts: measured.filter((fanOut) => fanOut !== undefined),
      ...catchUp,
      ...(live === undefined ? {} : { live }),
    }
  })
  const exit = await Effect.runPromiseExit(Effect.scoped(program) as Effect.Effect<ProviderSpeed, unknown, never>)
  if (Exit.isFailure(exit)) throw new Error(`${key} could not be measured: ${String(exit.cause)}`)
  return exit.value
}
