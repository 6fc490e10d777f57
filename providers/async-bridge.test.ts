import { Cause, Deferred, Effect, Exit, Fiber, Option, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import type { AsyncPullItem, AsyncSyncProvider } from "../contract/async.ts"
import { IsOffline, PushRejected, ServerAhead, UnknownError } from "../contract/errors.ts"
import { noMore } from "../contract/event.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import { bridgeAsync, type BridgeOptions } from "./async-bridge.ts"

const event = { seqNum: 1, parentSeqNum: 0, name: "x", args: {}, clientId: "a", sessionId: "s" }
const page = (seqNum: number): AsyncPullItem => ({ events: [{ event: { ...event, seqNum } }], pageInfo: noMore })
const never = <A = void>(): Promise<A> => new Promise(() => undefined)

const provider = (members: Partial<AsyncSyncProvider> = {}): AsyncSyncProvider => ({
  connect: async () => undefined,
  push: async () => undefined,
  pull: async function* () {},
  ping: async () => undefined,
  isConnected: () => false,
  onConnectedChange: () => () => undefined,
  metadata: { name: "fake", description: "", supports: { pullLive: true, pullPageInfoKnown: true } },
  close: async () => undefined,
  ...members,
})

const withBridge = <A, E>(
  members: Partial<AsyncSyncProvider>,
  use: (bridged: SyncProvider) => Effect.Effect<A, E>,
  options?: BridgeOptions,
): Promise<A> => Effect.runPromise(Effect.scoped(Effect.flatMap(bridgeAsync(provider(members), options), use)))

const pushFailure = (thrown: unknown): Promise<unknown> =>
  withBridge({ push: () => Promise.reject(thrown) }, (bridged) => Effect.flip(bridged.push([event])))

describe("errors of a bridged provider", () => {
  it("become the contract's error that their tag names, with its fields", async () => {
    expect(await pushFailure({ _tag: "ServerAhead", head: 7, providedParent: 3 })).toEqual(
      new ServerAhead({ head: 7, providedParent: 3 }),
    )
    expect(await pushFailure(Object.assign(new Error("gone"), { _tag: "IsOffline" }))).toEqual(
      new IsOffline({ message: "gone" }),
    )
    expect(await pushFailure({ _tag: "PushRejected", reason: "no" })).toEqual(new PushRejected({ reason: "no" }))
  })

  it("become an unknown error with their message when they name none of the operation's errors", async () => {
    expect(await pushFailure(new Error("broken"))).toEqual(new UnknownError({ message: "broken" }))
    expect(await pushFailure("a string")).toEqual(new UnknownError({ message: "a string" }))
    expect(await pushFailure(undefined)).toEqual(new UnknownError({ message: "undefined" }))
    expect(await pushFailure({ _tag: "CursorAhead", cursor: 2, head: 1, message: "past" })).toEqual(
      new UnknownError({ message: "CursorAhead: past" }),
    )
    expect(await pushFailure({ _tag: "ServerAhead", head: "seven" })).toBeInstanceOf(UnknownError)
  })

  it("become a defect when they say that something died", async () => {
    const exit = await withBridge({ push: () => Promise.reject({ _tag: "Defect", message: "died" }) }, (bridged) =>
      Effect.exit(bridged.push([event])),
    )
    expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
  })

  it("are failures when thrown before there is a promise", async () => {
    const throws = (): never => {
      throw { _tag: "IsOffline", message: "at once" }
    }
    const failures = await withBridge({ connect: throws, push: throws, ping: throws, pull: throws }, (bridged) =>
      Effect.all([
        Effect.flip(Effect.scoped(bridged.connect)),
        Effect.flip(bridged.push([event])),
        Effect.flip(bridged.ping),
        Effect.flip(Stream.runCollect(bridged.pull(Option.none()))),
      ]),
    )
    expect(failures).toEqual(Array.from({ length: 4 }, () => new IsOffline({ message: "at once" })))
  })
})

describe("interrupting a bridged operation", () => {
  it("aborts its signal and completes though the promise never settles", async () => {
    let seen: AbortSignal | undefined
    const push: AsyncSyncProvider["push"] = (_batch, signal) => {
      seen = signal
      return never()
    }
    await withBridge({ push }, (bridged) =>
      Effect.flatMap(Effect.forkChild(bridged.push([event]), { startImmediately: true }), Fiber.interrupt),
    )
    expect(seen?.aborted).toBe(true)
  })

  it("waits until the promise has settled where that was asked for", async () => {
    const steps: Array<string> = []
    const push: AsyncSyncProvider["push"] = async (_batch, signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      await Promise.resolve()
      steps.push("settled")
    }
    await withBridge(
      { push },
      (bridged) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(bridged.push([event]), { startImmediately: true })
          yield* Fiber.interrupt(fiber)
          steps.push("interrupted")
        }),
      { interruption: "settled" },
    )
    expect(steps).toEqual(["settled", "interrupted"])
  })

  it("leaves no unhandled rejection when the promise fails afterwards", async () => {
    const unhandled: Array<unknown> = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on("unhandledRejection", listener)
    const late = Promise.withResolvers<void>()
    await withBridge({ push: () => late.promise }, (bridged) =>
      Effect.flatMap(Effect.forkChild(bridged.push([event]), { startImmediately: true }), Fiber.interrupt),
    )
    late.reject(new Error("too late"))
    // Node reports unhandled rejections once the microtasks are done, before the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve))
    process.off("unhandledRejection", listener)
    expect(unhandled).toEqual([])
  })

  it("does not wait for return() of an async generator whose next() is pending", async () => {
    let aborted = false
    const pull: AsyncSyncProvider["pull"] = async function* (_cursor, _options, signal) {
      signal.addEventListener("abort", () => (aborted = true))
      yield page(1)
      await never()
    }
    await withBridge({ pull }, (bridged) =>
      Effect.gen(function* () {
        const first = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(
          Stream.runForEach(bridged.pull(Option.none(), { live: true }), () => Deferred.succeed(first, undefined)),
        )
        yield* Deferred.await(first)
        yield* Fiber.interrupt(fiber)
      }),
    )
    expect(aborted).toBe(true)
  })
})

