import { Effect, Option, Stream, type Scope } from "effect"
import { describe, expect, it } from "vitest"
import { runVirtual } from "../../../chaos/world/run-virtual.ts"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import { ProviderHost, type Provider, type ProviderHostShape } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { makeSimulatedCloudflare } from "./provider.ts"

const event = (seqNum: number, mark = `e${seqNum}`) => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "n",
  args: { mark },
  clientId: "c",
  sessionId: "s",
})

/** Runs a scene with one client on a host of its own, under a seed. */
const scene = <A>(
  provider: Provider,
  seed: number,
  play: (host: ProviderHostShape, client: SyncProvider) => Effect.Effect<A, unknown, Scope.Scope>,
): A => {
  const result = runVirtual(
    seed,
    Effect.scoped(
      Effect.gen(function* () {
        const host = yield* ProviderHost
        const client = yield* host.open({ storeId: "s", clientId: "c", memory: clientMemoryOver(new Map()) })
        return yield* play(host, client)
      }).pipe(Effect.provide(provider.layer)),
    ),
  )
  if (result._tag === "done" && result.exit._tag === "Success") return result.exit.value
  throw new Error(`the scene ended otherwise: ${JSON.stringify(result)}`)
}

const pulled = (client: SyncProvider) =>
  Effect.map(Stream.runCollect(client.pull(Option.none())), (items) =>
    items.flatMap(({ events }) => events.map(({ event: { seqNum } }) => seqNum)),
  )

describe.each(["do", "d1"] as const)("the simulated platform with logs in %s", (logs) => {
  const provider = makeSimulatedCloudflare({ logs })

  it("keeps what was acknowledged through kill, eviction and deploy", () => {
    const log = scene(provider, 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        yield* host.process!.kill!
        yield* host.process!.start!
        yield* Effect.retry(client.push([event(2)]), { times: 20 })
        yield* host.process!.evict!("s", "close")
        yield* Effect.retry(client.push([event(3)]), { times: 20 })
        yield* host.process!.deploy!
        return yield* Effect.retry(pulled(client), { times: 20 })
      }),
    )
    expect(log).toEqual([1, 2, 3])
  })

  it("keeps sockets and their state while the object sleeps, and wakes it for the next message", () => {
    const { before, asleep, gauges, after } = scene(provider, 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        const awake = host.process!.peekInstance!("s")
        const was = yield* awake
        yield* Effect.sleep(25_000)
        const slept = yield* awake
        const kept = yield* host.gauges!("s")
        yield* client.push([event(2)])
        return { before: was, asleep: slept, gauges: kept, after: yield* awake }
      }),
    )
    expect(asleep).toBeUndefined()
    expect(gauges.sockets).toBe(1)
    expect(after).not.toBe(before)
    expect(after).toBeDefined()
  })

  it("freezes and goes on: what was sent meanwhile is answered then", () => {
    const answeredAtMs = scene(provider, 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        yield* host.process!.pause!
        const began = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        yield* Effect.forkChild(Effect.andThen(Effect.sleep(700), host.process!.resume!))
        yield* client.push([event(2)])
        return (yield* Effect.clockWith((clock) => clock.currentTimeMillis)) - began
      }),
    )
    expect(answeredAtMs).toBeGreaterThanOrEqual(700)
  })

  it("answers nothing from the log while storage is out, and everything afterwards", () => {
    const { failed, log } = scene(provider, 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        const end = yield* host.storage!.outage!("s")
        const push = yield* Effect.flip(client.push([event(2)]))
        yield* end
        return { failed: push, log: yield* Effect.retry(pulled(client), { times: 20 }) }
      }),
    )
    expect(failed).toMatchObject({ _tag: "IsOffline" })
    expect(log).toEqual([1])
  })

  it("gives back a snapshot, and the client notices the other log", () => {
    const error = scene(provider, 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        const restore = yield* host.storage!.snapshot!("s")
        yield* client.push([event(2)])
        yield* restore
        return yield* Effect.flip(Effect.retry(client.push([event(3)]), { times: 5, while: isOffline }))
      }),
    )
    expect(error).toMatchObject({ _tag: "BackendIdMismatch" })
  })
})

describe("two instances on one D1", () => {
  it("let one of two pushes on a head win; the first serves those it has until it ends", () => {
    const { ends, log, names, bit } = scene(makeSimulatedCloudflare({ logs: "d1" }), 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        const first = yield* host.process!.instance!("s")
        const two = yield* host.storage!.fault!("s", { kind: "two-instances" })
        const other = yield* host.open({ storeId: "s", clientId: "d", memory: clientMemoryOver(new Map()) })
        yield* pulled(other)
        const pushes = [client.push([event(2, "first")]), other.push([event(2, "second")])]
        const both = yield* Effect.all(pushes.map(Effect.exit), { concurrency: "unbounded" })
        const changed = yield* two.bit
        const second = yield* host.process!.instance!("s")
        yield* two.heal
        const read = yield* Effect.retry(pulled(client), { times: 20, while: isOffline })
        return { ends: both.map(({ _tag }) => _tag), log: read, names: [first, second], bit: changed }
      }),
    )
    expect(ends.toSorted()).toEqual(["Failure", "Success"])
    expect(log).toEqual([1, 2])
    expect(names[0]).toContain("start 1")
    expect(names[1]).toContain("start 2")
    expect(bit).toBe(1)
  })

  it("keep the first from what the object's own storage has: its clients are sent on when it wakes", () => {
    const { before, after } = scene(makeSimulatedCloudflare({ logs: "d1" }), 1, (host, client) =>
      Effect.gen(function* () {
        yield* client.push([event(1)])
        const two = yield* host.storage!.fault!("s", { kind: "two-instances" })
        yield* host.process!.evict!("s", "hibernate")
        yield* Effect.exit(client.push([event(2)]))
        const asked = yield* two.bit
        yield* Effect.retry(pulled(client), { times: 20, while: isOffline })
        return { before: asked, after: yield* two.bit }
      }),
    )
    expect(before).toBeGreaterThan(0)
    // Nothing more is asked of the first: the client is with the second.
    expect(after).toBe(before)
  })
})

const isOffline = (error: unknown): boolean => (error as { readonly _tag?: string })._tag === "IsOffline"

describe("the output gate", () => {
  it("withholds the answer until its write is confirmed: a crash loses both or neither", () => {
    const provider = makeSimulatedCloudflare()
    const outcomes = new Set<string>()
    for (let seed = 1; seed <= 60; seed++) {
      outcomes.add(
        scene(provider, seed, (host, client) =>
          Effect.gen(function* () {
            yield* client.push([event(1)])
            yield* host.storage!.fault!("s", { kind: "unsynced" })
            const crash = Effect.gen(function* () {
              for (let turn = seed % 20; turn > 0; turn--) yield* Effect.yieldNow
              yield* host.process!.kill!
            })
            const [answer] = yield* Effect.all([Effect.exit(client.push([event(2)])), crash], {
              concurrency: "unbounded",
            })
            const log = yield* host.inspect!("s")
            return `${answer._tag === "Success" ? "acknowledged" : "unknown"}, ${log.length === 2 ? "kept" : "lost"}`
          }),
        ),
      )
    }
    expect(outcomes).toContain("unknown, lost")
    expect(outcomes).toContain("acknowledged, kept")
    expect(outcomes).not.toContain("acknowledged, lost")
  })
})
