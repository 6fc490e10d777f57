import * as effect from "effect"
import { Effect, Option, Queue, Stream, SubscriptionRef } from "effect"
import { KeyValueStore } from "effect/persistence"
import { describe, expect, it } from "vitest"
import { clientMemoryOver } from "../contract/client-memory.ts"
import { ServerAhead } from "../contract/errors.ts"
import { noMore, type EventEncoded } from "../contract/event.ts"
import { ProviderHost, type ProviderHostShape } from "../contract/provider.ts"
import { fromSyncBackend, type FromSyncBackendOptions } from "./from-sync-backend.ts"
import type { SyncBackendConstructor } from "./sync-backend/open-sync-backend.ts"

const event = (seqNum: number): EventEncoded => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "x",
  clientId: "c",
  sessionId: "s",
})

/** One log of events, and who follows it. */
const emptyLog = () => ({ events: [] as Array<EventEncoded>, followers: new Set<Queue.Queue<EventEncoded>>() })

/** A backend of Effect 4, as LiveStore's main branch shapes them. */
const arrayBackend =
  (log: ReturnType<typeof emptyLog>): SyncBackendConstructor =>
  ({ clientId }) =>
    Effect.gen(function* () {
      const memory = yield* KeyValueStore.KeyValueStore
      yield* memory.set("opened", clientId)
      const isConnected = yield* SubscriptionRef.make(false)
      const item = (events: ReadonlyArray<EventEncoded>) => ({
        batch: events.map((eventEncoded) => ({ eventEncoded, metadata: Option.none() })),
        pageInfo: noMore,
      })
      return {
        isConnected,
        connect: Effect.andThen(
          SubscriptionRef.set(isConnected, true),
          Effect.addFinalizer(() => SubscriptionRef.set(isConnected, false)),
        ),
        ping: Effect.void,
        push: (batch: ReadonlyArray<EventEncoded>) =>
          Effect.suspend(() => {
            const head = log.events.at(-1)?.seqNum ?? 0
            const providedNum = batch[0]?.parentSeqNum ?? head
            if (providedNum !== head)
              return Effect.fail({ _tag: "ServerAheadError", minimumExpectedNum: head, providedNum })
            log.events.push(...batch)
            for (const follower of log.followers) Queue.offerAllUnsafe(follower, batch)
            return Effect.void
          }),
        pull: (
          cursor: Option.Option<{ readonly eventSequenceNumber: number }>,
          { live }: { readonly live: boolean },
        ) => {
          const after = Option.isSome(cursor) ? cursor.value.eventSequenceNumber : 0
          const history = Stream.sync(() => item(log.events.filter(({ seqNum }) => seqNum > after)))
          if (!live) return history
          return Stream.unwrap(
            Effect.gen(function* () {
              const queue = yield* Queue.unbounded<EventEncoded>()
              log.followers.add(queue)
              yield* Effect.addFinalizer(() => Effect.sync(() => log.followers.delete(queue)))
              return Stream.concat(
                history,
                Stream.map(Stream.fromQueue(queue), (one) => item([one])),
              )
            }),
          )
        },
        metadata: { name: "array", description: "" },
        supports: { pullPageInfoKnown: true, pullLive: true },
      }
    })

const options: FromSyncBackendOptions = { effect, key: "array", title: "One array" }

const withHost = <A, E>(
  make: SyncBackendConstructor,
  use: (host: ProviderHostShape) => Effect.Effect<A, E, effect.Scope.Scope>,
  given = options,
): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(Effect.flatMap(ProviderHost, use).pipe(Effect.provide(fromSyncBackend(make, given).layer))),
  )

const opening = (host: ProviderHostShape, clientId = "c", values = new Map<string, string>()) =>
  host.open({ storeId: "s", clientId, memory: clientMemoryOver(values) })

describe("fromSyncBackend with a backend of Effect 4", () => {
  it("pushes, refuses with the contract's error, and pulls what is there", async () => {
    const log = emptyLog()
    const [refused, pulled] = await withHost(arrayBackend(log), (host) =>
      Effect.gen(function* () {
        const client = yield* opening(host)
        yield* client.push([event(1)])
        const refused = yield* Effect.flip(client.push([event(1)]))
        return [refused, yield* Stream.runCollect(client.pull(Option.none()))] as const
      }),
    )
    expect(refused).toEqual(new ServerAhead({ head: 1, providedParent: 0 }))
    expect(pulled).toEqual([{ events: [{ event: event(1), metadata: Option.none() }], pageInfo: noMore }])
  })

  it("keeps a live pull open, and ends it there when it is interrupted here", async () => {
    const log = emptyLog()
    const seen = await withHost(arrayBackend(log), (host) =>
      Effect.gen(function* () {
        const [writer, reader] = [yield* opening(host, "writer"), yield* opening(host, "reader")]
        yield* writer.push([event(1)])
        const live = reader.pull(Option.none(), { live: true })
        const fiber = yield* Stream.flatMap(live, ({ events }) => Stream.fromIterable(events)).pipe(
          Stream.tap(({ event: { seqNum } }) => (seqNum === 1 ? Effect.orDie(writer.push([event(2)])) : Effect.void)),
          Stream.take(2),
          Stream.runCollect,
          Effect.forkScoped,
        )
        return (yield* effect.Fiber.join(fiber)).map((one) => one.event.seqNum)
      }),
    )
    expect(seen).toEqual([1, 2])
    expect(log.followers.size).toBe(0)
  })

  it("gives it the client's memory, follows its connection, and lets go of both with the client", async () => {
    const values = new Map<string, string>()
    const states = await withHost(arrayBackend(emptyLog()), (host) =>
      Effect.gen(function* () {
        const client = yield* opening(host, "me", values)
        const before = client.isConnected.value
        yield* client.connect
        yield* Stream.runDrain(Stream.takeUntil(SubscriptionRef.changes(client.isConnected), (now) => now))
        return [before, client.isConnected.value]
      }),
    )
    expect(states).toEqual([false, true])
    expect([...values]).toEqual([["opened", "me"]])
  })

  it("is declared with LiveStore's own errors, and says that its author's runtime interrupts", () => {
    const { capabilities } = fromSyncBackend(arrayBackend(emptyLog()), options)
    expect(capabilities.errors).toBe("livestore")
  })
})

describe("fromSyncBackend with what is no such constructor", () => {
  const message = async (make: SyncBackendConstructor, given = options): Promise<string> => {
    const error = await withHost(make, (host) => Effect.flip(opening(host)), given)
    return (error as { readonly message: string }).message
  }

  it("says in one line what was given in its place", async () => {
    expect(await message(() => ({}))).toMatch(/^open failed: the constructor gave no effect/)
    expect(await message(() => Effect.succeed({ push: () => Effect.void }))).toMatch(
      /^open failed: the constructor's effect gave no backend: it has no connect, pull, ping/,
    )
    const throws = (): never => {
      throw new Error("no url")
    }
    expect(await message(throws)).toBe("open failed: no url")
    expect(await message(() => Effect.fail({ _tag: "UnknownError", message: "no key" }))).toBe("open failed: no key")
  })

  it("says which Effect its own is when it is another", async () => {
    const ofEffect3 = { [Symbol.for("effect/Effect")]: {} }
    expect(await message(() => ofEffect3)).toBe(
      "open failed: the constructor gave an effect of Effect 3, and the module that was handed over is Effect 4: hand over the one that the constructor imports",
    )
    expect(await message(arrayBackend(emptyLog()), { ...options, effect: {} as never })).toMatch(
      /^open failed: this is no module of Effect 3 or 4/,
    )
  })
})
