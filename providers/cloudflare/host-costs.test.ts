import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import { keyOf, type CloudflareForm } from "./form.ts"
import { startCloudflareHost } from "./host.ts"

const forms: ReadonlyArray<CloudflareForm> = [
  { transport: "ws", storage: "do" },
  { transport: "http", storage: "d1" },
  { transport: "do-rpc", storage: "do" },
]

describe("costs of a store", () => {
  const scope = Effect.runSync(Scope.make())
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Scope.provide(effect, scope))

  it.each(forms.map((form) => [keyOf(form), form] as const))("are counted over %s", async (_key, form) => {
    const host = await run(startCloudflareHost(form))
    const client = await run(host.open({ storeId: "s", clientId: "c", memory: clientMemoryOver(new Map()) }))
    const push = (seqNum: number) =>
      run(client.push([{ seqNum, parentSeqNum: seqNum - 1, name: "happened", clientId: "c", sessionId: "s" }]))
    await push(1)
    const before = await run(host.costs!("s"))
    await push(2)
    await run(Stream.runDrain(client.pull(Option.none())))
    const after = await run(host.costs!("s"))
    // The client over RPC is an object too.
    expect(after.wakeUps).toBe(form.transport === "do-rpc" ? 2 : 1)
    expect(after.requests - before.requests).toBe(form.transport === "ws" ? 0 : 2)
    expect(after.messages - before.messages).toBe(form.transport === "ws" ? 4 : 0)
    expect(after.rowsWritten).toBeGreaterThan(before.rowsWritten)
    expect(after.rowsRead).toBeGreaterThan(before.rowsRead)
    expect(after.awakeMs).toBeGreaterThan(before.awakeMs)
    const other = await run(host.costs!("another"))
    expect(other).toMatchObject({ requests: 0, messages: 0, rowsRead: 0, rowsWritten: 0 })
  })

  it("tell that a client's object with nothing but a live pull looks for its backend after a sleep", async () => {
    const host = await run(startCloudflareHost({ transport: "do-rpc", storage: "do" }))
    const client = await run(host.open({ storeId: "s", clientId: "c", memory: clientMemoryOver(new Map()) }))
    await run(Effect.forkScoped(Stream.runDrain(client.pull(Option.none(), { live: true }))))
    const costs = () => run(host.costs!("s"))
    await expect.poll(async () => (await costs()).wakeUps, { timeout: 50_000, interval: 1_000 }).toBeGreaterThan(3)
    expect((await costs()).awakeMs).toBeGreaterThan(0)
  })
})
