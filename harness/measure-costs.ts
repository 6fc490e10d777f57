import { Effect, Option, Stream } from "effect"
import { clientMemoryOver } from "../contract/client-memory.ts"
import type { Costs, StoreCosts } from "../contract/costs.ts"
import type { EventEncoded } from "../contract/event.ts"
import type { ProviderHostShape } from "../contract/provider.ts"

const events = 1_000
const batchEvents = 10
/** Several heartbeats of every form; the hour is reckoned from it. */
const idleSeconds = 60
const hourSeconds = 3_600
/** How long the whole may take, in milliseconds: far more than a second for the events and the idle time. */
const measuringMs = 150_000

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

/**
 * Measures what a store costs on this host; undefined where the host does not tell. First a second or two of work, in
 * which nothing else ought to run; `onIdle` is told when it is over and a minute of waiting begins.
 */
export const measureCosts = (
  host: ProviderHostShape,
  storeId: string,
  onIdle: () => void = () => undefined,
): Effect.Effect<StoreCosts | undefined, unknown> =>
  Effect.gen(function* () {
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
    onIdle()
    yield* Effect.sleep(idleSeconds * 1_000)
    const idle = yield* read
    return {
      perThousandEvents: each(busy, (one) => ((busy[one] - before[one]) * 1_000) / events),
      perIdleHour: each(idle, (one) => ((idle[one] - busy[one]) * hourSeconds) / idleSeconds),
    }
  }).pipe(Effect.scoped, Effect.timeout(measuringMs))
