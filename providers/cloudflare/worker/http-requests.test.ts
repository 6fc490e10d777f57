import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import { startCloudflareHost } from "../host.ts"
import { decodeAnswer } from "../http-wire.ts"
import { rawRequests } from "../raw-request.fixture.ts"
import { hello, pushOne } from "../raw-socket.fixture.ts"
import type { ClientMessage } from "../wire.ts"

describe("the Worker over HTTP, in workerd", () => {
  const scope = Effect.runSync(Scope.make())
  let host: ProviderHostShape
  let stores = 0
  beforeAll(async () => {
    host = await Effect.runPromise(Scope.provide(startCloudflareHost({ transport: "http", storage: "do" }), scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const client = async (storeId = `raw-${++stores}`) => {
    if (host.endpoint?.kind !== "tcp") throw new Error("the host has no TCP endpoint")
    const raw = await rawRequests(host.endpoint.target(), storeId)
    return {
      ...raw,
      storeId,
      ask: async (messages: ReadonlyArray<ClientMessage>, args: ReadonlyArray<string | undefined> = [undefined]) => {
        const { status, text } = await raw.post(raw.bodyOf(messages, args))
        return { status, frames: decodeAnswer(text)?.map(({ message }) => message) }
      },
    }
  }
  const watch = (live = 1) => ({ t: "watch", id: 1, live, beatMs: 500 }) as const
  const gaugesOf = (storeId: string) => Effect.runPromise(host.gauges!(storeId))
  const hooksOf = async (storeId: string) =>
    (await Effect.runPromise(host.app!.seen(storeId))).map(({ hook, payload }) => [hook, payload])

  it("asks the application once for each request, with the payload that each brings", async () => {
    const { ask, storeId } = await client()
    const greeting = (id: string) => hello(storeId, { payload: { id } })
    expect(await ask([greeting("a")])).toMatchObject({ status: 200, frames: [{ t: "welcome", head: 0 }] })
    expect(await ask([greeting("b"), pushOne(1, 1)])).toMatchObject({ frames: [{ t: "pushed", id: 1, head: 1 }] })
    const pull = { t: "pull", id: 2, live: true, after: { seqNum: 0 } } as const
    expect(await ask([greeting("c"), pull])).toMatchObject({ frames: [{ t: "page", id: 2, head: 1 }] })
    expect(await ask([greeting("d"), { t: "check", id: 3 }])).toMatchObject({ frames: [{ t: "checked", head: 1 }] })
    expect(await hooksOf(storeId)).toEqual([
      ["connect", { id: "a" }],
      ["push", { id: "b" }],
      ["live", { id: "c" }],
    ])
  })

  it("refuses a payload by the request and by the connection, and stores nothing", async () => {
    const { ask, storeId } = await client()
    const rejected = hello(storeId, { payload: { token: "reject" } })
    expect(await ask([rejected, pushOne(1, 1)])).toMatchObject({
      frames: [
        { t: "refused", id: 1, error: { _tag: "PayloadRejected" } },
        { t: "refused", error: { _tag: "PayloadRejected" } },
      ],
    })
    expect(await Effect.runPromise(host.inspect!(storeId))).toEqual([])
  })

  it("serves a push that comes twice once", async () => {
    const { ask, storeId } = await client()
    const greeting = hello(storeId, { link: "one" })
    expect(await ask([greeting, pushOne(7, 1)])).toMatchObject({ frames: [{ t: "pushed", head: 1 }] })
    expect(await ask([greeting, pushOne(7, 1)])).toMatchObject({ status: 409, frames: undefined })
    expect(await ask([hello(storeId, { link: "two" }), pushOne(7, 1)])).toMatchObject({
      frames: [{ t: "refused", id: 7, error: { _tag: "ServerAhead", head: 1 } }],
    })
  })

  it.each([
    ["half a body", (whole: string) => whole.slice(0, -1)],
    ["an HTML page", () => "<html></html>\n"],
    ["a request without a greeting", (whole: string) => whole.slice(whole.indexOf("\n") + 1)],
    ["nothing", () => ""],
  ])("answers %s with 400, and stores nothing", async (_what, broken) => {
    const { post, bodyOf, storeId } = await client()
    const { status } = await post(broken(bodyOf([hello(storeId), pushOne(1, 1)], [undefined])))
    expect(status).toBe(400)
    expect(await Effect.runPromise(host.inspect!(storeId))).toEqual([])
  })

  it.each(["content-length", "chunks"] as const)("answers a body that is too large with 413: %s", async (how) => {
    const { postTooLarge, ask, storeId } = await client()
    expect(await postTooLarge(how)).toMatchObject({ status: 413 })
    expect(await ask([hello(storeId), pushOne(1, 1)])).toMatchObject({ frames: [{ t: "pushed", head: 1 }] })
  })

  it("serves no second greeting: the same one is answered as what came before, another is a breach", async () => {
    const { ask, storeId } = await client()
    const greeting = hello(storeId, { payload: { id: 1 } })
    expect((await ask([greeting, greeting])).status).toBe(409)
    expect((await ask([greeting, hello(storeId, { payload: { id: 2 } })])).status).toBe(400)
    expect((await ask([greeting, hello("another", { payload: { id: 1 } })])).status).toBe(400)
  })

  it("ends the connection behind the answer while storage is out", async () => {
    const { ask, storeId } = await client()
    await ask([hello(storeId), pushOne(1, 1)])
    const mend = await Effect.runPromise(host.storage!.outage!(storeId))
    expect(await ask([hello(storeId), pushOne(2, 2)])).toMatchObject({
      frames: [
        { t: "refused", id: 2, error: { _tag: "Unavailable" } },
        { t: "refused", error: { _tag: "Unavailable" } },
      ],
    })
    await Effect.runPromise(mend)
    expect(await ask([hello(storeId), pushOne(3, 2)])).toMatchObject({ frames: [{ t: "pushed", head: 2 }] })
  })

  it("drops a push whose client went away while the application thought about it", async () => {
    const { abandoned, ask, storeId } = await client()
    const slow = pushOne(1, 1, { rows: [[1, 0, "gauntlet.slow", "raw", "s"]] })
    const thinking = vi.waitUntil(async () => (await hooksOf(storeId)).some(([hook]) => hook === "push"))
    await abandoned([hello(storeId), slow], `{"ms":400}`, () => thinking)
    // One that the hook thinks about for longer, and that cannot be stored: what was to come before it would be there.
    const later = pushOne(9, 6, { rows: [[6, 5, "gauntlet.slow", "raw", "s"]] })
    expect(await ask([hello(storeId), later], [`{"ms":600}`])).toMatchObject({
      frames: [{ t: "refused", id: 9, error: { _tag: "ServerAhead", head: 0 } }],
    })
    expect(await ask([hello(storeId), pushOne(2, 1)])).toMatchObject({ frames: [{ t: "pushed", head: 1 }] })
    expect(await Effect.runPromise(host.inspect!(storeId))).toMatchObject([{ name: "happened" }])
  })

  it("holds a request: a welcome once it is subscribed, pokes, and heartbeats with the head", async () => {
    const { hold, ask, storeId } = await client()
    await ask([hello(storeId), pushOne(1, 1)])
    const held = await hold([hello(storeId), watch()])
    expect(held.headers).toMatchObject({ "content-type": "text/event-stream", "transfer-encoding": "chunked" })
    expect(await held.next()).toMatchObject({ t: "welcome", head: 1 })
    expect(await gaugesOf(storeId)).toMatchObject({ sockets: 1, subscriptions: 1 })
    await ask([hello(storeId), pushOne(2, 2)])
    expect(await held.next()).toMatchObject({ t: "poke", head: 2 })
    expect(await held.next()).toMatchObject({ t: "pong", head: 2 })
    held.cut("reset")
  })

  it.each(["reset", "end"] as const)("frees a held request whose client is gone: %s", async (how) => {
    const { hold, storeId } = await client()
    const held = await hold([hello(storeId), watch()])
    await held.next()
    held.cut(how)
    await vi.waitFor(async () => expect(await gaugesOf(storeId)).toMatchObject({ sockets: 0, subscriptions: 0 }), 5_000)
  })

  it("ends a held request once its payload is revoked, and holds none for it", async () => {
    const { hold, storeId } = await client()
    const greeting = hello(storeId, { payload: { token: "revocable", id: storeId } })
    const held = await hold([greeting, watch()])
    expect(await held.next()).toMatchObject({ t: "welcome" })
    const opened = Effect.runSync(Scope.make())
    const memory = clientMemoryOver(new Map())
    // The host looks again at stores that have a client of its own.
    await Effect.runPromise(Scope.provide(host.open({ storeId, clientId: "own", memory }), opened))
    await Effect.runPromise(host.app!.revoke!(storeId))
    await Effect.runPromise(Scope.close(opened, Exit.void))
    expect(await held.next()).toMatchObject({ t: "refused", error: { _tag: "PayloadRejected" } })
    expect(await held.next()).toBeUndefined()
    const again = await hold([greeting, watch()])
    expect(await again.next()).toMatchObject({ t: "refused", error: { _tag: "PayloadRejected" } })
    expect(await gaugesOf(storeId)).toMatchObject({ sockets: 0 })
  })

  it("ends held requests when the object is evicted, and serves the next request from another", async () => {
    const { hold, ask, storeId } = await client()
    const held = await hold([hello(storeId), watch()])
    expect(await held.next()).toMatchObject({ t: "welcome" })
    const before = await Effect.runPromise(host.process!.instance(storeId))
    await Effect.runPromise(host.process!.evict!(storeId, "hibernate"))
    expect(await held.next()).toBeUndefined()
    expect(await ask([hello(storeId), pushOne(1, 1)])).toMatchObject({ frames: [{ t: "pushed", head: 1 }] })
    expect(await Effect.runPromise(host.process!.instance(storeId))).not.toBe(before)
  })
})
