import { once } from "node:events"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { LinkFault } from "../../contract/fault.ts"
import {
  classifyMessage,
  message,
  rawBackend,
  until,
  webSocketBackend,
  withLink,
  type LinkUnderTest,
  type RawEnd,
  type WebSocketEnd,
} from "./tcp-fixture.ts"
import { encodeWebSocketFrame, opcodes } from "./websocket-frame.ts"

let backend: Awaited<ReturnType<typeof webSocketBackend>>
beforeEach(async () => void (backend = await webSocketBackend(false)))
afterEach(() => backend.close())

const push = (id: string) => message("push", "request", id)
const acknowledged = (id: string) => message("push", "answer", id)
const page = (id: string) => message("live", "page", id)
const pushAnswer = { direction: "down", operation: "push", role: "answer" } as const

const getsMessages = (end: WebSocketEnd, messages: ReadonlyArray<string>) =>
  until(() => expect(end.messages).toEqual(messages))
const closes = (end: WebSocketEnd, code: number) => until(() => expect(end.closeCode()).toBe(code))

/** A link that reads frames, in front of the WebSocket backend. */
const withFrames = (test: (under: LinkUnderTest) => Promise<void>) =>
  withLink({ port: backend.port, classify: () => classifyMessage }, test)

/** The same with one WebSocket through it. */
const withSocket = (test: (under: LinkUnderTest, client: WebSocketEnd, server: WebSocketEnd) => Promise<void>) =>
  withFrames(async (under) => {
    const client = await under.openWebSocket()
    await test(under, client, backend.ends[0] as WebSocketEnd)
  })

/** A WebSocket by hand, so that a test sees the very bytes that arrive. Every message is a live page. */
const withRawWebSocket = async (test: (under: LinkUnderTest, client: RawEnd, server: RawEnd) => Promise<void>) => {
  const raw = await rawBackend()
  const classify = () => () => ({ operation: "live", role: "page" }) as const
  await withLink({ port: raw.port, classify }, async (under) => {
    const client = under.dial()
    client.socket.write("GET / HTTP/1.1\r\nupgrade: websocket\r\n\r\n")
    await until(() => expect(raw.ends).toHaveLength(1))
    const server = raw.ends[0] as RawEnd
    server.socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n")
    await until(() => expect(under.link.counters().framesDown).toBe(1))
    await test(under, client, server)
  })
  await raw.close()
}

describe("frames on a TCP link", () => {
  it("reach the other side unchanged and are noted, the handshake first", () =>
    withSocket(async ({ link, events }, client, server) => {
      client.socket.send(push("1"))
      await getsMessages(server, [push("1")])
      server.socket.send(acknowledged("1"))
      server.socket.ping()
      await getsMessages(client, [acknowledged("1")])
      await until(() => expect(link.lastFrames()).toHaveLength(6))
      expect(link.lastFrames()).toEqual([
        "up connect request",
        "down connect answer",
        "up push request 1",
        "down push answer 1",
        "down other ping",
        "up other pong",
      ])
      expect(link.counters()).toMatchObject({ framesUp: 3, framesDown: 3, open: 1, touched: 0 })
      expect(events[3]).toMatchObject({ kind: "frame", direction: "up", label: "push request 1" })
    }))

  it("are not compressed: the offer of extensions does not reach the backend", () =>
    withSocket(async (_, client, server) => {
      expect([client.socket.extensions, server.socket.extensions]).toEqual(["", ""])
    }))

  it("of a megabyte, in fragments, text and binary, arrive whole", () =>
    withSocket(async (_, client, server) => {
      const big = message("push", "request", "x".repeat(1_000_000))
      client.socket.send(big.slice(0, 400_000), { fin: false })
      client.socket.send(big.slice(400_000), { fin: true })
      client.socket.send(Buffer.from(big))
      await until(() => expect(server.messages.map((each) => each === big)).toEqual([true, true]))
    }))

  it("are put together also when bytes trickle in one by one", () =>
    withFrames(async ({ link, port }) => {
      await withLink({ port }, async (outer) => {
        outer.link.fault({ kind: "split", maxBytes: 1, direction: "both" })
        const client = await outer.openWebSocket()
        const server = backend.ends[0] as WebSocketEnd
        client.socket.send(push("1"))
        await getsMessages(server, [push("1")])
        server.socket.send(acknowledged("1"))
        await getsMessages(client, [acknowledged("1")])
        expect(link.lastFrames().slice(-2)).toEqual(["up push request 1", "down push answer 1"])
      })
    }))

  it("end with the code that a side closes with", () =>
    withSocket(async ({ link }, client, server) => {
      server.socket.close(4_321, "own reasons")
      await closes(client, 4_321)
      await closes(server, 4_321)
      await until(() => expect(link.counters()).toMatchObject({ open: 0, resets: 0 }))
    }))
})

