import { Agent } from "node:http"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { FrameMatch, LinkFault } from "../../contract/fault.ts"
import type { Frame } from "../../contract/frame.ts"
import { classifyPath, httpBackend, withHttpLink, type HttpBackend, type HttpUnderTest } from "./http-fixture.ts"
import { rawBackend, until, withLink } from "./tcp-fixture.ts"

let backend: HttpBackend
beforeEach(async () => {
  backend = await httpBackend(({ path, body }, response) => {
    if (path === "/push/chunked") {
      response.write(`{"pushed":1,`)
      return void response.end(`"head":2}`)
    }
    if (path === "/push/zipped") {
      return void response.setHeader("content-encoding", "gzip").end(gzipSync("secret"))
    }
    if (path === "/pull/empty") return void response.writeHead(204).end()
    if (path === "/pull/same") return void response.writeHead(304, { etag: "1" }).end()
    response.setHeader("x-head", "7").setHeader("content-type", "application/json")
    response.end(path.startsWith("/echo") ? body : `{"path":"${path}","head":7}`)
  })
})
afterEach(() => backend.close())

const pushed = `{"path":"/push","head":7}`
const pushRequest: FrameMatch = { direction: "up", operation: "push" }
const pushAnswer: FrameMatch = { direction: "down", operation: "push", role: "answer" }

const withExchanges = (test: (under: HttpUnderTest) => Promise<void>) => withHttpLink({ port: backend.port }, test)
const reached = (count: number) => until(() => expect(backend.taken).toHaveLength(count))
const bites = (fault: { readonly bit: () => number }, times = 1) => until(() => expect(fault.bit()).toBe(times))

