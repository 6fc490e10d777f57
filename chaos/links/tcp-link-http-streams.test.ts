import type { ServerResponse } from "node:http"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { httpBackend, withHttpLink, type HttpBackend, type HttpUnderTest } from "./http-fixture.ts"
import { classifyMessage, message, rawBackend, until } from "./tcp-fixture.ts"

let backend: HttpBackend
let response: ServerResponse | undefined
beforeEach(async () => {
  response = undefined
  backend = await httpBackend(({ path }, opened) => {
    if (path !== "/live") return void opened.end("done")
    response = opened
    opened.writeHead(200, { "content-type": "text/event-stream", "x-head": "7" })
    opened.flushHeaders()
  })
})
afterEach(() => backend.close())

const poke = (id: string) => message("live", "poke", id)
const event = (id: string) => `data: ${poke(id)}\n\n`
const send = (...ids: ReadonlyArray<string>) => response?.write(ids.map(event).join(""))
const pokes = { direction: "down", operation: "live", role: "poke" } as const
const headOnly = { direction: "down", operation: "live", role: "answer" } as const

/** A link with one streamed answer under way. */
const withStream = (test: (under: HttpUnderTest, live: ReturnType<HttpUnderTest["ask"]>) => Promise<void>) =>
  withHttpLink({ port: backend.port }, async (under) => {
    const live = under.ask("/live")
    await until(() => expect(response).toBeDefined())
    await test(under, live)
    live.abort()
  })

describe("a streamed answer on an HTTP link", () => {
  it("is a frame for its head and one for each record, which arrive as they come", () =>
    withStream(async ({ link }, live) => {
      send("1", "2")
      await until(() => expect(live.soFar()).toBe(event("1") + event("2")))
      response?.write(event("3").slice(0, 20))
      response?.write(event("3").slice(20))
      await until(() => expect(live.soFar()).toBe(event("1") + event("2") + event("3")))
      expect(link.lastFrames()).toEqual([
        "up live request",
        "down live answer",
        "down live poke 1",
        "down live poke 2",
        "down live poke 3",
      ])
      response?.end("data: half")
      expect(await live.answer).toMatchObject({ body: `${event("1")}${event("2")}${event("3")}data: half` })
    }))

  it("lets the connection serve the next exchange once it has ended", () =>
    withStream(async ({ ask }, live) => {
      send("1")
      response?.end()
      expect(await live.answer).toMatchObject({ status: 200, body: event("1") })
      expect(await ask("/push").answer).toMatchObject({ body: "done" })
      expect(backend.taken.map(({ connection }) => connection)).toEqual([1, 1])
    }))

  it("loses, doubles and alters single records", () =>
    withStream(async ({ link }, live) => {
      link.fault({ kind: "drop", match: { ...pokes, nth: 2 } })
      link.fault({ kind: "duplicate", match: { ...pokes, nth: 3 } })
      link.fault({ kind: "garbage", match: { ...pokes, nth: 4 }, body: "<html>\n</html>" })
      link.fault({ kind: "strip", match: { ...pokes, nth: 5 }, members: 1 })
      send("1", "2", "3", "4", "5", "6")
      const arrived = [
        ...[event("1"), event("3"), event("3"), "data: <html>\ndata: </html>\n\n"],
        ...[`data: {"operation":"live"}\n\n`, event("6")],
      ]
      await until(() => expect(live.soFar()).toBe(arrived.join("")))
    }))

  it("overtakes records that are held, until they are released", () =>
    withStream(async ({ link }, live) => {
      const fault = link.fault({ kind: "hold", match: { ...pokes, times: 2 } })
      send("1", "2", "3")
      await until(() => expect(live.soFar()).toBe(event("3")))
      fault.release()
      await until(() => expect(live.soFar()).toBe(event("3") + event("1") + event("2")))
    }))

  it("is cut in the middle of a record", () =>
    withStream(async ({ link }, live) => {
      link.fault({ kind: "truncate", match: { ...pokes, nth: 2 } })
      send("1", "2", "3")
      const { error, body } = await live.answer
      expect(error).toBe("ECONNRESET")
      expect([body.startsWith(event("1")), body.length < `${event("1")}${event("2")}`.length]).toEqual([true, true])
    }))

  it("ends orderly in place of a record", () =>
    withStream(async ({ link }, live) => {
      link.fault({ kind: "close", match: { ...pokes, nth: 2 }, code: 1011 })
      send("1", "2")
      expect(await live.answer).toMatchObject({ body: event("1"), error: "ECONNRESET" })
      await until(() => expect(link.counters()).toMatchObject({ open: 0, resets: 0 }))
    }))

  it("waits whole while its head is held", () =>
    withHttpLink({ port: backend.port }, async ({ link, ask }) => {
      const fault = link.fault({ kind: "hold", match: headOnly })
      const live = ask("/live")
      await until(() => expect(fault.bit()).toBe(1))
      send("1")
      send("2")
      await until(() => expect(link.counters().framesDown).toBe(0))
      fault.release()
      await until(() => expect(live.soFar()).toBe(event("1") + event("2")))
      live.abort()
    }))

  it("is one answer of the link's where something stands in place of its head", () =>
    withHttpLink({ port: backend.port }, async ({ link, ask }) => {
      link.fault({ kind: "garbage", match: headOnly, body: "<html>" })
      const live = ask("/live")
      expect(await live.answer).toMatchObject({ status: 200, body: "<html>" })
      send("1")
      expect(live.soFar()).toBe("<html>")
    }))

  it("loses headers of its head", () =>
    withHttpLink({ port: backend.port }, async ({ link, ask }) => {
      link.fault({ kind: "strip", match: { direction: "down" }, headers: ["x-head"] })
      const live = ask("/live")
      await until(() => expect(response).toBeDefined())
      response?.end(event("1"))
      const { headers, body } = await live.answer
      expect([headers["x-head"], headers["content-type"], body]).toEqual([undefined, "text/event-stream", event("1")])
    }))

  it("ends at the backend when its client gives it up", () =>
    withStream(async ({ link }, live) => {
      live.abort()
      await until(() => expect([backend.open(), link.counters().open]).toEqual([0, 0]))
    }))
})