describe("frame faults on a TCP link", () => {
  it("drop swallows the nth frame that matches and as many as it says, and no other", () =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "drop", match: { operation: "push", direction: "up", nth: 2, times: 2 } })
      for (const id of ["1", "2", "3", "4"]) client.socket.send(push(id))
      client.socket.send(message("ping", "request"))
      await getsMessages(server, [push("1"), push("4"), message("ping", "request")])
      expect([fault.bit(), link.counters().touched]).toEqual([2, 2])
    }))

  it("drop of an answer leaves the operation done and nobody told", () =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "drop", match: pushAnswer })
      client.socket.send(push("1"))
      await getsMessages(server, [push("1")])
      server.socket.send(acknowledged("1"))
      server.socket.send(page("1"))
      await getsMessages(client, [page("1")])
      expect(fault.bit()).toBe(1)
    }))

  it.each(["up", "down"] as const)("duplicate delivers the frame twice, %s", (direction) =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "duplicate", match: { direction, operation: "push" } })
      const [from, to] = direction === "up" ? [client, server] : [server, client]
      from.socket.send(push("1"))
      from.socket.send(push("2"))
      await getsMessages(to, [push("1"), push("1"), push("2")])
      expect(fault.bit()).toBe(1)
    }),
  )

  it("hold lets later frames overtake, and release lets the held ones go in order", () =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "hold", match: { ...pushAnswer, times: 2 } })
      for (const frame of [acknowledged("1"), page("1"), acknowledged("2"), page("2")]) server.socket.send(frame)
      await getsMessages(client, [page("1"), page("2")])
      expect(fault.bit()).toBe(2)
      fault.release()
      await getsMessages(client, [page("1"), page("2"), acknowledged("1"), acknowledged("2")])
    }))

  it("healing a hold discards what it holds", () =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "hold", match: pushAnswer })
      server.socket.send(acknowledged("1"))
      await until(() => expect(fault.bit()).toBe(1))
      fault.heal()
      server.socket.send(acknowledged("2"))
      await getsMessages(client, [acknowledged("2")])
    }))

  it.each([10, 3_000_000])("truncate lets half of a frame of %i bytes arrive, then resets both sides", (sizeBytes) =>
    withRawWebSocket(async ({ link }, client, server) => {
      const handshakeBytes = link.counters().bytesDown
      const fault = link.fault({ kind: "truncate", match: { operation: "live" } })
      const frame = encodeWebSocketFrame(opcodes.text, Buffer.alloc(sizeBytes, "x"), false)
      server.socket.write(Buffer.concat([frame, frame]))
      await until(() => expect([client.state(), server.state()]).toEqual(["ECONNRESET", "ECONNRESET"]))
      expect(Buffer.concat(client.chunks).length - handshakeBytes).toBe(frame.length >> 1)
      expect([fault.bit(), link.counters().resets, link.counters().framesDown]).toEqual([1, 1, 1])
    }),
  )

  it("truncate does not wait for a receiver that has stopped reading", () =>
    withRawWebSocket(async ({ link }, client, server) => {
      client.socket.pause()
      link.fault({ kind: "truncate", match: { operation: "live" } })
      server.socket.write(encodeWebSocketFrame(opcodes.binary, Buffer.alloc(40_000_000), false))
      await until(() => expect(link.counters()).toMatchObject({ open: 0, resets: 1 }))
    }))

  it.each(["up", "down"] as const)("garbage arrives in place of the frame, well framed, %s", (direction) =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "garbage", match: { direction, operation: "push" }, body: "<html>ööps</html>" })
      const [from, to] = direction === "up" ? [client, server] : [server, client]
      from.socket.send(push("1"))
      from.socket.send(push("2"))
      await getsMessages(to, ["<html>ööps</html>", push("2")])
      expect([fault.bit(), to.errors]).toEqual([1, []])
    }),
  )

  it.each([
    ["down", 1012],
    ["up", 4001],
    ["down", 1005],
  ] as const)("close in place of a frame on its way %s ends both sides orderly with %i", (direction, code) =>
    withSocket(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "close", match: { direction, operation: "push" }, code })
      const [from, to] = direction === "up" ? [client, server] : [server, client]
      from.socket.send(page("1"))
      from.socket.send(push("1"))
      await closes(client, code)
      await closes(server, code)
      await until(() => expect(link.counters()).toMatchObject({ open: 0, resets: 0 }))
      expect([to.messages, fault.bit()]).toEqual([[page("1")], 1])
      // The farewells that both sides answer with are not the link's business any more.
      expect(link.lastFrames().at(-1)).toBe(`${direction} push request 1`)
    }),
  )

  it("close with a code that cannot be said is an abrupt end", () =>
    withSocket(async ({ link, events }, client, server) => {
      const fault: LinkFault = { kind: "close", match: pushAnswer, code: 1006 }
      link.fault(fault)
      server.socket.send(acknowledged("1"))
      await closes(client, 1006)
      await closes(server, 1006)
      expect(link.counters().resets).toBe(1)
      expect(events).toContainEqual({ kind: "bite", fault, detail: "down push answer 1" })
    }))

  it("http-answer refuses the upgrade with its status, headers and body", () =>
    withFrames(async ({ link, dialWebSocket, openWebSocket }) => {
      const headers = { "Retry-After": "7" }
      const fault = link.fault({ kind: "http-answer", status: 429, headers, body: "slow down" })
      const refused = dialWebSocket()
      const [, response] = await once(refused.socket, "unexpected-response")
      expect([response.statusCode, response.headers["retry-after"]]).toEqual([429, "7"])
      let body = ""
      for await (const part of response) body += String(part)
      expect([body, fault.bit(), backend.ends.length]).toEqual(["slow down", 1, 0])
      fault.heal()
      await openWebSocket()
    }))

  it("half-open comes first: a frame that it swallows is not counted by a frame fault", () =>
    withSocket(async ({ link }, client, server) => {
      const drop = link.fault({ kind: "drop", match: { operation: "push" } })
      const silent = link.fault({ kind: "half-open", direction: "up" })
      client.socket.send(push("1"))
      await until(() => expect(silent.bit()).toBe(1))
      expect(drop.bit()).toBe(0)
      silent.heal()
      await closes(client, 1006)
      await closes(server, 1006)
      expect(server.messages).toEqual([])
    }))

  it("frame faults never bite on a link that classifies nothing", () =>
    withLink({ port: backend.port }, async ({ link, openWebSocket }) => {
      const fault = link.fault({ kind: "drop", match: { times: Infinity } })
      const client = await openWebSocket()
      client.socket.send(push("1"))
      await getsMessages(backend.ends[0] as WebSocketEnd, [push("1")])
      expect([fault.bit(), link.lastFrames()]).toEqual([0, []])
    }))
})