describe("HTTP exchanges on a TCP link", () => {
  it("are noted in order, several on one connection, and arrive unchanged", () =>
    withExchanges(async ({ link, ask }) => {
      expect(await ask("/push", "body").answer).toMatchObject({ status: 200, body: pushed, headers: { "x-head": "7" } })
      expect(await ask("/push/chunked", "").answer).toMatchObject({ body: `{"pushed":1,"head":2}` })
      await ask("/pull").answer
      expect(backend.taken.map(({ method, body, connection }) => [method, body, connection])).toEqual([
        ["POST", "body", 1],
        ["POST", "", 1],
        ["GET", "", 1],
      ])
      const push = ["up push request", "down push answer"]
      expect(link.lastFrames()).toEqual([...push, ...push, "up pull request", "down pull answer"])
      expect(link.counters()).toMatchObject({ connections: 1, framesUp: 3, framesDown: 3, touched: 0 })
    }))

  it.each([undefined, { kind: "drop", match: { operation: "ping", times: Infinity } } as const])(
    "of many megabytes pass whole, both ways, with a length and without, while %j stands",
    (fault) =>
      withExchanges(async ({ link, ask }) => {
        if (fault !== undefined) link.fault(fault)
        const body = Buffer.alloc(12_000_000, "0123456789")
        const chunked = { headers: { "transfer-encoding": "chunked" } }
        for (const options of [{}, chunked]) {
          const answer = await ask("/echo", body, options).answer
          expect([answer.body.length, answer.body === body.toString()]).toEqual([12_000_000, true])
        }
        expect(link.counters()).toMatchObject({ framesUp: 2, framesDown: 2 })
      }),
    20_000,
  )

  it("show the classifier body, method, path, status and headers, whether or not a fault looks on", () => {
    const seen: Array<Frame> = []
    const classify = () => (frame: Frame) => {
      seen.push(frame)
      return classifyPath(frame)
    }
    return withHttpLink({ port: backend.port, classify }, async ({ link, ask }) => {
      for (let round = 0; round < 2; round++) {
        await ask("/push/chunked?a=1", "öffnen", { headers: { "X-Mine": "Yes" } }).answer
        link.fault({ kind: "drop", match: { operation: "ping", times: Infinity } })
      }
      await ask("/push/zipped").answer
      const told = seen.map(({ direction, data, http }) => [direction, data, http?.method, http?.path, http?.status])
      const asked = ["up", "öffnen", "POST", "/push/chunked?a=1", undefined]
      const answered = ["down", `{"path":"/push/chunked?a=1","head":7}`, "POST", "/push/chunked?a=1", 200]
      expect(told.slice(0, 4)).toEqual([asked, answered, asked, answered])
      expect([seen[0]?.http?.header("x-mine"), seen[1]?.http?.header("x-head")]).toEqual(["Yes", "7"])
      expect(told[5]?.[1]).toEqual(gzipSync("secret"))
    })
  })

  it.each(["through", "collected"])("without a body in the answer are over with their head, %s", (how) =>
    withExchanges(async ({ link, ask }) => {
      if (how === "collected") link.fault({ kind: "hold", match: { operation: "ping", times: Infinity } })
      expect(await ask("/pull/empty").answer).toMatchObject({ status: 204, body: "" })
      expect(await ask("/pull/same").answer).toMatchObject({ status: 304, headers: { etag: "1" } })
      expect(await ask("/push").answer).toMatchObject({ body: pushed })
      expect(await ask("/pull", undefined, { method: "HEAD" }).answer).toMatchObject({ status: 200, body: "" })
      expect(new Set(backend.taken.map(({ connection }) => connection))).toEqual(new Set([1]))
    }),
  )

  it("wait for the link's word where a client expects one before its body, and no backend has heard of it", () =>
    withExchanges(async ({ link, ask }) => {
      const held = link.fault({ kind: "hold", match: pushRequest })
      const asking = ask("/push", "later", { headers: { expect: "100-continue" } })
      await bites(held)
      expect(backend.taken).toEqual([])
      held.release()
      expect(await asking.answer).toMatchObject({ body: pushed })
      expect(backend.taken[0]).toMatchObject({ body: "later" })
    }))

  it("that are sent ahead wait for the exchange before them", () =>
    withExchanges(async ({ link, dial }) => {
      const held = link.fault({ kind: "hold", match: { direction: "down", operation: "pull" } })
      const client = dial()
      client.socket.end("GET /pull/1 HTTP/1.1\r\nhost: x\r\n\r\nGET /push HTTP/1.1\r\nhost: x\r\n\r\n")
      await bites(held)
      expect(backend.taken).toHaveLength(1)
      held.release()
      await until(() => expect(client.text().indexOf("/push")).toBeGreaterThan(client.text().indexOf("/pull/1")))
      expect(client.text().indexOf("/pull/1")).toBeGreaterThan(0)
      await until(() => expect(client.state()).toBe("ended"))
    }))

  it("that a client gives up are given up at the backend", () =>
    withExchanges(async ({ link, ask }) => {
      const asking = ask("/push", "abc", { headers: { "content-length": "99" } })
      await until(() => expect(backend.open()).toBe(1))
      asking.abort()
      await until(() => expect([backend.open(), link.counters().open]).toEqual([0, 0]))
      expect(backend.taken).toEqual([])
    }))

  it("go silent on a half-open link, and a new connection serves once it is healed", () =>
    withExchanges(async ({ link, ask }) => {
      await ask("/push").answer
      const silent = link.fault({ kind: "half-open", direction: "up" })
      const asking = ask("/push")
      await bites(silent)
      silent.heal()
      expect(await asking.answer).toMatchObject({ error: "ECONNRESET" })
      expect(await ask("/push").answer).toMatchObject({ body: pushed })
      expect(backend.taken.map(({ connection }) => connection)).toEqual([1, 2])
    }))
})

