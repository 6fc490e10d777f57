import { connect } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { rawBackend, until, watchRaw, withLink, type LinkUnderTest, type RawEnd } from "./tcp-fixture.ts"

let backend: Awaited<ReturnType<typeof rawBackend>>
beforeEach(async () => void (backend = await rawBackend()))
afterEach(() => backend.close())

/** The backend's end of the nth connection, from 0, once it is there. */
const backendEnd = (nth = 0): Promise<RawEnd> =>
  until(() => {
    const end = backend.ends[nth]
    if (end === undefined) throw new Error(`no connection ${nth} has reached the backend`)
    return end
  })

const arrives = (end: RawEnd, text: string) => until(() => expect(end.text()).toBe(text))
const isIn = (end: RawEnd, state: string) => until(() => expect(end.state()).toBe(state))

/** A link that reads no frames, with one connection through it. */
const withConnection = (test: (under: LinkUnderTest, client: RawEnd, server: RawEnd) => Promise<void>) =>
  withLink({ port: backend.port }, async (under) => {
    const client = under.dial()
    await test(under, client, await backendEnd())
  })

describe("a TCP link without faults", () => {
  it("carries bytes both ways unchanged", () =>
    withConnection(async ({ link }, client, server) => {
      const big = Buffer.alloc(3_000_000, "0123456789")
      client.socket.write(big)
      server.socket.write("and back")
      await until(() => expect(Buffer.concat(server.chunks).equals(big)).toBe(true))
      await arrives(client, "and back")
      expect(link.counters()).toMatchObject({ connections: 1, open: 1, bytesUp: big.length, bytesDown: 8, touched: 0 })
    }))

  it("passes an orderly end on as one, each way for itself", () =>
    withConnection(async ({ link, events }, client, server) => {
      server.socket.allowHalfOpen = true
      client.socket.end("bye")
      await isIn(server, "ended")
      server.socket.end("after your end")
      await arrives(client, "after your end")
      await until(() => expect(link.counters()).toMatchObject({ open: 0, resets: 0 }))
      expect(events.map((event) => event.kind)).toEqual(["connected", "disconnected"])
    }))

  it("passes a reset on as one", () =>
    withConnection(async ({ link }, client, server) => {
      server.socket.write("first")
      await arrives(client, "first")
      server.socket.resetAndDestroy()
      await isIn(client, "ECONNRESET")
      expect(link.counters()).toMatchObject({ open: 0, resets: 1 })
    }))

  it("stops reading from a sender whose receiver has stopped", () =>
    withConnection(async (_, client, server) => {
      server.socket.pause()
      const chunk = Buffer.alloc(1_000_000)
      let written = 0
      const pour = (): void => {
        while (written < 60 && client.socket.write(chunk)) written++
        written++
      }
      client.socket.on("drain", pour)
      pour()
      // The kernels take some twenty megabytes between them; then nothing moves until the receiver reads again.
      let before = -1
      let still = 0
      await until(() => {
        still = before === client.socket.bytesWritten && client.socket.writableNeedDrain ? still + 1 : 0
        before = client.socket.bytesWritten
        expect(still).toBeGreaterThan(20)
      })
      expect(written).toBeLessThan(50)
      server.socket.resume()
      await until(() => expect(written).toBeGreaterThanOrEqual(60))
    }))

  it("resets a connection whose backend is down, and counts it as refused", async () => {
    const gone = await rawBackend()
    await gone.close()
    await withLink({ port: gone.port }, async ({ dial, link, events }) => {
      await isIn(dial(), "ECONNRESET")
      expect(link.counters()).toMatchObject({ connections: 0, refused: 1, open: 0 })
      expect(events).toEqual([{ kind: "refused" }])
    })
  })

  it("asks at each new connection where the backend is", async () => {
    const other = await rawBackend()
    let port = backend.port
    await withLink({ port, target: () => ({ host: "127.0.0.1", port }) }, async ({ dial }) => {
      dial().socket.write("one")
      await arrives(await backendEnd(), "one")
      port = other.port
      dial().socket.write("two")
      await until(() => expect(other.ends[0]?.text()).toBe("two"))
    })
    await other.close()
  })

  it("leaves nothing behind when its scope ends", async () => {
    let port = 0
    let client: RawEnd | undefined
    await withLink({ port: backend.port }, async (under) => {
      port = under.port
      under.link.fault({ kind: "delay", ms: 60_000, jitterMs: 0, direction: "both" })
      client = watchRaw(connect(port, "127.0.0.1"))
      client.socket.write("still waiting")
      await backendEnd()
    })
    await until(() => expect([client?.socket.destroyed, backend.ends[0]?.socket.destroyed]).toEqual([true, true]))
    await isIn(watchRaw(connect(port, "127.0.0.1")), "ECONNREFUSED")
  })
})