describe("an answer that ends with its connection", () => {
  it.each([
    ["through", undefined],
    ["collected", { kind: "drop", match: { operation: "ping", times: Infinity } }],
  ] as const)("is whole then, %s", async (_how, fault) => {
    const raw = await rawBackend()
    await withHttpLink({ port: raw.port }, async ({ link, ask }) => {
      if (fault !== undefined) link.fault(fault)
      const asking = ask("/pull")
      await until(() => expect(raw.ends[0]?.text()).toMatch(/\r\n\r\n$/))
      raw.ends[0]?.socket.write("HTTP/1.1 200 OK\r\n\r\nto the")
      raw.ends[0]?.socket.end(" end")
      expect(await asking.answer).toMatchObject({ status: 200, body: "to the end" })
      expect(link.lastFrames()).toEqual(["up pull request", "down pull answer"])
    })
    await raw.close()
  })

  it("that is held ends after it was released", async () => {
    const raw = await rawBackend()
    await withHttpLink({ port: raw.port }, async ({ link, ask }) => {
      const fault = link.fault({ kind: "hold", match: { direction: "down" } })
      const asking = ask("/pull")
      await until(() => expect(raw.ends).toHaveLength(1))
      raw.ends[0]?.socket.end("HTTP/1.0 200 OK\r\n\r\nheld")
      await until(() => expect(fault.bit()).toBe(1))
      fault.release()
      expect(await asking.answer).toMatchObject({ status: 200, body: "held" })
    })
    await raw.close()
  })
})

describe("a WebSocket on an HTTP link", () => {
  it("is read in messages from its upgrade on", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true })
    const messages: Array<string> = []
    server.on("connection", (socket) => {
      socket.on("message", (data) => {
        messages.push(String(data))
        socket.send(String(data))
      })
    })
    await until(() => expect(server.address()).not.toBeNull())
    const { port } = server.address() as { readonly port: number }
    await withHttpLink({ port, classify: () => classifyMessage }, async ({ link, dialWebSocket }) => {
      const drop = link.fault({ kind: "drop", match: { direction: "up", operation: "push", nth: 2 } })
      const client = dialWebSocket()
      await until(() => expect(client.socket.readyState).toBe(WebSocket.OPEN))
      for (const id of ["1", "2", "3"]) client.socket.send(message("push", "request", id))
      await until(() => expect(client.messages).toHaveLength(2))
      expect(messages).toEqual(["1", "3"].map((id) => message("push", "request", id)))
      expect([drop.bit(), link.lastFrames().slice(0, 3)]).toEqual([
        1,
        ["up connect request", "down connect answer", "up push request 1"],
      ])
      link.fault({ kind: "close", match: { direction: "up" }, code: 4_001 })
      client.socket.send(message("push", "request", "4"))
      await until(() => expect(client.closeCode()).toBe(4_001))
    })
    server.close()
  })

  it("may be turned away before it is one", () =>
    withHttpLink({ port: backend.port }, async ({ link, dialWebSocket }) => {
      const fault = link.fault({ kind: "http-answer", status: 503, headers: {}, body: "no" })
      const client = dialWebSocket()
      await until(() => expect(client.errors).toEqual(["Unexpected server response: 503"]))
      expect([fault.bit(), backend.taken.length]).toEqual([1, 0])
    }))
})