describe("frame faults on HTTP exchanges", () => {
  it("drop of a request: the backend never hears of it, the connection stays silent", () =>
    withExchanges(async ({ link, ask }) => {
      const fault = link.fault({ kind: "drop", match: { ...pushRequest, nth: 2 } })
      await ask("/push", "1").answer
      const asking = ask("/push", "2")
      await bites(fault)
      expect([backend.taken.length, link.counters().open, asking.soFar()]).toEqual([1, 1, ""])
      asking.abort()
      await asking.answer
      expect(await ask("/push", "3").answer).toMatchObject({ body: pushed })
      expect(backend.taken.map(({ body }) => body)).toEqual(["1", "3"])
    }))

  it("drop of an answer: it is done, and nobody is told", () =>
    withExchanges(async ({ link, ask }) => {
      const fault = link.fault({ kind: "drop", match: pushAnswer })
      const asking = ask("/push", "1")
      await bites(fault)
      expect([backend.taken.length, link.counters().open, asking.soFar()]).toEqual([1, 1, ""])
      asking.abort()
    }))

  it.each(["keep-alive", "close"])(
    "duplicate: the backend gets it twice, the client one answer, connection: %s",
    (connection) =>
      withExchanges(async ({ link, ask }) => {
        link.fault({ kind: "duplicate", match: pushRequest })
        const agent = new Agent({ keepAlive: connection === "keep-alive", maxSockets: 1 })
        expect(await ask("/push", "1", { agent }).answer).toMatchObject({ status: 200, body: pushed })
        await reached(2)
        expect(await ask("/pull", "2", { agent }).answer).toMatchObject({ body: `{"path":"/pull","head":7}` })
        expect(backend.taken.map(({ body }) => body)).toEqual(["1", "1", "2"])
        agent.destroy()
      }),
  )

  it("duplicate does nothing to an answer, and says so", () =>
    withExchanges(async ({ link, ask }) => {
      const fault = link.fault({ kind: "duplicate", match: pushAnswer })
      await ask("/push").answer
      await ask("/push").answer
      expect([fault.bit(), link.counters().touched]).toEqual([0, 0])
    }))

  // The backend ends its connection behind the answer, which is held.
  it.each([
    ["request", 0, 1],
    ["answer", 1, 0],
  ] as const)("hold of the %s: released it goes on, also on a connection that then ends", (role, requests, open) =>
    withExchanges(async ({ link, ask }) => {
      const fault = link.fault({ kind: "hold", match: { operation: "push", role } })
      const asking = ask("/push", "1", { agent: false })
      await bites(fault)
      await until(() => expect([backend.taken.length, backend.open()]).toEqual([requests, open]))
      fault.release()
      expect(await asking.answer).toMatchObject({ body: pushed })
    }),
  )

  it("hold: healed it never goes on", () =>
    withExchanges(async ({ link, ask }) => {
      const fault = link.fault({ kind: "hold", match: pushRequest })
      const asking = ask("/push", "1")
      await bites(fault)
      fault.heal()
      asking.abort()
      await ask("/push", "2").answer
      expect(backend.taken.map(({ body }) => body)).toEqual(["2"])
    }))

  it("truncate: half an answer arrives, then a reset", () =>
    withExchanges(async ({ link, ask }) => {
      link.fault({ kind: "truncate", match: { direction: "down", operation: "other" } })
      const answer = await ask("/echo", "x".repeat(10_000)).answer
      expect(answer).toMatchObject({ status: 0, error: "ECONNRESET" })
      expect(answer.body.length).toBeGreaterThan(4_000)
      expect(answer.body.length).toBeLessThan(6_000)
    }))

  it.each(["/push", "/push/chunked", "/push/zipped", "/pull/empty"])(
    "garbage arrives well framed in place of the body of %s",
    (path) =>
      withExchanges(async ({ link, ask }) => {
        link.fault({ kind: "garbage", match: { direction: "down" }, body: "<html>ö</html>" })
        const answer = await ask(path).answer
        expect([answer.status, answer.body, answer.headers["content-encoding"]]).toEqual([
          200,
          "<html>ö</html>",
          undefined,
        ])
        expect(await ask("/push").answer).toMatchObject({ body: pushed })
      }),
  )

  it("garbage in place of a request's body reaches the backend", () =>
    withExchanges(async ({ link, ask }) => {
      link.fault({ kind: "garbage", match: pushRequest, body: "ö" })
      await ask("/push", "12345", { headers: { "transfer-encoding": "chunked" } }).answer
      expect(backend.taken[0]).toMatchObject({ body: "ö", headers: { "content-length": "2" } })
    }))

  it("strip leaves an answer its first members, or takes headers, and counts only what has them", () =>
    withExchanges(async ({ link, ask }) => {
      const members = link.fault({ kind: "strip", match: pushAnswer, members: 1 })
      const headers = link.fault({ kind: "strip", match: { direction: "down" }, headers: ["X-Head", "x-none"] })
      expect(await ask("/push").answer).toMatchObject({ body: `{"path":"/push"}`, headers: { "x-head": "7" } })
      await ask("/pull/same").answer
      expect([members.bit(), headers.bit()]).toEqual([1, 0])
      const stripped = await ask("/push").answer
      expect([stripped.body, stripped.headers["x-head"], headers.bit()]).toEqual([pushed, undefined, 1])
    }))

  it("http-answer turns away every request, on connections that are open too, until it is healed", () =>
    withExchanges(async ({ link, ask }) => {
      await ask("/push", "1").answer
      const fault = link.fault({ kind: "http-answer", status: 429, headers: { "Retry-After": "7" }, body: "slow down" })
      for (const path of ["/push", "/pull"]) {
        const turnedAway = await ask(path, "2").answer
        expect(turnedAway).toMatchObject({
          status: 429,
          headers: { "retry-after": "7", connection: "close" },
          body: "slow down",
        })
      }
      expect([fault.bit(), backend.taken.length, link.counters().resets]).toEqual([2, 1, 0])
      fault.heal()
      expect(await ask("/push", "3").answer).toMatchObject({ status: 200 })
    }))

  it("http-answer with a match takes one request, or an answer after the commit, and may keep the connection", () =>
    withExchanges(async ({ link, ask }) => {
      const kept = { headers: { connection: "keep-alive" }, body: "" }
      link.fault({ kind: "http-answer", match: pushRequest, status: 408, ...kept })
      link.fault({ kind: "http-answer", match: pushAnswer, status: 503, ...kept })
      const statuses = []
      for (const path of ["/pull", "/push", "/push", "/push"]) statuses.push((await ask(path).answer).status)
      expect(statuses).toEqual([200, 408, 503, 200])
      expect(backend.taken.map(({ path, connection }) => [path, connection])).toEqual([
        ["/pull", 1],
        ["/push", 1],
        ["/push", 1],
      ])
    }))

  it.each([
    [1012, 0],
    [1006, 1],
  ])("close with %i in place of a request ends it with %i resets", (code, resets) =>
    withExchanges(async ({ link, ask }) => {
      link.fault({ kind: "close", match: pushRequest, code })
      expect(await ask("/push", "1").answer).toMatchObject({ error: "ECONNRESET" })
      await until(() => expect(link.counters()).toMatchObject({ open: 0, resets }))
      expect(backend.taken).toEqual([])
    }),
  )
})

