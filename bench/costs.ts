import { Context, Effect, Exit, Layer, Option, Stream } from "effect"
import { clientMemoryOver } from "../contract/client-memory.ts"
import type { Costs } from "../contract/costs.ts"
import type { EventEncoded } from "../contract/event.ts"
import { ProviderHost } from "../contract/provider.ts"
import { loadProvider } from "../providers/registry.ts"

const events = 1_000
const batchEvents = 10
/** Several heartbeats of every form; the hour is reckoned from it. */
const idleSeconds = 60
const hourSeconds = 3_600

/** What a provider costs its platform. */
interface ProviderCosts {
  /** 1,000 events in batches of ten, with one live pull beside the writer. */
  readonly perThousandEvents: Costs
  /** An hour in which nothing happens, with one live pull open. */
  readonly perIdleHour: Costs
}

const each = (costs: Costs, of: (one: keyof Costs) => number): Costs =>
  Object.fromEntries(Object.keys(costs).map((key) => [key, of(key as keyof Costs)])) as unknown as Costs

const batchAfter = (head: number): ReadonlyArray<EventEncoded> =>
  Array.from({ length: batchEvents }, (_, n) => ({
    seqNum: head + n + 1,
    parentSeqNum: head + n,
    name: "happened",
    args: { text: "x".repeat(100) },
    clientId: "writer",
    sessionId: "s",
  }))

/** Measures one provider on a host of its own; undefined for one that does not tell its costs. */
export const measureCosts = async (key: string): Promise<ProviderCosts | undefined> => {
  const provider = await loadProvider(key)
  if (provider === undefined) throw new Error(`there is no provider "${key}"`)
  if (provider.world === "virtual") return undefined
  const availability = await Effect.runPromise(provider.availability)
  if (availability._tag === "Unavailable") return undefined
  const program = Effect.gen(function* () {
    const host = Context.get(yield* Layer.build(provider.layer), ProviderHost)
    const storeId = "bench-costs"
    const read = host.costs?.(storeId)
    if (read === undefined) return undefined
    const open = (clientId: string) => host.open({ storeId, clientId, memory: clientMemoryOver(new Map()) })
    const [writer, reader] = [yield* open("writer"), yield* open("reader")]
    yield* writer.push(batchAfter(0))
    let heard = 0
    let all = (): void => undefined
    const whole = new Promise<void>((resolve) => (all = resolve))
    yield* Effect.forkScoped(
      Stream.runForEach(reader.pull(Option.none(), { live: true }), (item) =>
        Effect.sync(() => {
          heard += item.events.length
          if (heard >= events + batchEvents) all()
        }),
      ),
    )
    while (heard === 0) yield* Effect.sleep(10)
    const before = yield* read
    for (let head = batchEvents; head < events + batchEvents; head += batchEvents) yield* writer.push(batchAfter(head))
    yield* Effect.promise(() => whole)
    const busy = yield* read
    yield* Effect.sleep(idleSeconds * 1_000)
    const idle = yield* read
    return {
      perThousandEvents: each(busy, (one) => ((busy[one] - before[one]) * 1_000) / events),
      perIdleHour: each(idle, (one) => ((idle[one] - busy[one]) * hourSeconds) / idleSeconds),
    }
  })
  const exit = await Effect.runPromiseExit(
    Effect.scoped(program) as Effect.Effect<ProviderCosts | undefined, unknown, never>,
  )
  if (Exit.isFailure(exit)) throw new Error(`${key} could not be measured: ${String(exit.cause)}`)
  return exit.value
}