/** Times are only ever bounded from below: a busy machine makes things later, never earlier. */
describe("faults of bytes on a TCP link", () => {
  it("refuse fails new connections at once and leaves open ones alone", () =>
    withConnection(async ({ link, dial }, client, server) => {
      const fault = link.fault({ kind: "refuse" })
      await isIn(dial(), "ECONNRESET")
      client.socket.write("still here")
      await arrives(server, "still here")
      expect([fault.bit(), link.counters().refused, backend.ends.length]).toEqual([1, 1, 1])
      fault.heal()
      dial().socket.write("back")
      await arrives(await backendEnd(1), "back")
    }))

  it("reset ends open connections on both sides and serves new ones", () =>
    withConnection(async ({ link, dial }, client, server) => {
      const fault = link.fault({ kind: "reset" })
      await isIn(client, "ECONNRESET")
      await isIn(server, "ECONNRESET")
      expect([fault.bit(), link.counters().resets]).toEqual([1, 1])
      dial().socket.write("new")
      await arrives(await backendEnd(1), "new")
    }))

  it("half-open swallows one direction and not the other, and resets the connection when it heals", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "half-open", direction: "up" })
      client.socket.write("unheard")
      server.socket.write("heard")
      await arrives(client, "heard")
      await until(() => expect(fault.bit()).toBe(1))
      expect([server.text(), client.state(), server.state()]).toEqual(["", "open", "open"])
      fault.heal()
      await isIn(client, "ECONNRESET")
      await isIn(server, "ECONNRESET")
      expect(server.text()).toBe("")
    }))

  it("half-open goes on swallowing from a sender that a full link had stopped", () =>
    withConnection(async ({ link }, client, server) => {
      link.fault({ kind: "delay", ms: 60_000, jitterMs: 0, direction: "up" })
      client.socket.write(Buffer.alloc(30_000_000))
      let before = -1
      let still = 0
      await until(() => {
        still = before === client.socket.bytesWritten - client.socket.writableLength ? still + 1 : 0
        before = client.socket.bytesWritten - client.socket.writableLength
        expect(still).toBeGreaterThan(20)
      })
      expect(client.socket.writableLength).toBeGreaterThan(0)
      link.fault({ kind: "half-open", direction: "up" })
      await until(() => expect(client.socket.writableLength).toBe(0))
      expect(server.text()).toBe("")
    }))

  it("half-open swallows an end too", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "half-open", direction: "both" })
      client.socket.end()
      await until(() => expect(fault.bit()).toBe(1))
      expect(server.state()).toBe("open")
      fault.heal()
      await isIn(server, "ECONNRESET")
    }))

  it("half-open lets new connections open, silent, and the backend hears nothing of them", () =>
    withLink({ port: backend.port }, async ({ link, dial }) => {
      const fault = link.fault({ kind: "half-open", direction: "both" })
      const client = dial()
      client.socket.write("anybody there?")
      await until(() => expect(fault.bit()).toBe(2))
      expect([client.socket.connecting, client.state(), backend.ends.length]).toEqual([false, "open", 0])
      fault.heal()
      await isIn(client, "ECONNRESET")
    }))

  it("delay holds bytes back by its time, one way only, and keeps the order", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "delay", ms: 80, jitterMs: 20, direction: "up" })
      const sentMs = performance.now()
      client.socket.write("a")
      server.socket.write("down")
      await arrives(client, "down")
      client.socket.write("b")
      await arrives(server, "ab")
      expect((server.atMs[0] as number) - sentMs).toBeGreaterThan(78)
      expect(client.atMs[0]).toBeLessThan(server.atMs[0] as number)
      expect(fault.bit()).toBeGreaterThan(0)
    }))

  it("delay holds the end back behind the bytes, and a heal lets both go at once", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "delay", ms: 60_000, jitterMs: 0, direction: "up" })
      client.socket.end("late")
      await until(() => expect(fault.bit()).toBe(2))
      expect(server.state()).toBe("open")
      fault.heal()
      await arrives(server, "late")
      await isIn(server, "ended")
    }))

  it("throttle lets bytes through no faster than its rate", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "throttle", bytesPerSecond: 100_000, direction: "up" })
      const sentMs = performance.now()
      client.socket.write(Buffer.alloc(20_000, "x"))
      await until(() => expect(server.text().length).toBe(20_000))
      expect((server.atMs.at(-1) as number) - sentMs).toBeGreaterThan(190)
      expect(fault.bit()).toBeGreaterThan(0)
    }))

  it("split gives the receiver pieces of at most its size", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "split", maxBytes: 100, direction: "down" })
      server.socket.write(Buffer.alloc(1_000, "y"))
      await until(() => expect(client.text().length).toBe(1_000))
      expect(client.chunks.length).toBeGreaterThan(5)
      expect(client.chunks[0]?.length).toBe(100)
      expect(fault.bit()).toBe(1)
    }))

  it("coalesce joins what is sent within its window", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "coalesce", windowMs: 60_000, direction: "up" })
      // Bites at each chunk that the link gets, so it tells when the next can be sent without being joined before.
      const gauge = link.fault({ kind: "delay", ms: 1, jitterMs: 0, direction: "up" })
      for (const [index, piece] of ["a", "b", "c"].entries()) {
        client.socket.write(piece)
        await until(() => expect(gauge.bit()).toBe(index + 1))
      }
      await until(() => expect(fault.bit()).toBe(2))
      expect(server.chunks).toEqual([])
      fault.heal()
      await arrives(server, "abc")
      expect(server.chunks).toHaveLength(1)
    }))

  it("cut-after lets exactly its bytes pass, then resets both sides", () =>
    withConnection(async ({ link }, client, server) => {
      const fault = link.fault({ kind: "cut-after", bytes: 70_000, direction: "up" })
      client.socket.write(Buffer.alloc(200_000, "z"))
      await isIn(server, "ECONNRESET")
      await isIn(client, "ECONNRESET")
      expect([server.text().length, fault.bit(), link.counters().bytesUp]).toEqual([70_000, 1, 70_000])
    }))

  it("http-answer answers in place of the backend and ends orderly, also a request cut in two", () =>
    withLink({ port: backend.port, protocol: "http" }, async ({ link, dial }) => {
      const fault = link.fault({ kind: "http-answer", status: 503, headers: { "retry-after": "1" }, body: "down" })
      const client = dial()
      client.socket.write("POST /push HTTP/1.1\r\nhost: x\r\n")
      client.socket.write("content-length: 4\r\n\r\nbody")
      await isIn(client, "ended")
      expect(client.text()).toBe(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 4\r\nconnection: close\r\n\r\ndown",
      )
      await until(() => expect(link.counters().open).toBe(0))
      expect([fault.bit(), backend.ends.length]).toEqual([1, 0])
    }))

  it("cut resets both sides for good: later connections are refused and no heal brings them back", () =>
    withConnection(async ({ link, dial }, client, server) => {
      link.fault({ kind: "half-open", direction: "both" })
      link.cut()
      await isIn(server, "ECONNRESET")
      await isIn(client, "ECONNRESET")
      link.heal()
      await isIn(dial(), "ECONNRESET")
      expect(link.counters()).toMatchObject({ open: 0, refused: 1 })
      expect(backend.ends).toHaveLength(1)
    }))
})
