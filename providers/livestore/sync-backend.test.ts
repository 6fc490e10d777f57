import { BackendIdMismatchError, IsOfflineError, ServerAheadError, SyncBackend, UnknownError } from "@livestore/common"
import { EventSequenceNumber } from "@livestore/common/schema"
import { KeyValueStore } from "@livestore/utils/effect"
import * as effect from "effect"
import { Effect, Fiber, Option, Stream, SubscriptionRef } from "effect"
import { describe, expect, it, vi } from "vitest"
import { openSyncBackend } from "../sync-backend/open-sync-backend.ts"
import { shortMessage, translateError } from "../sync-backend/translate-error.ts"
import { chain, memoryOf, never } from "./demonstrations/lab.ts"

const global = EventSequenceNumber.Global.make

describe("LiveStore's errors under the contract's names", () => {
  it("keep the head and the parent, which its Cloudflare provider puts into other names", () => {
    const error = new ServerAheadError({ minimumExpectedNum: global(7), providedNum: global(3) })
    expect(translateError(error)).toEqual({ _tag: "ServerAhead", head: 7, providedParent: 3 })
  })

  it("keep both backendIds", () => {
    expect(translateError(new BackendIdMismatchError({ expected: "a", received: "b" }))).toEqual({
      _tag: "BackendIdMismatch",
      expected: "a",
      received: "b",
    })
  })

  it("are offline or unknown with one line about the cause", () => {
    expect(translateError(new IsOfflineError({ cause: new Error("socket closed") }))).toEqual({
      _tag: "IsOffline",
      message: "IsOfflineError: socket closed",
    })
    expect(translateError(new UnknownError({ cause: new Error("no such table\nat line 2") }))).toEqual({
      _tag: "UnknownError",
      message: "UnknownError: no such table",
    })
    expect(translateError("a string")).toEqual({ _tag: "UnknownError", message: "a string" })
  })

  it("are left alone where they have one of the contract's names already", () => {
    const refused = { _tag: "PushRejected", reason: "no" }
    expect(translateError(refused)).toBe(refused)
  })
})

describe("a short message", () => {
  it("is one line of bounded length, whatever the causes hold", () => {
    const nested = new Error("outer (cause: a dump)", { cause: new Error("inner", { cause: "x".repeat(1_000) }) })
    expect(shortMessage(nested)).toMatch(/^outer: inner: x+…$/)
    expect(shortMessage(nested).length).toBe(300)
    expect(shortMessage(undefined)).toBe("no message")
  })
})

type Parts = Partial<SyncBackend.SyncBackend>

/** A backend of Effect 3 of which a test writes what it needs. */
const scripted =
  (parts: (connected: SubscriptionRef.SubscriptionRef<boolean>) => Parts): SyncBackend.SyncBackendConstructor =>
  () =>
    Effect.map(SubscriptionRef.make(false), (isConnected) =>
      SyncBackend.of({
        connect: Effect.void,
        push: () => Effect.void,
        pull: () => Stream.empty,
        ping: Effect.void,
        isConnected,
        metadata: { name: "scripted", description: "" },
        supports: { pullPageInfoKnown: true, pullLive: true },
        ...parts(isConnected),
      }),
    )

const open = (parts: Parts | ((connected: SubscriptionRef.SubscriptionRef<boolean>) => Parts), values = new Map()) =>
  openSyncBackend(
    scripted(typeof parts === "function" ? parts : () => parts),
    { storeId: "s", clientId: "c", memory: memoryOf(values) },
    { effect },
  )