describe("a bridged pull", () => {
  const counted = () => {
    const calls: Array<string> = []
    let at = 0
    const pull: AsyncSyncProvider["pull"] = (cursor, { live }) => {
      calls.push(`pull ${JSON.stringify(cursor)} ${live}`)
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            calls.push("next")
            at += 1
            return at <= 3 ? { done: false, value: page(at) } : { done: true, value: undefined }
          },
          return: async () => {
            calls.push("return")
            return { done: true, value: undefined }
          },
        }),
      }
    }
    return { calls, pull }
  }

  it("does nothing until it is run", async () => {
    const { calls, pull } = counted()
    await withBridge({ pull }, (bridged) => Effect.sync(() => void bridged.pull(Option.none())))
    expect(calls).toEqual([])
  })

  it("asks for one item at a time and tells an iteration that is left early", async () => {
    const { calls, pull } = counted()
    const items = await withBridge({ pull }, (bridged) =>
      Stream.runCollect(
        bridged
          .pull(Option.some({ eventSequenceNumber: 4, metadata: Option.some({ k: 1 }) }), { live: true })
          .pipe(Stream.take(1)),
      ),
    )
    expect(items.map((item) => item.events[0]?.event.seqNum)).toEqual([1])
    expect(calls).toEqual(['pull {"eventSequenceNumber":4,"metadata":{"k":1}} true', "next", "return"])
  })

  it("ends when the iteration ends, and then has nothing to return", async () => {
    const { calls, pull } = counted()
    const items = await withBridge({ pull }, (bridged) => Stream.runCollect(bridged.pull(Option.none())))
    expect(items.length).toBe(3)
    expect(calls).toEqual(["pull undefined false", "next", "next", "next", "next"])
  })

  it("fails typed on an item that is no page", async () => {
    const pull: AsyncSyncProvider["pull"] = async function* () {
      yield { html: true } as never
    }
    const error = await withBridge({ pull }, (bridged) => Effect.flip(Stream.runCollect(bridged.pull(Option.none()))))
    expect(error).toBeInstanceOf(UnknownError)
  })

  it("keeps the metadata of events, and says none where there is none", async () => {
    const pull: AsyncSyncProvider["pull"] = async function* () {
      yield { events: [{ event, metadata: { at: 1 } }, { event }], pageInfo: noMore }
    }
    const [item] = await withBridge({ pull }, (bridged) => Stream.runCollect(bridged.pull(Option.none())))
    expect(item?.events.map(({ metadata }) => metadata)).toEqual([Option.some({ at: 1 }), Option.none()])
  })
})

describe("isConnected of a bridged provider", () => {
  it("begins with the provider's word and follows its changes until the scope ends", async () => {
    let tell: (connected: boolean) => void = () => undefined
    let listening = false
    const members: Partial<AsyncSyncProvider> = {
      isConnected: () => true,
      onConnectedChange: (listener) => {
        listening = true
        tell = listener
        return () => (listening = false)
      },
    }
    const seen = await withBridge(members, (bridged) =>
      Effect.gen(function* () {
        const before = yield* SubscriptionRef.get(bridged.isConnected)
        tell(false)
        const after = yield* SubscriptionRef.changes(bridged.isConnected).pipe(
          Stream.filter((connected) => !connected),
          Stream.runHead,
        )
        return [before, after]
      }),
    )
    expect(seen).toEqual([true, Option.some(false)])
    expect(listening).toBe(false)
  })
})

describe("the end of a bridged client", () => {
  it("calls close once and swallows and reports its failure", async () => {
    let closed = 0
    const problems: Array<string> = []
    const close = async (): Promise<void> => {
      closed += 1
      throw new Error("stuck door")
    }
    await withBridge({ close }, () => Effect.void, { onCloseProblem: (problem) => problems.push(problem) })
    expect(closed).toBe(1)
    expect(problems).toEqual(["close() failed: stuck door"])
  })

  it("waits a bounded time for a close that hangs", async () => {
    const problems: Array<string> = []
    await Effect.runPromise(
      Effect.gen(function* () {
        const bridged = bridgeAsync(provider({ close: () => never() }), {
          closeMs: 1_000,
          onCloseProblem: (problem) => problems.push(problem),
        })
        const fiber = yield* Effect.forkChild(Effect.scoped(bridged), { startImmediately: true })
        yield* TestClock.adjust(1_000)
        yield* Fiber.join(fiber)
      }).pipe(Effect.provide(TestClock.layer())),
    )
    expect(problems).toEqual(["close() did not settle within 1000 ms"])
  })
})
