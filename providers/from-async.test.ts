import { Deferred, Effect, Exit, Fiber, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../contract/async.ts"
import { defaultCapabilities } from "../contract/capabilities.ts"
import { clientMemoryOver } from "../contract/client-memory.ts"
import { HostError } from "../contract/errors.ts"
import { noMore, type EventEncoded } from "../contract/event.ts"
import { ProviderHost, type OpenArgs, type Provider, type ProviderHostShape } from "../contract/provider.ts"
import { fromAsync, openAsync } from "./from-async.ts"

const metadata = { name: "array", description: "", supports: { pullLive: false, pullPageInfoKnown: true } }

/** A provider over one array, as an author would write it. */
const arrayProvider = (log: Array<EventEncoded>, closed: () => void = () => undefined): AsyncSyncProvider => ({
  connect: async () => undefined,
  push: async (batch) => {
    const head = log.at(-1)?.seqNum ?? 0
    const providedParent = batch[0]?.parentSeqNum ?? head
    if (providedParent !== head) throw { _tag: "ServerAhead", head, providedParent }
    log.push(...batch)
  },
  pull: async function* () {
    yield { events: log.map((event) => ({ event })), pageInfo: noMore }
  },
  ping: async () => undefined,
  isConnected: () => true,
  onConnectedChange: () => () => undefined,
  metadata,
  close: async () => closed(),
})

const args = (more: Partial<OpenArgs> = {}): OpenArgs => ({
  storeId: "s",
  clientId: "c",
  memory: clientMemoryOver(new Map()),
  ...more,
})

const withHost = <A, E>(provider: Provider, use: (host: ProviderHostShape) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(ProviderHost, use).pipe(Effect.provide(provider.layer))))

describe("fromAsync", () => {
  it("makes a provider that pushes and pulls from key, title and open alone", async () => {
    const log: Array<EventEncoded> = []
    const provider = fromAsync({ key: "array", title: "One array", open: async () => arrayProvider(log) })
    const event = { seqNum: 1, parentSeqNum: 0, name: "x", clientId: "c", sessionId: "s" }
    const pulled = await withHost(provider, (host) =>
      Effect.scoped(
        Effect.gen(function* () {
          const client = yield* host.open(args())
          yield* client.push([event])
          return yield* Stream.runCollect(client.pull(Option.none()))
        }),
      ),
    )
    expect(pulled).toEqual([{ events: [{ event, metadata: Option.none() }], pageInfo: noMore }])
    expect(provider.world).toBe("real")
    expect(provider.capabilities).toEqual(defaultCapabilities)
  })

  it("hands over the address of the client's link, else the endpoint's own", async () => {
    const opened: Array<AsyncOpenArgs> = []
    const provider = fromAsync({
      key: "array",
      title: "",
      endpoint: { protocol: "websocket", target: () => ({ host: "backend", port: 1 }) },
      open: async (given) => {
        opened.push(given)
        return arrayProvider([])
      },
    })
    await withHost(provider, (host) =>
      Effect.scoped(
        Effect.all([
          host.open(args({ link: { kind: "tcp", host: "link", port: 2 }, payload: null })),
          host.open(args()),
        ]),
      ),
    )
    expect(opened.map(({ address }) => address)).toEqual([
      { host: "link", port: 2 },
      { host: "backend", port: 1 },
    ])
    expect(opened.map((given) => "payload" in given)).toEqual([true, false])
  })

  it("gives the client's memory as promises over the same values", async () => {
    const values = new Map<string, string>()
    const provider = fromAsync({
      key: "array",
      title: "",
      open: async ({ memory }) => {
        await memory.set("id", "1")
        await memory.set("id", `${await memory.get("id")}2`)
        await memory.set("gone", "1")
        await memory.remove("gone")
        return arrayProvider([])
      },
    })
    await withHost(provider, (host) => Effect.scoped(host.open(args({ memory: clientMemoryOver(values) }))))
    expect([...values]).toEqual([["id", "12"]])
  })

  it("merges declared capabilities over the defaults", () => {
    const { capabilities } = fromAsync({
      key: "array",
      title: "",
      open: async () => arrayProvider([]),
      capabilities: { transport: "websocket", times: { deadlineMs: 5 } },
    })
    expect(capabilities).toEqual({
      ...defaultCapabilities,
      transport: "websocket",
      times: { ...defaultCapabilities.times, deadlineMs: 5 },
    })
  })

  it("starts the backend before it is used and stops it with the scope", async () => {
    const calls: Array<string> = []
    const provider = fromAsync({
      key: "array",
      title: "",
      start: async () => {
        calls.push("start")
        return {
          open: async () => arrayProvider([]),
          reset: async () => void calls.push("reset"),
          stop: async () => void calls.push("stop"),
        }
      },
    })
    await withHost(provider, (host) => host.reset ?? Effect.die("no reset"))
    expect(calls).toEqual(["start", "reset", "stop"])
  })

  it("says what is missing, and offers no part that was not given", async () => {
    const provider = fromAsync({
      key: "array",
      title: "",
      missing: async () => "a server: run `npm run server`",
      open: async () => arrayProvider([]),
    })
    expect(await Effect.runPromise(provider.availability)).toEqual({
      _tag: "Unavailable",
      missing: "a server: run `npm run server`",
    })
    const parts = await withHost(provider, (host) => Effect.succeed(Object.keys(host).toSorted()))
    expect(parts).toEqual(["identity", "logTail", "open"])
  })

  it("turns a part that throws into an error of the host", async () => {
    const provider = fromAsync({
      key: "array",
      title: "",
      open: async () => arrayProvider([]),
      inspect: () => {
        throw new Error("no such table")
      },
    })
    const error = await withHost(provider, (host) => Effect.flip(host.inspect?.("s") ?? Effect.die("no inspect")))
    expect(error).toEqual(new HostError({ message: "no such table" }))
  })

  it("keeps what went wrong at a client's end in the log's tail", async () => {
    const provider = fromAsync({
      key: "array",
      title: "",
      open: async () =>
        arrayProvider([], () => {
          throw new Error("stuck door")
        }),
    })
    const lines = await withHost(provider, (host) =>
      Effect.andThen(Effect.scoped(host.open(args())), host.logTail ?? Effect.succeed([])),
    )
    expect(lines).toEqual(["client c: close() failed: stuck door"])
  })
})

describe("openAsync", () => {
  it("fails with an error of the host when open rejects", async () => {
    const exit = await Effect.runPromiseExit(
      Effect.scoped(openAsync(() => Promise.reject(new Error("no port")), args())),
    )
    expect(exit).toEqual(Exit.fail(new HostError({ message: "open failed: no port" })))
  })

  it("closes a client that comes after the opening was interrupted", async () => {
    const late = Promise.withResolvers<AsyncSyncProvider>()
    const closed = Promise.withResolvers<void>()
    await Effect.runPromise(
      Effect.gen(function* () {
        const started = yield* Deferred.make<void>()
        const open = (): Promise<AsyncSyncProvider> => {
          Deferred.doneUnsafe(started, Effect.void)
          return late.promise
        }
        const fiber = yield* Effect.forkChild(Effect.scoped(openAsync(open, args())))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
      }),
    )
    late.resolve(arrayProvider([], closed.resolve))
    await expect(closed.promise).resolves.toBeUndefined()
  })
})
