import { Effect, Exit, Fiber, Option, Scope, Stream } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { Cursor, PullItem } from "../../../contract/event.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { harnessClientOptions } from "../../cloudflare/capabilities.ts"
import { openElectricClient } from "./client.ts"
import { rowOf, scriptedBackend, type ScriptedBackend } from "./scripted-backend.fixture.ts"

let backend: ScriptedBackend
let scope: Scope.Closeable
beforeEach(async () => {
  backend = await scriptedBackend()
  scope = Scope.makeUnsafe()
})
afterEach(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  backend.close()
})

const open = (live: "events" | "long-poll" = "events"): Promise<SyncProvider> =>
  Effect.runPromise(
    Scope.provide(
      openElectricClient({
        storeId: "store",
        clientId: "a",
        memory: clientMemoryOver(new Map()),
        name: "electric",
        description: "Electric",
        target: () => ({ host: "127.0.0.1", port: backend.port }),
        live,
        options: harnessClientOptions,
      }),
      scope,
    ),
  )

const numbers = (items: ReadonlyArray<PullItem>): ReadonlyArray<number> =>
  items.flatMap(({ events }) => events.map(({ event }) => event.seqNum))

const pullAll = async (client: SyncProvider, cursor: Option.Option<Cursor> = Option.none()) =>
  Array.from(await Effect.runPromise(Stream.runCollect(client.pull(cursor))))