describe("a backend of Effect 3", () => {
  it("dies as a defect, and an interruption from within is an unknown error", async () => {
    const died = await open({ push: () => Effect.die(new Error("boom")) })
    await expect(died.push([], never)).rejects.toEqual({ _tag: "Defect", message: "boom" })
    const interrupted = await open({ push: () => Effect.interrupt })
    await expect(interrupted.push([], never)).rejects.toMatchObject({ _tag: "UnknownError" })
  })

  it("fails before it dies", async () => {
    const both = Effect.zip(
      Effect.die("boom"),
      Effect.fail(new IsOfflineError({ cause: "gone" })).pipe(Effect.uninterruptible),
      { concurrent: true },
    )
    const client = await open({ connect: Effect.asVoid(both) })
    await expect(client.connect(never)).rejects.toEqual({ _tag: "IsOffline", message: "IsOfflineError: gone" })
  })

  it("has no logger, nor have the fibers that it forks", async () => {
    const printed = vi.spyOn(console, "log").mockImplementation(() => {})
    try {
      const forked = Effect.flatMap(Effect.fork(Effect.logError("said")), Fiber.join)
      const client = await open({ push: () => Effect.zipRight(Effect.log("said"), forked) })
      await client.push([], never)
      await Effect.runPromise(Effect.log("said with one"))
      expect(printed.mock.calls.map(([line]) => /said[ a-z]*/.exec(String(line))?.[0])).toEqual(["said with one"])
    } finally {
      printed.mockRestore()
    }
  })

  it("keeps what it stores in the client's memory", async () => {
    const values = new Map([["n", "1"]])
    const program = Effect.gen(function* () {
      const memory = yield* KeyValueStore.KeyValueStore
      yield* memory.modify("n", (n) => `${n}2`)
      yield* memory.set("seen", Option.getOrThrow(yield* memory.get("n")))
      if (yield* memory.has("gone")) yield* memory.remove("n")
    })
    const make: SyncBackend.SyncBackendConstructor = (args) =>
      Effect.zipRight(Effect.orDie(program), scripted(() => ({}))(args))
    await openSyncBackend(make, { storeId: "s", clientId: "c", memory: memoryOf(values) }, { effect })
    expect([...values]).toEqual([
      ["n", "12"],
      ["seen", "12"],
    ])
  })

  it("hands a page over when it is asked for, and runs its finalizers when a pull is left", async () => {
    const steps: Array<string> = []
    const items = Stream.fromIterable([1, 2, 3]).pipe(
      Stream.rechunk(1),
      Stream.mapEffect((n) =>
        Effect.sync(() => {
          steps.push(`page ${n}`)
          return {
            batch: chain(n - 1, 1).map((event) => ({ eventEncoded: event as never, metadata: Option.some({ at: n }) })),
            pageInfo: SyncBackend.pageInfoNoMore,
          }
        }),
      ),
      Stream.ensuring(Effect.sync(() => steps.push("over"))),
    )
    const client = await open({ pull: () => items })
    for await (const { events } of client.pull(undefined, { live: false }, never)) {
      steps.push(`got ${JSON.stringify(events[0]?.metadata)}`)
      if (steps.length > 3) break
    }
    expect(steps).toEqual(["page 1", 'got {"at":1}', "page 2", 'got {"at":2}', "over"])
  })

  it("interrupts a live pull when it is aborted, and gives the cursor's parts as options", async () => {
    let interrupted = false
    const cursors: Array<unknown> = []
    const started = Promise.withResolvers<void>()
    const client = await open({
      pull: (cursor, options) => {
        cursors.push([cursor, options])
        const waiting = Effect.sync(started.resolve).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Effect.sync(() => (interrupted = true))),
        )
        return Stream.fromEffect(waiting)
      },
    })
    const abort = new AbortController()
    const pull = client.pull({ eventSequenceNumber: 3 }, { live: true }, abort.signal)[Symbol.asyncIterator]()
    const next = pull.next()
    await started.promise
    abort.abort()
    await expect(next).rejects.toMatchObject({ _tag: "UnknownError" })
    expect(interrupted).toBe(true)
    expect(cursors).toEqual([[Option.some({ eventSequenceNumber: 3, metadata: Option.none() }), { live: true }]])
  })

  it("tells each change of its connection until nobody listens, and lets go of what it holds when it is closed", async () => {
    const told: Array<boolean> = []
    let set: (now: boolean) => void = () => undefined
    let released = false
    const client = await open((connected) => {
      set = (now) => Effect.runSync(SubscriptionRef.set(connected, now))
      return { connect: Effect.addFinalizer(() => Effect.sync(() => (released = true))) }
    })
    await client.connect(never)
    const heard = Promise.withResolvers<void>()
    const off = client.onConnectedChange((connected) => {
      told.push(connected)
      if (connected) heard.resolve()
    })
    await new Promise((resolve) => setImmediate(resolve))
    set(true)
    await heard.promise
    off()
    set(false)
    expect([told.at(-1), client.isConnected(), released]).toEqual([true, false, false])
    await client.close()
    expect(released).toBe(true)
  })
})
