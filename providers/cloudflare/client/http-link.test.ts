import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { Effect, Exit, Option, Scope, Stream, SubscriptionRef } from "effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { harnessClientOptions } from "../capabilities.ts"
import { encodeBody, encodeHeldFrame, heldType, splitRequest } from "../http-wire.ts"
import { decodeClientFrame, encodeFrame, type BackendMessageEncoded, type ClientMessage } from "../wire.ts"
import { openCloudflareClient } from "./client.ts"

type Request = ClientMessage | undefined

/** What a scripted backend does with a request; true when it did anything. */
type Script = (message: Request, response: ServerResponse, request: IncomingMessage) => boolean | void

const event = { seqNum: 1, parentSeqNum: 0, name: "n", clientId: "c", sessionId: "s" }
const welcome = { t: "welcome", version: 1, backendId: "life", head: 0 } as const
/** Opens a held answer and says nothing more. */
const hold = (response: ServerResponse, head = 0): void => {
  response.writeHead(200, { "content-type": heldType })
  response.write(encodeHeldFrame(encodeFrame({ ...welcome, head })))
}
/** Opens a held answer and keeps it alive. */
const beat = (response: ServerResponse, head: number): void => {
  hold(response, head)
  const pong = encodeHeldFrame(encodeFrame({ t: "pong", backendId: "life", head }))
  const beats = setInterval(() => response.write(pong), 40)
  response.on("close", () => clearInterval(beats))
}
const say = (response: ServerResponse, ...messages: ReadonlyArray<BackendMessageEncoded>): void =>
  void response.end(encodeBody(messages.map((message) => encodeFrame(message))))
const emptyPage = (id: number, live: boolean) =>
  ({ t: "page", id, live, backendId: "life", head: 0, info: { _tag: "NoMore" }, rows: [] }) as const

