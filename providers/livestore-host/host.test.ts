import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { AsyncPullItem, AsyncSyncProvider } from "../../contract/async.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import type { StartedHost } from "../from-async.ts"
import { startHost } from "./host.ts"

const chain = (from: number, to: number, name = "x"): ReadonlyArray<EventEncoded> =>
  Array.from({ length: to - from + 1 }, (_, at) => ({
    seqNum: from + at,
    parentSeqNum: from + at - 1,
    name,
    args: { n: from + at },
    clientId: "a",
    sessionId: "s",
  }))

const never = new AbortController().signal

const events = (items: ReadonlyArray<AsyncPullItem>): ReadonlyArray<EventEncoded> =>
  items.flatMap((item) => item.events.map(({ event }) => event))

const pullAll = async (client: AsyncSyncProvider, cursor?: number): Promise<ReadonlyArray<EventEncoded>> => {
  const items: Array<AsyncPullItem> = []
  const from = cursor === undefined ? undefined : { eventSequenceNumber: cursor }
  for await (const item of client.pull(from, { live: false }, never)) items.push(item)
  return events(items)
}

describe("LiveStore's Cloudflare provider", () => {
  let host: StartedHost
  const clients: Array<AsyncSyncProvider> = []
  beforeAll(async () => {
    host = await startHost()
  }, 60_000)
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await host.stop?.()
  })

  const open = async (storeId: string, payload?: Json): Promise<AsyncSyncProvider> => {
    const values = new Map<string, string>()
    const client = await host.open({
      storeId,
      clientId: "a",
      ...(payload !== undefined && { payload }),
      memory: {
        get: async (key) => values.get(key),
        set: async (key, value) => void values.set(key, value),
        remove: async (key) => void values.delete(key),
      },
    })
    clients.push(client)
    return client
  }

  it("takes pushes, gives them to pulls and to a live pull, and refuses a stale parent", async () => {
    const client = await open("round-trip")
    await client.connect(never)
    expect(client.isConnected()).toBe(true)
    await client.push(chain(1, 3), never)
    expect(await pullAll(client)).toEqual(chain(1, 3))
    expect(await pullAll(client, 2)).toEqual(chain(3, 3))

    const abort = new AbortController()
    const live = client.pull(undefined, { live: true }, abort.signal)[Symbol.asyncIterator]()
    const first = await live.next()
    const second = live.next()
    await client.push(chain(4, 5), never)
    expect(events([first.value, (await second).value])).toEqual(chain(1, 5))
    abort.abort()

    await expect(client.push(chain(4, 4), never)).rejects.toEqual({ _tag: "ServerAhead", head: 5, providedParent: 3 })
    expect(await host.inspect?.("round-trip")).toEqual(chain(1, 5))
  })

  it("shows what the application's hooks saw, the payload as it was given", async () => {
    const payload = { token: "ok", text: 'ü " & ? #' }
    const client = await open("hooks", payload)
    await client.connect(never)
    await client.push(chain(1, 1), never)
    await pullAll(client)
    const live = client.pull(undefined, { live: true }, never)[Symbol.asyncIterator]()
    await live.next()
    expect(await host.app?.seen("hooks")).toEqual(
      (["connect", "push", "pull", "live"] as const).map((hook) => ({ hook, storeId: "hooks", payload })),
    )
  })

  it("lets the application refuse events and revoked payloads", async () => {
    const client = await open("refusals", { token: "revocable", id: "r1" })
    await client.connect(never)
    const rejected = { ...chain(1, 1, "gauntlet.reject")[0]!, args: { reason: "not today" } }
    await expect(client.push([rejected], never)).rejects.toMatchObject({
      _tag: "UnknownError",
      message: expect.stringContaining("not today"),
    })
    await client.push(chain(1, 1), never)
    await host.app?.revoke("r1")
    await expect(client.push(chain(2, 2), never)).rejects.toMatchObject({ _tag: "UnknownError" })
    expect(await host.inspect?.("refusals")).toEqual(chain(1, 1))
  })

  it("keeps log and revocations over a kill, and is another instance after it and after an eviction", async () => {
    const client = await open("instances", { token: "revocable", id: "r2" })
    await client.connect(never)
    await client.push(chain(1, 2), never)
    await host.app?.revoke("r2")
    const instances = [await host.process?.instance("instances")]
    await host.process?.evict?.("instances", "close")
    instances.push(await host.process?.instance("instances"))
    await host.process?.kill?.()
    await expect(host.inspect?.("instances")).rejects.toThrow("the worker did not answer")
    await host.process?.start?.()
    instances.push(await host.process?.instance("instances"))
    expect(new Set(instances).size).toBe(3)
    expect(await host.inspect?.("instances")).toEqual(chain(1, 2))
    const after = await open("instances", { token: "revocable", id: "r2" })
    await expect(after.push(chain(3, 3), AbortSignal.timeout(300))).rejects.toBeDefined()
    expect(await host.inspect?.("instances")).toEqual(chain(1, 2))
  })

  it("wipes, and restores a snapshot, each under a new incarnation", async () => {
    const client = await open("wipes")
    await client.connect(never)
    await client.push(chain(1, 20), never)
    const restore = await host.storage?.snapshot?.("wipes")
    const before = await host.process?.instance("wipes")
    await host.storage?.wipe?.("wipes")
    expect(await host.inspect?.("wipes")).toEqual([])
    expect(await host.process?.instance("wipes")).not.toBe(before)
    await restore?.()
    expect(await host.inspect?.("wipes")).toEqual(chain(1, 20))
    expect(await pullAll(await open("wipes"), undefined)).toEqual(chain(1, 20))
  })

  it("lets statements fail, and counts those that did", async () => {
    const client = await open("storage")
    await client.push(chain(1, 1), never)
    await host.storage?.failWrite?.("storage", 1)
    await expect(client.push(chain(2, 2), never)).rejects.toMatchObject({ _tag: "UnknownError" })
    const end = await host.storage?.outage?.("storage")
    await expect(pullAll(client)).rejects.toMatchObject({ _tag: "UnknownError" })
    await end?.()
    expect(await host.storage?.bit("storage")).toBe(2)
    expect(await pullAll(client)).toEqual(chain(1, 1))
  })

  it("counts connections and what is kept for them", async () => {
    const client = await open("gauges")
    await client.connect(never)
    expect(await host.gauges?.("gauges")).toMatchObject({ sockets: 1, subscriptions: 0 })
    const live = client.pull(undefined, { live: true }, never)[Symbol.asyncIterator]()
    await live.next()
    const gauges = await host.gauges?.("gauges")
    expect(gauges).toMatchObject({ sockets: 1, subscriptions: 1 })
    expect(gauges?.connectionStateBytes).toBeGreaterThan(10)
    expect(gauges?.memoryBytes).toBeGreaterThan(1_000_000)
  })

  it("has forgotten everything after a reset", async () => {
    const client = await open("resets", { token: "revocable", id: "r3" })
    await client.connect(never)
    await client.push(chain(1, 1), never)
    await host.app?.revoke("r3")
    await host.reset?.()
    expect(await host.app?.seen("resets")).toEqual([])
    expect(await host.inspect?.("resets")).toEqual([])
    const after = await open("resets", { token: "revocable", id: "r3" })
    await after.push(chain(1, 1), never)
    expect(await host.inspect?.("resets")).toEqual(chain(1, 1))
  })
})
