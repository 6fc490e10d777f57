import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import { startEmbeddedPair } from "../electric/embedded-pair.ts"
import { startLivestoreElectric } from "./host.ts"

const event = (n: number): EventEncoded => ({
  seqNum: n,
  parentSeqNum: n - 1,
  name: "x",
  args: { n },
  clientId: "a",
  sessionId: "s",
})

describe("LiveStore's Electric client with the endpoint that its documentation describes", () => {
  const scope = Scope.makeUnsafe()
  let host: ProviderHostShape
  beforeAll(async () => {
    host = await Effect.runPromise(
      Scope.provide(
        Effect.flatMap(startEmbeddedPair(), (pair) => startLivestoreElectric(pair)),
        scope,
      ),
    )
  }, 60_000)
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const open = (storeId: string, payload?: Json) =>
    Effect.runPromise(
      Scope.provide(
        host.open({
          storeId,
          clientId: "a",
          memory: clientMemoryOver(new Map()),
          ...(payload === undefined ? {} : { payload }),
        }),
        scope,
      ),
    )
  const numbers = async (storeId: string): Promise<ReadonlyArray<number>> => {
    const client = await open(storeId)
    const items = await Effect.runPromise(Stream.runCollect(client.pull(Option.none())))
    return [...items].flatMap(({ events }) => events.map((one) => one.event.seqNum))
  }

  it("stores what is pushed and gives it to a pull", async () => {
    const client = await open("Round trip")
    await Effect.runPromise(Scope.provide(client.connect, scope))
    await Effect.runPromise(client.push([event(1), event(2)]))
    expect(await numbers("Round trip")).toEqual([1, 2])
    expect(await Effect.runPromise(host.inspect!("Round trip"))).toEqual([event(1), event(2)])
  })

  it("tells the application of pulls, with their payload, and of pushes, which carry none", async () => {
    const client = await open("hooks", { token: "x" })
    await Effect.runPromise(client.push([event(1)]))
    await Effect.runPromise(Stream.runDrain(client.pull(Option.none())))
    const seen = await Effect.runPromise(host.app!.seen("hooks"))
    expect(seen[0]).toEqual({ hook: "push", storeId: "hooks" })
    expect(seen[1]).toEqual({ hook: "pull", storeId: "hooks", payload: { token: "x" } })
  })

  it("refuses a pull whose payload the application refuses", async () => {
    const client = await open("refused", { token: "reject" })
    const exit = await Effect.runPromise(Effect.result(Stream.runDrain(client.pull(Option.none()))))
    expect(exit).toMatchObject({ _tag: "Failure", failure: { message: expect.stringContaining("401") } })
  })

  it("fails a push while the storage is out, and counts that it did", async () => {
    const client = await open("out")
    await Effect.runPromise(client.push([event(1)]))
    const end = await Effect.runPromise(host.storage!.outage!("out"))
    expect(await Effect.runPromise(Effect.result(client.push([event(2)])))).toMatchObject({ _tag: "Failure" })
    await Effect.runPromise(end)
    expect(await Effect.runPromise(host.storage!.bit("out"))).toBeGreaterThan(0)
    await Effect.runPromise(client.push([event(2)]))
  })

  it("gives a snapshot back after a wipe, and is clean after a reset", async () => {
    const client = await open("snapshot")
    await Effect.runPromise(client.push([event(1)]))
    const restore = await Effect.runPromise(host.storage!.snapshot!("snapshot"))
    await Effect.runPromise(host.storage!.wipe!("snapshot"))
    expect(await Effect.runPromise(host.inspect!("snapshot"))).toEqual([])
    await Effect.runPromise(restore)
    expect(await Effect.runPromise(host.inspect!("snapshot"))).toEqual([event(1)])
    await Effect.runPromise(host.reset!)
    expect(await Effect.runPromise(host.inspect!("snapshot"))).toEqual([])
  })

  it("is up again after all of it was killed, with its data", async () => {
    const client = await open("killed")
    await Effect.runPromise(client.push([event(1)]))
    const before = await Effect.runPromise(host.process!.instance("killed"))
    await Effect.runPromise(Effect.andThen(host.process!.kill!, host.process!.start!))
    expect(await Effect.runPromise(host.process!.instance("killed"))).not.toBe(before)
    expect(await numbers("killed")).toEqual([1])
  }, 30_000)
})
