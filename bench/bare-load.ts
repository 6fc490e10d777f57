import { Clock, Context, Effect, Layer, Option, type Scope, Stream } from "effect"
import { runVirtual } from "../chaos/world/run-virtual.ts"
import { clientMemoryOver } from "../contract/client-memory.ts"
import type { Cursor, EventEncoded } from "../contract/event.ts"
import { ProviderHost, type Provider } from "../contract/provider.ts"
import { loadProvider } from "../providers/registry.ts"

/*
 * The load of a campaign without faults, sent by bare client calls: nothing is recorded, judged, or stands between.
 * `node bench/bare-load.ts KEY MILLISECONDS` writes the number of operations: acknowledged pushes, and pulls that
 * delivered something.
 */

/** How long one turn of the load takes on the provider's clock, in milliseconds: as long as in a round of a campaign. */
const turnMs = 6_000
const timesEach = 900

const eventAfter = (head: number): EventEncoded => ({
  seqNum: head + 1,
  parentSeqNum: head,
  name: "gauntlet.event",
  args: { mark: `bare-${head + 1}` },
  clientId: "bare",
  sessionId: "s",
})

type Work = Effect.Effect<void, unknown, Scope.Scope>

/** Eight writers on stores of their own, or two with three readers each. Gives how many operations went through. */
const turn = (provider: Provider, nth: number) =>
  Effect.gen(function* () {
    const host = Context.get(yield* Layer.build(provider.layer), ProviderHost)
    const clock = yield* Clock.Clock
    const untilMs = clock.currentTimeMillisUnsafe() + turnMs
    const goesOn = () => clock.currentTimeMillisUnsafe() < untilMs
    let operations = 0
    const open = (storeId: string, clientId: string) =>
      host.open({ storeId, clientId, memory: clientMemoryOver(new Map()) })
    const writes = (storeId: string): Work =>
      Effect.gen(function* () {
        const client = yield* open(storeId, "writer")
        for (let head = 0; head < timesEach && goesOn(); head++) {
          yield* client.push([eventAfter(head)])
          operations += 1
        }
      })
    const reads = (storeId: string, clientId: string): Work =>
      Effect.gen(function* () {
        const client = yield* open(storeId, clientId)
        let cursor = Option.none<Cursor>()
        for (let n = 0; n < timesEach && goesOn(); n++) {
          const before = cursor
          yield* Stream.runForEach(client.pull(cursor), ({ events }) =>
            Effect.sync(() => {
              const last = events.at(-1)
              if (last === undefined) return
              cursor = Option.some({ eventSequenceNumber: last.event.seqNum, metadata: last.metadata })
            }),
          )
          if (cursor !== before) operations += 1
        }
      })
    const readers = nth % 2 === 0 ? 0 : 3
    const stores = Array.from({ length: 8 / (1 + readers) }, (_, n) => `bare-${nth}-${n}`)
    yield* Effect.forEach(
      stores.flatMap((store) => [writes(store), ...Array.from({ length: readers }, (_, n) => reads(store, `r${n}`))]),
      (work) => work,
      { concurrency: "unbounded", discard: true },
    )
    return operations
  }).pipe(Effect.scoped)

const [key = "", forMs = ""] = process.argv.slice(2)
const provider = await loadProvider(key)
if (provider === undefined) throw new Error(`there is no provider "${key}"`)

const fromMs = performance.now()
let operations = 0
for (let nth = 0; performance.now() - fromMs < Number(forMs); nth++) {
  if (provider.world === "real") operations += await Effect.runPromise(turn(provider, nth))
  else {
    const run = runVirtual(nth, turn(provider, nth))
    if (run._tag !== "done" || run.exit._tag === "Failure") throw new Error(`a turn of the load ${run._tag}`)
    operations += run.exit.value
  }
}
console.log(JSON.stringify({ operations, ms: performance.now() - fromMs }))
process.exit(0)
