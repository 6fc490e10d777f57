import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import { limits } from "../core/limits.ts"
import { startCloudflareHost } from "../host.ts"

const chain = (count: number, after = 0, args: unknown = {}): ReadonlyArray<EventEncoded> =>
  Array.from({ length: count }, (_, index) => ({
    seqNum: after + index + 1,
    parentSeqNum: after + index,
    name: "happened",
    args,
    clientId: "c",
    sessionId: "s",
  }))

describe("the Worker with its logs in D1", () => {
  const scope = Effect.runSync(Scope.make())
  let host: ProviderHostShape
  let stores = 0

  beforeAll(async () => {
    host = await Effect.runPromise(Scope.provide(startCloudflareHost({ transport: "ws", storage: "d1" }), scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const newStore = () => `d1-${++stores}`
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
    Effect.runPromise(Scope.provide(effect, scope))
  const open = (storeId: string) => run(host.open({ storeId, clientId: "c", memory: clientMemoryOver(new Map()) }))
  const inspect = (storeId: string) => run(host.inspect!(storeId))

  it("wipes a store in a database that has no tables yet", async () => {
    const storeId = newStore()
    await run(host.storage!.wipeBeneath!(storeId))
    await run(host.storage!.wipe!(storeId))
    expect(await inspect(storeId)).toEqual([])
  })

  it("undoes all of a batch in the database, whichever statement fails", async () => {
    const storeId = newStore()
    const client = await open(storeId)
    await run(client.push(chain(2)))
    for (const nth of [1, 2, 3]) {
      await run(host.storage!.failWrite!(storeId, nth))
      expect(Exit.isFailure(await Effect.runPromiseExit(client.push(chain(20, 2))))).toBe(true)
      expect(await inspect(storeId)).toHaveLength(2)
    }
    expect(await run(host.storage!.bit(storeId))).toBe(3)
    await run(client.push(chain(20, 2)))
    expect(await inspect(storeId)).toHaveLength(22)
  })

  it("wipes and restores one store of the database and leaves the others", async () => {
    const [one, two] = [newStore(), newStore()]
    const clients = [await open(one), await open(two)]
    for (const client of clients) await run(client.push(chain(20)))
    const restore = await run(host.storage!.snapshot!(one))
    await run(host.storage!.wipeBeneath!(one))
    expect([await inspect(one), await inspect(two)].map(({ length }) => length)).toEqual([0, 20])
    await run(restore)
    expect(await inspect(one)).toEqual(await inspect(two))
    await run(clients[0]!.push(chain(1, 20)))
    await run(host.storage!.wipe!(two))
    expect([await inspect(one), await inspect(two)].map(({ length }) => length)).toEqual([21, 0])
  })

  it("keeps the logs when workerd is killed and started again", async () => {
    const storeId = newStore()
    const client = await open(storeId)
    await run(client.push(chain(100)))
    await run(host.process!.kill!)
    await run(host.process!.start!)
    expect(await inspect(storeId)).toHaveLength(100)
    await run(Effect.retry((await open(storeId)).push(chain(1, 100)), { times: 3 }))
    expect(await inspect(storeId)).toHaveLength(101)
  })

  it("tells how many statements a slow database held up", async () => {
    const storeId = newStore()
    const client = await open(storeId)
    await run(client.push(chain(1)))
    const slow = await run(host.storage!.fault!(storeId, { kind: "slow", ms: 2, of: "writes" }))
    await run(client.push(chain(1, 1)))
    // The head, and one statement of rows.
    expect(await run(slow.bit)).toBe(2)
    await run(slow.heal)
    await run(client.push(chain(1, 2)))
    expect(await run(slow.bit)).toBe(2)
  })

  it("takes and gives back the largest batch of the largest events", async () => {
    const storeId = newStore()
    const client = await open(storeId)
    // Backslashes double in JSON, and double again on their way to the database.
    const bytes = limits.eventBytes - 200
    const args = { backslashes: "\\".repeat(bytes / 4), snowmen: "☃".repeat(bytes / 6) }
    const batch = chain(limits.batchEvents, 0, args)
    // A busy machine may take longer for it than a client waits; what was stored is then there all the same.
    const patiently = { while: ({ _tag }: { readonly _tag: string }) => _tag === "IsOffline", times: 5 }
    await run(client.push(batch).pipe(Effect.retry(patiently), Effect.exit))
    const items = await run(Effect.retry(Stream.runCollect(client.pull(Option.none())), patiently))
    const events = items.flatMap((item) => item.events.map(({ event }) => event))
    expect(events).toHaveLength(limits.batchEvents)
    expect(events[99]).toEqual(batch[99])
  })
})
