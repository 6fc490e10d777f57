import { Effect, Exit, Fiber, Layer, Option, Stream, SubscriptionRef, type Scope } from "effect"
import { describe, expect, it } from "vitest"
import { runVirtual } from "../../chaos/world/run-virtual.ts"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { EventEncoded, PullItem } from "../../contract/event.ts"
import { ProviderHost, type ProviderHostShape } from "../../contract/provider.ts"
import { mock } from "./provider.ts"

const run = <A>(effect: (host: ProviderHostShape) => Effect.Effect<A, unknown, Scope.Scope>, seed = 1): A => {
  const program = Effect.scoped(Effect.flatMap(Layer.build(mock.layer), (services) => Effect.flatMap(ProviderHost, effect).pipe(Effect.provide(services))))
  const result = runVirtual(seed, program)
  if (result._tag !== "done") throw new Error(result._tag)
  if (Exit.isFailure(result.exit)) throw new Error(String(result.exit.cause))
  return result.exit.value
}

const chain = (parent: number, count: number): ReadonlyArray<EventEncoded> =>
  Array.from({ length: count }, (_, index) => ({
    seqNum: parent + index + 1,
    parentSeqNum: parent + index,
    name: "n",
    args: { mark: `${parent + index + 1}` },
    clientId: "c",
    sessionId: "s",
  }))

const open = (host: ProviderHostShape, clientId: string, memory = new Map<string, string>()) =>
  host.open({ storeId: "s", clientId, memory: clientMemoryOver(memory) })

describe("the mock", () => {
  it("pushes, pulls and delivers live", () => {
    const seen = run((host) =>
      Effect.gen(function* () {
        const a = yield* open(host, "a")
        const b = yield* open(host, "b")
        yield* a.connect
        const items: Array<PullItem> = []
        const live = yield* Effect.forkChild(
          Stream.runForEach(b.pull(Option.none(), { live: true }), (item) => Effect.sync(() => void items.push(item))),
        )
        yield* a.push(chain(0, 3))
        yield* a.push(chain(3, 100))
        yield* Effect.sleep(500)
        yield* Fiber.interrupt(live)
        const pulled = yield* Stream.runCollect(b.pull(Option.none()))
        return { live: items.flatMap((item) => item.events.map((e) => e.event.seqNum)), pulled: pulled.map((p) => [p.events.length, p.pageInfo]), connected: SubscriptionRef.getUnsafe(a.isConnected), gauges: yield* host.gauges!("s") }
      }),
    )
    expect(seen.live).toEqual(chain(0, 103).map((e) => e.seqNum))
    expect(seen.pulled).toEqual([[100, { _tag: "MoreKnown", remaining: 3 }], [3, { _tag: "NoMore" }]])
    expect(seen.connected).toBe(true)
    expect(seen.gauges).toMatchObject({ sockets: 2, subscriptions: 0 })
  })
})
