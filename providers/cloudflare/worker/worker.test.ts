import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import { startCloudflareHost } from "../host.ts"
import { hello, pushOne, rawSocket, type RawSocket } from "../raw-socket.fixture.ts"
import { closeCodes, pingFrame } from "../wire.ts"

describe("the Worker in workerd", () => {
  const scope = Effect.runSync(Scope.make())
  let host: ProviderHostShape
  let stores = 0
  const sockets: Array<RawSocket> = []

  beforeAll(async () => {
    host = await Effect.runPromise(Scope.provide(startCloudflareHost({ transport: "ws", storage: "do" }), scope))
  })
  afterAll(async () => {
    for (const socket of sockets) socket.close()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  const newStore = () => `raw-${++stores}`
  const connect = async (storeId: string) => {
    if (host.endpoint?.kind !== "tcp") throw new Error("the host has no TCP endpoint")
    const socket = await rawSocket(host.endpoint.target(), storeId)
    sockets.push(socket)
    return socket
  }
  const greeted = async (storeId: string, over: Parameters<typeof hello>[1] = {}) => {
    const socket = await connect(storeId)
    socket.send(hello(storeId, over))
    expect(await socket.next()).toMatchObject({ t: "welcome" })
    return socket
  }
  const logOf = (storeId: string) => Effect.runPromise(host.inspect!(storeId))
  const gaugesOf = (storeId: string) => Effect.runPromise(host.gauges!(storeId))

  it("refuses a version of the protocol that it does not speak, by name", async () => {
    const storeId = newStore()
    const socket = await connect(storeId)
    socket.send(hello(storeId, { version: 99 }))
    expect(await socket.next()).toMatchObject({ t: "refused", error: { _tag: "UnsupportedVersion", supported: 1 } })
    expect(await socket.closed()).toBe(closeCodes.refused)
  })

  it("closes on a greeting for another store than the one that was dialled", async () => {
    const socket = await connect(newStore())
    socket.send(hello("another"))
    expect(await socket.closed()).toBe(closeCodes.protocol)
  })

  it("ignores the same greeting when it comes twice, also once the object slept in between", async () => {
    const storeId = newStore()
    const payload = { z: "last first", 1: [null, "\ud800"] }
    const socket = await greeted(storeId, { payload })
    socket.send(hello(storeId, { payload }))
    socket.send({ t: "check", id: 1 })
    expect(await socket.next()).toMatchObject({ t: "checked", id: 1 })
    await Effect.runPromise(host.process!.evict!(storeId, "hibernate"))
    socket.send(hello(storeId, { payload }))
    socket.send({ t: "check", id: 2 })
    expect(await socket.next()).toMatchObject({ t: "checked", id: 2 })
  })

  it.each([
    ["store", { storeId: "another" }],
    ["payload", { payload: { id: 2 } }],
  ])("closes on a second greeting with another %s", async (_what, other) => {
    const storeId = newStore()
    const socket = await greeted(storeId, { payload: { id: 1 } })
    socket.send(hello(storeId, { payload: { id: 1 }, ...other }))
    expect(await socket.closed()).toBe(closeCodes.protocol)
  })

  it.each([
    ["a request before the greeting", pushOne(1, 1)],
    ["what is no frame", "<html>"],
  ])("closes on %s", async (_what, message) => {
    const socket = await connect(newStore())
    socket.send(message)
    expect(await socket.closed()).toBe(closeCodes.protocol)
  })

  it("gives no second answer to a push frame that comes twice", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    socket.send(pushOne(1, 1), [undefined])
    socket.send(pushOne(1, 1), [undefined])
    socket.send({ t: "check", id: 2 })
    expect(await socket.next()).toMatchObject({ t: "pushed", id: 1 })
    expect(await socket.next()).toMatchObject({ t: "checked", id: 2 })
    expect(await logOf(storeId)).toHaveLength(1)
  })

  it("stores a batch only once its last part is there, and nothing of one whose first part is missing", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    socket.send(pushOne(1, 2, { part: 1, parts: 2, events: 2 }), [undefined])
    expect(await socket.next()).toMatchObject({ t: "refused", id: 1, error: { _tag: "Unavailable" } })
    socket.send(pushOne(2, 1, { part: 0, parts: 2, events: 2 }), [undefined])
    socket.send({ t: "check", id: 3 })
    expect(await socket.next()).toMatchObject({ t: "checked" })
    expect(await logOf(storeId)).toHaveLength(0)
    socket.send(pushOne(2, 2, { part: 1, parts: 2, events: 2 }), [undefined])
    expect(await socket.next()).toMatchObject({ t: "pushed", id: 2, head: 2 })
    expect(await logOf(storeId)).toHaveLength(2)
  })

  it("refuses a batch over the limit with its first part, and keeps none of the others", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    socket.send(pushOne(1, 1, { part: 0, parts: 2, events: 101 }), [undefined])
    expect(await socket.next()).toMatchObject({ t: "refused", id: 1, error: { _tag: "InvalidPush" } })
    socket.send(pushOne(1, 2, { part: 1, parts: 2, events: 101 }), [undefined])
    socket.send(pushOne(2, 1), [undefined])
    expect(await socket.next()).toMatchObject({ t: "pushed", id: 2 })
    expect(await logOf(storeId)).toHaveLength(1)
  })

  it("drops a push that was cancelled while the application thought about it", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    const slow = { rows: [[1, 0, "gauntlet.slow", "raw", "s"]] }
    socket.send(pushOne(1, 1, slow), [`{"ms":300}`])
    socket.send({ t: "cancel", id: 1 })
    socket.send(pushOne(2, 1, slow), [`{"ms":400}`])
    expect(await socket.next()).toMatchObject({ t: "pushed", id: 2 })
    expect(await logOf(storeId)).toHaveLength(1)
  })

  it("answers heartbeats with the head while the object sleeps, and wakes with sessions and subscriptions", async () => {
    const storeId = newStore()
    const payload = { pad: "x".repeat(40_000) }
    const listener = await greeted(storeId, { payload })
    listener.send({ t: "watch", id: 1, live: 1 })
    const pusher = await greeted(storeId)
    pusher.send(pushOne(1, 1), [undefined])
    expect(await listener.next()).toMatchObject({ t: "poke", head: 1 })
    await Effect.runPromise(host.process!.evict!(storeId, "hibernate"))
    listener.send(pingFrame)
    expect(await listener.next()).toMatchObject({ t: "pong", head: 1 })
    expect(await Effect.runPromise(host.process!.peekInstance!(storeId))).toBeUndefined()
    pusher.send(pushOne(2, 2), [undefined])
    expect(await listener.next()).toMatchObject({ t: "poke", head: 2 })
    listener.send({ t: "pull", id: 2, live: true, after: { seqNum: 1 } })
    expect(await listener.next()).toMatchObject({
      t: "page",
      rows: [[2, 1, "happened", "raw", "s", expect.any(String)]],
    })
    const seen = await Effect.runPromise(host.app!.seen(storeId))
    expect(seen.at(-1)).toEqual({ hook: "live", storeId, payload })
    expect((await gaugesOf(storeId)).connectionStateBytes).toBeLessThan(500)
  })

  it("asks for a new greeting where storage lost who a connection is, and begins a new life", async () => {
    const storeId = newStore()
    const socket = await connect(storeId)
    socket.send(hello(storeId))
    const welcome = await socket.next()
    await Effect.runPromise(host.process!.evict!(storeId, "hibernate"))
    await Effect.runPromise(host.storage!.wipeBeneath!(storeId))
    await Effect.runPromise(host.process!.evict!(storeId, "hibernate"))
    socket.send({ t: "check", id: 1 })
    expect(await socket.closed()).toBe(closeCodes.restarting)
    const again = await connect(storeId)
    again.send(hello(storeId))
    expect(await again.next()).not.toEqual(welcome)
  })

  it("begins a new life where storage was wiped behind a page that had ended at its bytes", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    const large = JSON.stringify("x".repeat(220_000))
    for (const seqNum of [1, 2, 3, 4, 5]) {
      socket.send(pushOne(seqNum, seqNum), [large])
      expect(await socket.next()).toMatchObject({ t: "pushed", id: seqNum })
    }
    socket.send({ t: "pull", id: 6, live: false, after: { seqNum: 0 } })
    expect(await socket.next()).toMatchObject({ t: "page", id: 6, info: { remaining: 2 } })
    await Effect.runPromise(host.storage!.wipeBeneath!(storeId))
    const again = await greeted(storeId)
    again.send(pushOne(1, 1), [undefined])
    expect(await again.next()).toMatchObject({ t: "pushed", id: 1, head: 1 })
    expect(await logOf(storeId)).toHaveLength(1)
  })

  it("answers each refusal of a pull", async () => {
    const socket = await greeted(newStore())
    socket.send({ t: "pull", id: 1, live: false, after: { seqNum: 3 } })
    expect(await socket.next()).toMatchObject({ t: "refused", id: 1, error: { _tag: "CursorAhead", head: 0 } })
    socket.send({ t: "pull", id: 2, live: true, known: "another life", after: { seqNum: 0 } })
    expect(await socket.next()).toMatchObject({ t: "refused", id: 2, error: { _tag: "BackendIdMismatch" } })
  })

  it("keeps no connection that looks alive while storage is out", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    const mend = await Effect.runPromise(host.storage!.outage!(storeId))
    socket.send(pushOne(1, 1), [undefined])
    expect(await socket.next()).toMatchObject({ t: "refused", id: 1, error: { _tag: "Unavailable" } })
    expect(await socket.closed()).toBe(closeCodes.restarting)
    const early = await connect(storeId)
    early.send(hello(storeId))
    expect(await early.next()).toMatchObject({ t: "refused", error: { _tag: "Unavailable" } })
    await Effect.runPromise(mend)
    await greeted(storeId)
  })

  it("keeps a connection on which one statement failed", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    await Effect.runPromise(host.storage!.failWrite!(storeId, 1))
    socket.send(pushOne(1, 1), [undefined])
    expect(await socket.next()).toMatchObject({ t: "refused", id: 1, error: { _tag: "Unavailable" } })
    socket.send(pushOne(2, 1), [undefined])
    expect(await socket.next()).toMatchObject({ t: "pushed", id: 2, head: 1 })
  })

  it("closes connections whose client fell silent", async () => {
    const storeId = newStore()
    const silent = await greeted(storeId, { silenceMs: 1_000 })
    await vi.waitFor(
      async () => {
        const other = await greeted(storeId)
        other.close()
        expect(await Promise.race([silent.closed(), Promise.resolve("open")])).toBe(closeCodes.stale)
      },
      { timeout: 5_000, interval: 300 },
    )
  })

  it("frees a connection's subscriptions when it ends without a goodbye", async () => {
    const storeId = newStore()
    const socket = await greeted(storeId)
    socket.send({ t: "watch", id: 1, live: 3 })
    await vi.waitFor(async () => expect((await gaugesOf(storeId)).subscriptions).toBe(3))
    socket.cut()
    await vi.waitFor(async () => expect(await gaugesOf(storeId)).toMatchObject({ subscriptions: 0, sockets: 0 }))
  })

  it("keeps the harness's routes to those who have its token", async () => {
    if (host.endpoint?.kind !== "tcp") throw new Error("the host has no TCP endpoint")
    const { host: address, port } = host.endpoint.target()
    const response = await fetch(`http://${address}:${port}/__harness/forget`, {
      headers: { "x-harness-token": "guess" },
    })
    expect(response.status).toBe(403)
    await response.text()
  })
})