describe("what is no exchange on an HTTP link", () => {
  it.each([
    ["bytes", "\u0016\u0003\u0001hello", "no head of an HTTP request"],
    ["a malformed head", "GET / HTTP/1.1\r\nno header\r\n\r\n", "a malformed head of an HTTP request"],
    ["a tunnel", "CONNECT x:1 HTTP/1.1\r\n\r\nhello", "a tunnel"],
  ])("%s goes through as it is, and the link says so", async (_what, bytes, why) => {
    const raw = await rawBackend()
    await withHttpLink({ port: raw.port }, async ({ link, dial, events }) => {
      link.fault({ kind: "drop", match: { times: Infinity } } satisfies LinkFault)
      const client = dial()
      client.socket.write(bytes)
      await until(() => expect(raw.ends[0]?.text()).toBe(bytes))
      raw.ends[0]?.socket.write("and back")
      client.socket.write(" more")
      await until(() => expect([client.text(), raw.ends[0]?.text()]).toEqual(["and back", `${bytes} more`]))
      expect(link.lastFrames()).toEqual([`up unread: ${why}`])
      expect(events).toContainEqual({ kind: "unread", direction: "up", why })
    })
    await raw.close()
  })

  it("a link that classifies nothing answers new connections", () =>
    withLink({ port: backend.port, protocol: "http" }, async ({ link, dial }) => {
      const fault = link.fault({ kind: "http-answer", status: 503, headers: {}, body: "no" })
      const client = dial()
      client.socket.write("GET / HTTP/1.1\r\n\r\n")
      await until(() => expect(client.text()).toMatch(/^HTTP\/1.1 503 [\s\S]*no$/))
      expect([fault.bit(), backend.open()]).toEqual([1, 0])
    }))
})