describe("a client over HTTP and a backend, or a proxy, that misbehaves", () => {
  const closers: Array<() => Promise<unknown>> = []
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })

  /** A client on a server that follows the script, and serves what the script leaves. */
  const start = async (script: Script) => {
    const got: Array<Request> = []
    const sockets = new Set<Socket>()
    let connections = 0
    const server = createServer((request, response) => {
      let body = ""
      request.on("data", (chunk) => (body += String(chunk)))
      request.on("end", () => {
        const message = decodeClientFrame(splitRequest(body)?.frame)?.message
        got.push(message)
        if (script(message, response, request) === true) return
        if (message === undefined) return say(response, welcome)
        if (message.t === "pull") return say(response, emptyPage(message.id, message.live))
        if (message.t !== "watch") return
        beat(response, 0)
      })
    })
    server.on("connection", (socket) => {
      connections += 1
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const scope = Effect.runSync(Scope.make())
    const client = await Effect.runPromise(
      Scope.provide(
        openCloudflareClient({
          form: { transport: "http", storage: "do" },
          storeId: "store",
          clientId: "c",
          memory: clientMemoryOver(new Map()),
          target: () => ({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }),
          options: { ...harnessClientOptions, resumeMs: 200, answerTimeoutMs: 500, heartbeatMs: 100 },
        }),
        scope,
      ),
    )
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    closers.push(async () => {
      await close()
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const count = (t: ClientMessage["t"] | undefined) => got.filter((message) => message?.t === t).length
    return { client, close, count, connections: () => connections, open: () => sockets.size }
  }
  const failureOf = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.flip(effect))
  const liveOn = (client: SyncProvider) => {
    const fiber = Effect.runFork(Stream.runDrain(client.pull(Option.none(), { live: true })))
    return () => fiber.interruptUnsafe()
  }
  const html = "<!doctype html><html></html>\n"

  const answers: ReadonlyArray<readonly [string, (response: ServerResponse, id: number) => void]> = [
    ["an error page", (response) => response.writeHead(502, { "content-type": "text/html" }).end(html)],
    ["an HTML page that says it is well", (response) => response.end(html)],
    ["an empty body", (response) => response.end()],
    ["the answer to another request", (response, id) => say(response, emptyPage(id + 100, false))],
    ["a reset", (response) => response.socket?.resetAndDestroy()],
    [
      "half an answer",
      (response, id) => {
        response.writeHead(200, { "content-length": 5_000 })
        response.write(encodeFrame(emptyPage(id, false)))
        setImmediate(() => response.socket?.destroy())
      },
    ],
    ["bytes that are no text", (response) => response.end(Buffer.from([0xff, 0xfe, 0x0a]))],
  ]

  it.each(answers)("takes %s for no page and for no acknowledgement, and sends a push once", async (_what, answer) => {
    const { client, count } = await start((message, response) => {
      if (message?.t !== "pull" && message?.t !== "push") return false
      answer(response, message.id)
      return true
    })
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "IsOffline" })
    expect(count("push")).toBe(1)
    expect(await failureOf(Stream.runCollect(client.pull(Option.none())))).toMatchObject({ _tag: "IsOffline" })
    expect(Effect.runSync(SubscriptionRef.get(client.isConnected))).toBe(false)
  })

  it("asks over one connection, one thing after the other", async () => {
    const { client, connections } = await start(() => false)
    for (let n = 0; n < 20; n++) await Effect.runPromise(Stream.runDrain(client.pull(Option.none())))
    expect(connections()).toBe(1)
  })

  it("holds one request for all live pulls, and gives it up with the last", async () => {
    let gone = false
    const { client, count } = await start((message, response) => {
      if (message?.t === "watch") response.on("close", () => (gone = true))
    })
    const [first, second] = [liveOn(client), liveOn(client)]
    await vi.waitUntil(() => count("watch") === 1 && count("pull") >= 2)
    first()
    await Effect.runPromise(Stream.runDrain(client.pull(Option.none())))
    expect(gone).toBe(false)
    second()
    await vi.waitUntil(() => gone)
    expect(count("watch")).toBe(1)
  })

  it("pulls at a head that only the opening of the held request names", async () => {
    let pulledBefore = 0
    const { client, count } = await start((message, response) => {
      if (message?.t !== "watch") return false
      // Once what is pulled anyhow is answered.
      setTimeout(() => {
        pulledBefore = count("pull")
        beat(response, 3)
      }, 100)
      return true
    })
    const stop = liveOn(client)
    await vi.waitUntil(() => pulledBefore > 0)
    await vi.waitFor(() => expect(count("pull")).toBeGreaterThan(pulledBefore))
    stop()
  })

  it("notices that the backend fell silent on a held request, and comes back", async () => {
    const { client, count } = await start((message, response) => {
      if (message?.t !== "watch") return false
      hold(response)
      return true
    })
    const stop = liveOn(client)
    const states: Array<boolean> = []
    const seen = Effect.runFork(
      Stream.runForEach(SubscriptionRef.changes(client.isConnected), (state) => Effect.sync(() => states.push(state))),
    )
    await vi.waitUntil(() => count("watch") >= 2, 3_000)
    expect(states.slice(0, 4)).toEqual([false, true, false, true])
    seen.interruptUnsafe()
    stop()
  })

  it("leaves no connection behind when it is closed with requests on their way", async () => {
    const { client, close, count, open } = await start((message) => message?.t === "push")
    const stop = liveOn(client)
    const push = Effect.runFork(client.push([event]))
    await vi.waitUntil(() => count("watch") === 1 && count("push") === 1)
    stop()
    await close()
    await vi.waitFor(() => expect(open()).toBe(0))
    push.interruptUnsafe()
  })

  it("does not come back before a backend that asked for a pause would have it", async () => {
    const { client, count } = await start((message, response) => {
      if (message?.t !== "push") return false
      response.writeHead(429, { "retry-after": "20" }).end("later")
      return true
    })
    expect(await failureOf(client.push([event]))).toMatchObject({ _tag: "IsOffline" })
    const again = Effect.runFork(client.ping)
    // Longer than its first pause: without the header it would be back.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(count(undefined)).toBe(1)
    again.interruptUnsafe()
  })
})
