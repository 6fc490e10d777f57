import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { Effect, Exit, Option, Scope, Stream, SubscriptionRef } from "effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import { WebSocketServer, type WebSocket } from "ws"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import { moreKnown, noMore } from "../../../contract/event.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { harnessClientOptions } from "../capabilities.ts"
import { decodeClientFrame, encodeFrame, pingFrame, type BackendMessageEncoded, type ClientMessage } from "../wire.ts"
import { openCloudflareClient } from "./client.ts"
import { realClock } from "./clock.ts"
import type { ClientOptions } from "./options.ts"

type Request = ClientMessage | { readonly t: "ping" }
type Reply = (message: BackendMessageEncoded, args?: ReadonlyArray<string | undefined>) => void

/** What a scripted backend does with a message that it got. */
type Script = (message: Request, reply: Reply, socket: WebSocket) => void

const welcome = { t: "welcome", version: 1, backendId: "life", head: 0 } as const
const event = { seqNum: 1, parentSeqNum: 0, name: "n", clientId: "c", sessionId: "s" }
const row = (seqNum: number, parent: number) => [seqNum, parent, "n", "c", "s", `d${seqNum}`] as const
const page = (id: number, rows: ReadonlyArray<ReturnType<typeof row>>, more = 0) =>
  ({
    t: "page",
    id,
    live: false,
    backendId: "life",
    head: 9,
    info: more === 0 ? noMore : moreKnown(more),
    rows,
  }) as const

