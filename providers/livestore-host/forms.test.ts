import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { AsyncPullItem, AsyncSyncProvider } from "../../contract/async.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { StartedHost } from "../from-async.ts"
import { keyOf, type LivestoreForm } from "./form.ts"
import { startHost } from "./host.ts"

const never = new AbortController().signal

const chain = (from: number, to: number): ReadonlyArray<EventEncoded> =>
  Array.from({ length: to - from + 1 }, (_, at) => ({
    seqNum: from + at,
    parentSeqNum: from + at - 1,
    name: "x",
    args: { n: from + at },
    clientId: "a",
    sessionId: "s",
  }))

const events = (items: ReadonlyArray<AsyncPullItem>): ReadonlyArray<EventEncoded> =>
  items.flatMap((item) => item.events.map(({ event }) => event))

const pullAll = async (client: AsyncSyncProvider): Promise<ReadonlyArray<EventEncoded>> => {
  const items: Array<AsyncPullItem> = []
  for await (const item of client.pull(undefined, { live: false }, never)) items.push(item)
  return events(items)
}

const forms: ReadonlyArray<LivestoreForm> = [
  { transport: "http", storage: "do" },
  { transport: "ws", storage: "d1" },
  { transport: "do-rpc", storage: "d1" },
]

describe.each(forms.map((form) => [keyOf(form), form] as const))("LiveStore's published provider as %s", (_, form) => {
  let host: StartedHost
  const clients: Array<AsyncSyncProvider> = []
  beforeAll(async () => {
    host = await startHost(form)
  }, 60_000)
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await host.stop?.()
  })

  const open = async (storeId: string, memory = new Map<string, string>()): Promise<AsyncSyncProvider> => {
    const client = await host.open({
      storeId,
      clientId: "a",
      memory: {
        get: async (key) => memory.get(key),
        set: async (key, value) => void memory.set(key, value),
        remove: async (key) => void memory.delete(key),
      },
    })
    clients.push(client)
    return client
  }

  it("takes pushes, gives them to pulls and to a live pull, and refuses a stale parent", async () => {
    const memory = new Map<string, string>()
    const client = await open("round-trip", memory)
    await client.connect(never)
    expect(client.isConnected()).toBe(true)
    expect(client.metadata.name).not.toBe("")
    await client.push(chain(1, 3), never)
    expect(await pullAll(client)).toEqual(chain(1, 3))
    expect([...memory.keys()]).toEqual(["backendId"])

    const abort = new AbortController()
    const live = client.pull(undefined, { live: true }, abort.signal)[Symbol.asyncIterator]()
    await live.next()
    const news = live.next()
    let head = 3
    // What is pushed while a live pull over RPC goes over from history to live is lost: pushed until it hears something.
    for (let heard = false; !heard;) {
      head += 1
      await client.push(chain(head, head), never)
      const soon = new Promise<false>((resolve) => setTimeout(() => resolve(false), 300))
      heard = await Promise.race([news.then(() => true), soon])
    }
    const got = events([(await news).value])
    expect(got).toEqual(chain(got[0]?.seqNum ?? 0, got.at(-1)?.seqNum ?? 0))
    abort.abort()

    const stale = { _tag: "ServerAhead", head, providedParent: 2 }
    await expect(client.push(chain(3, 3), never)).rejects.toEqual(stale)
    expect(await host.inspect?.("round-trip")).toEqual(chain(1, head))
  })

  it("keeps a log over a kill, restores a snapshot and forgets what was wiped", async () => {
    const client = await open("kept")
    await client.push(chain(1, 2), never)
    const restore = await host.storage?.snapshot?.("kept")
    await client.push(chain(3, 3), never)
    await host.process?.kill?.()
    await host.process?.start?.()
    expect(await pullAll(await open("kept"))).toEqual(chain(1, 3))
    await restore?.()
    expect(await host.inspect?.("kept")).toEqual(chain(1, 2))
    expect(await pullAll(await open("kept"))).toEqual(chain(1, 2))
    await host.storage?.wipe?.("kept")
    expect(await host.inspect?.("kept")).toEqual([])
    expect(await pullAll(await open("kept"))).toEqual([])
  })

  it("lets statements fail, and counts them", async () => {
    const client = await open("faults")
    await client.push(chain(1, 1), never)
    const heal = await host.storage?.outage?.("faults")
    await expect(pullAll(client)).rejects.toMatchObject({ _tag: "UnknownError" })
    await heal?.()
    expect(await pullAll(client)).toEqual(chain(1, 1))
    expect(await host.storage?.bit("faults")).toBeGreaterThan(0)
  })

  it("ends a live pull, or makes it good, when workerd ends and comes again", async () => {
    const client = await open("ends")
    const live = client.pull(undefined, { live: true }, never)[Symbol.asyncIterator]()
    await live.next()
    await host.process?.kill?.()
    const ended = live.next().then(
      () => "goes on",
      (error: { readonly _tag: string }) => error._tag,
    )
    await host.process?.start?.()
    const late = new Promise((resolve) => setTimeout(() => resolve("silent"), 5_000))
    expect(await Promise.race([ended, late])).toMatch(form.transport === "ws" ? /./ : /^(IsOffline|UnknownError)$/)
    expect(await pullAll(await open("ends"))).toEqual([])
  })
})
