import { Effect, Exit, Scope } from "effect"
import { expect, it } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import { startCloudflareHost } from "../host.ts"

it("a wipe beneath the object takes the registrations of client objects with it", async () => {
  const scope = Effect.runSync(Scope.make())
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
    Effect.runPromise(Scope.provide(effect, scope))
  const storeId = "wiped"
  const host = await run(startCloudflareHost({ transport: "do-rpc", storage: "do" }))
  const registered = async () => (await run(host.gauges!(storeId))).sockets
  // In memory they may go on; what the next life of the object finds is what is stored.
  const sleeps = () => run(host.process!.evict!(storeId, "hibernate"))
  const client = await run(host.open({ storeId, clientId: "c", memory: clientMemoryOver(new Map()) }))
  await run(client.connect)
  await sleeps()
  expect(await registered()).toBe(1)
  await run(host.storage!.wipeBeneath!(storeId))
  await sleeps()
  expect(await registered()).toBe(0)
  // Its next call is told so, and it registers anew.
  await run(Effect.retry(client.ping, { times: 3 }))
  expect(await registered()).toBe(1)
  await Effect.runPromise(Scope.close(scope, Exit.void))
})