describe("a client and a backend that misbehaves", () => {
  const closers: Array<() => Promise<void>> = []
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })

  /** A client on a backend that greets and then follows the script; and every message that the backend got. */
  const start = async (
    script: Script,
    greeting: BackendMessageEncoded = welcome,
    over: Partial<ClientOptions> = {},
  ) => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 })
    await once(server, "listening")
    const got: Array<Request> = []
    server.on("connection", (socket) =>
      socket.on("message", (data: Buffer) => {
        const text = data.toString()
        const message = text === pingFrame ? ({ t: "ping" } as const) : decodeClientFrame(text)?.message
        if (message === undefined) return
        got.push(message)
        const reply: Reply = (answer, args) => socket.send(encodeFrame(answer, args))
        if (message.t === "hello") reply(greeting)
        else script(message, reply, socket)
      }),
    )
    const scope = Effect.runSync(Scope.make())
    const client = await Effect.runPromise(
      Scope.provide(
        openCloudflareClient({
          form: { transport: "ws", storage: "do" },
          storeId: "store",
          clientId: "c",
          memory: clientMemoryOver(new Map()),
          target: () => ({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }),
          options: { ...harnessClientOptions, resumeMs: 200, repeatPageMs: 100, answerTimeoutMs: 500, ...over },
        }),
        scope,
      ),
    )
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    closers.push(async () => {
      await close()
      for (const socket of server.clients) socket.terminate()
      server.close()
    })
    return { client, close, got, count: (t: Request["t"]) => got.filter((message) => message.t === t).length }
  }
  const failureOf = async <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.flip(effect))
  const pullAll = (client: SyncProvider) => Stream.runCollect(client.pull(Option.none()))

  it("sends a push once, and does not know what became of it when the connection ends instead of an answer", async () => {
    const { client, count } = await start((message, _reply, socket) => {
      if (message.t === "push") socket.terminate()
    })
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "IsOffline" })
    expect(count("push")).toBe(1)
  })

  it("sends a push once, and gives the connection up, when no answer comes", async () => {
    const { client, count } = await start(() => undefined)
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "IsOffline" })
    expect(count("push")).toBe(1)
    expect(Effect.runSync(SubscriptionRef.get(client.isConnected))).toBe(false)
  })

  it("asks again for a page that got lost, and takes the first that comes", async () => {
    let asked = 0
    const { client } = await start((message, reply) => {
      if (message.t === "pull" && ++asked === 2) {
        reply(page(message.id - 1, [row(1, 0)]), [undefined])
        reply(page(message.id, [row(1, 0)]), [undefined])
      }
    })
    expect(await Effect.runPromise(pullAll(client))).toHaveLength(1)
  })

  it.each([
    ["with a hole in it", page(0, [row(1, 0), row(3, 2)])],
    ["that does not follow the cursor", page(0, [row(2, 1)])],
    ["that is empty and promises more", page(0, [], 3)],
  ])("fails a pull on a page %s, and gives none of it", async (_what, broken) => {
    const { client } = await start((message, reply) => {
      if (message.t === "pull")
        reply(
          { ...broken, id: message.id },
          broken.rows.map(() => undefined),
        )
    })
    expect(await failureOf(pullAll(client))).toMatchObject({ _tag: "UnknownError" })
  })

  it("fails a pull whose pages come from two lives", async () => {
    const { client } = await start((message, reply) => {
      if (message.t !== "pull") return
      const first = message.after.seqNum === 0
      reply({ ...page(message.id, [first ? row(1, 0) : row(2, 1)], first ? 1 : 0), backendId: first ? "one" : "two" }, [
        undefined,
      ])
    })
    expect(await failureOf(pullAll(client))).toMatchObject({
      _tag: "BackendIdMismatch",
      expected: "one",
      received: "two",
    })
  })

  it("goes on where a pull stood when the connection ends between two pages", async () => {
    const { client, got } = await start((message, reply, socket) => {
      if (message.t !== "pull") return
      const next = message.after.seqNum + 1
      reply(page(message.id, [row(next, next - 1)], 3 - next), [undefined])
      setImmediate(() => socket.terminate())
    })
    const items = await Effect.runPromise(pullAll(client))
    expect(items.flatMap(({ events }) => events.map((pulled) => pulled.event.seqNum))).toEqual([1, 2, 3])
    expect(got.filter(({ t }) => t === "hello").length).toBeGreaterThan(1)
  })

  it("fails a pull at once when its client is closed, however much time it would have had", async () => {
    // On a clock that stands still a pull that asks again and again would never come to an end.
    const { client, close, count } = await start(() => undefined, welcome, { clock: { ...realClock, nowMs: () => 0 } })
    const failed = failureOf(pullAll(client))
    await vi.waitUntil(() => count("pull") === 1)
    await close()
    expect(await failed).toMatchObject({ _tag: "IsOffline" })
  })

  it("tries no connection again once the payload was rejected", async () => {
    const rejection = { t: "refused", error: { _tag: "PayloadRejected", message: "no" } } as const
    const { client, count } = await start(() => undefined, rejection)
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "PayloadRejected" })
    }
    expect(await failureOf(client.ping)).toMatchObject({ _tag: "PayloadRejected" })
    expect(count("hello")).toBe(1)
  })

  it("says which version of the protocol the backend speaks", async () => {
    const { client } = await start(() => undefined, {
      t: "refused",
      error: { _tag: "UnsupportedVersion", supported: 2 },
    })
    const error = await failureOf(client.push([event]))
    expect(error).toMatchObject({ _tag: "UnknownError", message: expect.stringContaining("version 2") })
  })

  it("does not know whether a push was stored when the payload is rejected before its answer", async () => {
    const { client } = await start((message, reply) => {
      if (message.t === "push") reply({ t: "refused", error: { _tag: "PayloadRejected", message: "revoked" } })
    })
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "IsOffline" })
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "PayloadRejected" })
  })

  it("pulls at the head that a refused push named, told of it or not", async () => {
    const pulled: Array<number> = []
    const { client, count } = await start((message, reply) => {
      if (message.t === "pull") {
        const behind = message.after.seqNum === 0 && count("push") > 0
        reply(page(message.id, behind ? [row(1, 0)] : []), behind ? [undefined] : [])
      }
      if (message.t === "push") {
        reply({ t: "refused", id: message.id, error: { _tag: "ServerAhead", head: 1, providedParent: 0 } })
      }
    })
    const live = Effect.runFork(
      Stream.runForEach(client.pull(Option.none(), { live: true }), ({ events }) =>
        Effect.sync(() => pulled.push(...events.map((each) => each.event.seqNum))),
      ),
    )
    await vi.waitUntil(() => count("pull") > 0)
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "ServerAhead", head: 1 })
    await vi.waitUntil(() => pulled.length > 0)
    expect(pulled).toEqual([1])
    live.interruptUnsafe()
  })
})