describe("faults of the handshake on a TCP link", () => {
  const request = { operation: "connect", role: "request" } as const
  const answer = { operation: "connect", role: "answer" } as const

  it("a dropped request leaves the client waiting and the backend unaware", () =>
    withFrames(async ({ link, dialWebSocket }) => {
      const fault = link.fault({ kind: "drop", match: request })
      const client = dialWebSocket()
      await until(() => expect(fault.bit()).toBe(1))
      expect([client.closeCode(), backend.ends.length]).toEqual([undefined, 0])
      client.socket.terminate()
    }))

  it("a dropped answer leaves the backend with a connection that the client waits for", () =>
    withFrames(async ({ link, dialWebSocket }) => {
      link.fault({ kind: "drop", match: answer })
      const client = dialWebSocket()
      await until(() => expect(backend.ends).toHaveLength(1))
      expect(client.socket.readyState).toBe(client.socket.CONNECTING)
      client.socket.terminate()
    }))

  it("a held answer lets the client in once it is released", () =>
    withFrames(async ({ link, dialWebSocket }) => {
      const fault = link.fault({ kind: "hold", match: answer })
      const client = dialWebSocket()
      await until(() => expect(fault.bit()).toBe(1))
      expect(client.socket.readyState).toBe(client.socket.CONNECTING)
      fault.release()
      await until(() => expect(client.socket.readyState).toBe(client.socket.OPEN))
    }))

  it("garbage in place of the answer fails the client's handshake", () =>
    withFrames(async ({ link, dialWebSocket }) => {
      link.fault({ kind: "garbage", match: answer, body: "this is no HTTP\r\n\r\n" })
      const client = dialWebSocket()
      await closes(client, 1006)
      expect(client.errors).toHaveLength(1)
    }))

  it("close before the upgrade is an abrupt end: no frame can be sent yet", () =>
    withFrames(async ({ link, dialWebSocket }) => {
      link.fault({ kind: "close", match: request, code: 1011 })
      await closes(dialWebSocket(), 1006)
      expect([link.counters().resets, backend.ends.length]).toEqual([1, 0])
    }))
})

describe("a client that crashes", () => {
  it("is cut off both ways: the backend sees a reset and nothing that was said afterwards", () =>
    withSocket(async ({ link }, client, server) => {
      link.cut()
      client.socket.send(push("1"))
      client.socket.close(1000)
      await closes(server, 1006)
      expect(server.messages).toEqual([])
    }))

  it("takes raw connections with it too", async () => {
    const raw = await rawBackend()
    await withLink({ port: raw.port, classify: () => classifyMessage }, async ({ link, dial }) => {
      dial().socket.write("GET / HTTP/1.1\r\n\r\n")
      await until(() => expect(raw.ends[0]?.text()).toBe("GET / HTTP/1.1\r\n\r\n"))
      link.cut()
      await until(() => expect(raw.ends[0]?.state()).toBe("ECONNRESET"))
    })
    await raw.close()
  })
})