/** A live pull that runs until the test ends, and what it has given. */
const follow = (client: SyncProvider, cursor: Option.Option<Cursor> = Option.none()) => {
  const items: Array<PullItem> = []
  const fiber = Effect.runFork(
    Stream.runForEach(client.pull(cursor, { live: true }), (item) => Effect.sync(() => void items.push(item))),
  )
  const reaches = async (count: number): Promise<ReadonlyArray<number>> => {
    for (let look = 0; look < 500 && numbers(items).length < count; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return numbers(items)
  }
  return { items, reaches, stop: () => Effect.runPromise(Fiber.interrupt(fiber)) }
}

describe("a pull through the official client", () => {
  it("puts a snapshot that comes in another order into the log's own", async () => {
    backend.snapshot = [3, 1, 4, 2].map((n) => rowOf(n))
    backend.head = 4
    const items = await pullAll(await open())
    expect(numbers(items)).toEqual([1, 2, 3, 4])
    expect(items.at(-1)?.pageInfo).toEqual({ _tag: "NoMore" })
  })

  it("asks Electric for nothing when Postgres has nothing behind the cursor", async () => {
    expect(await pullAll(await open())).toEqual([{ events: [], pageInfo: { _tag: "NoMore" } }])
    expect(backend.asked.some(({ pathname }) => pathname.endsWith("/shape"))).toBe(false)
  })

  it("waits for what Postgres has, whatever Electric calls up to date", async () => {
    backend.snapshot = [rowOf(1)]
    backend.commit([rowOf(2)], true)
    setTimeout(backend.catchUp, 100)
    expect(numbers(await pullAll(await open("long-poll")))).toEqual([1, 2])
  })

  it("ends at the head that Postgres had when it began, though Electric shows more", async () => {
    backend.snapshot = [1, 2, 3].map((n) => rowOf(n))
    backend.head = 2
    expect(numbers(await pullAll(await open()))).toEqual([1, 2])
  })

  it("goes on at handle and offset, and from the number alone when Electric has forgotten them", async () => {
    backend.snapshot = [rowOf(1)]
    backend.head = 1
    backend.commit([rowOf(2)])
    const client = await open()
    const last = (await pullAll(client)).at(-1)?.events.at(-1)
    const metadata = last?.metadata ?? Option.none()
    const cursor = Option.some({ eventSequenceNumber: 2, metadata })
    expect(Option.getOrUndefined(metadata)).toEqual({
      ...{ backendId: "life 1", digest: "digest 2" },
      ...{ handle: "handle-1", offset: "101_0" },
    })
    backend.commit([rowOf(3)])
    const before = backend.asked.length
    expect(numbers(await pullAll(client, cursor))).toEqual([3])
    expect(backend.asked.slice(before).some((url) => url.searchParams.get("offset") === "-1")).toBe(false)
    backend.handle = "handle-2"
    expect(numbers(await pullAll(client, cursor))).toEqual([3])
    const bare = Option.some({ eventSequenceNumber: 2, metadata: Option.none() })
    expect(numbers(await pullAll(client, bare))).toEqual([3])
  })

  it("reads again when a row is missing between two others", async () => {
    backend.snapshot = [rowOf(1)]
    backend.head = 1
    backend.commit([rowOf(2), rowOf(3)])
    backend.instead.push((response) => {
      backend.instead.push((second) => second.destroy())
      response.writeHead(200, { "content-type": "application/json", "electric-handle": "handle-1" })
      response.end("[]")
    })
    expect(numbers(await pullAll(await open()))).toEqual([1, 2, 3])
  })

  it("fails with BackendIdMismatch when the push API answers for another life", async () => {
    const client = await open()
    await pullAll(client)
    backend.backendId = "life 2"
    const failed = await Effect.runPromise(Effect.flip(Stream.runDrain(client.pull(Option.none()))))
    expect(failed._tag).toBe("BackendIdMismatch")
  })
})

describe.each(["events", "long-poll"] as const)("a live pull by %s", (live) => {
  it("says NoMore and then gives every later batch", async () => {
    backend.snapshot = [rowOf(1)]
    backend.head = 1
    const pull = follow(await open(live))
    expect(await pull.reaches(1)).toEqual([1])
    backend.commit([rowOf(2, 1, 1), rowOf(3)])
    backend.commit([rowOf(4)])
    expect(await pull.reaches(4)).toEqual([1, 2, 3, 4])
    expect(pull.items.at(-1)?.pageInfo).toEqual({ _tag: "NoMore" })
    await pull.stop()
  })

  it("goes on without a hole or a repeat when Electric has lost the handle", async () => {
    backend.snapshot = [rowOf(1)]
    backend.head = 1
    const pull = follow(await open(live))
    await pull.reaches(1)
    backend.commit([rowOf(2)])
    await pull.reaches(2)
    backend.handle = "handle-2"
    backend.commit([rowOf(3)])
    backend.commit([rowOf(4)])
    expect(await pull.reaches(4)).toEqual([1, 2, 3, 4])
    await pull.stop()
  })

  it("heals the false 409 that Electric answers after a kill, and the refetch without what was delivered", async () => {
    backend.snapshot = [rowOf(1)]
    backend.head = 1
    const pull = follow(await open(live))
    await pull.reaches(1)
    backend.commit([rowOf(2)])
    await pull.reaches(2)
    const json = { "content-type": "application/json" }
    backend.instead.push(
      (response) => response.writeHead(409, json).end('[{"headers":{"control":"must-refetch"}}]'),
      (response) => {
        const empty = [{ headers: { control: "snapshot-end" } }, { headers: { control: "up-to-date" } }]
        const place = { "electric-handle": "handle-1", "electric-offset": "0_inf", "electric-up-to-date": "" }
        response.writeHead(200, { ...json, ...place, "electric-schema": "{}" }).end(JSON.stringify(empty))
      },
    )
    backend.breakOff()
    await expect.poll(() => backend.instead.length, { timeout: 10_000 }).toBe(0)
    backend.commit([rowOf(3)])
    expect(await pull.reaches(3)).toEqual([1, 2, 3])
    await pull.stop()
  })

  it("reads what a sign of life tells of and Electric kept to itself", async () => {
    const pull = follow(await open(live))
    await pull.reaches(0)
    backend.snapshot = [rowOf(1)]
    backend.head = 1
    expect(await pull.reaches(1)).toEqual([1])
    await pull.stop()
  })
})
