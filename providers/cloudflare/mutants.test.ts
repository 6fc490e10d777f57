import { Effect, Exit, Scope } from "effect"
import { describe, expect, it, vi } from "vitest"
import { startCloudflareHost } from "./host.ts"
import { cloudflareMutants, seamsOf } from "./mutants.ts"
import { hello, rawSocket } from "./raw-socket.fixture.ts"
import { referenceSeams } from "./core/reference-seams.ts"

describe("planted bugs of the Worker", () => {
  it("have ids of their own that begin with their clause, and change a seam each", () => {
    const ids = cloudflareMutants.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, clause, make } of cloudflareMutants) {
      expect(id.startsWith(`${clause}#`)).toBe(true)
      expect(Object.keys(referenceSeams)).toEqual(expect.arrayContaining(Object.keys(make(() => undefined))))
    }
  })

  it("are absent unless one is named, and a name that is not there is an error", () => {
    expect(seamsOf(undefined, () => undefined)).toBe(referenceSeams)
    expect(seamsOf("", () => undefined)).toBe(referenceSeams)
    expect(() => seamsOf("nothing", () => undefined)).toThrow(/no mutant called nothing/)
  })

  it("run in workerd, and tell how often they made something wrong", async () => {
    const scope = Effect.runSync(Scope.make())
    let fired = 0
    const host = await Effect.runPromise(
      Scope.provide(
        startCloudflareHost(
          { transport: "ws", storage: "do" },
          { mutant: "live/interrupt#kept", onFired: (times) => (fired = times) },
        ),
        scope,
      ),
    )
    if (host.endpoint?.kind !== "tcp") throw new Error("the host has no TCP endpoint")
    const socket = await rawSocket(host.endpoint.target(), "store")
    socket.send(hello("store"))
    await socket.next()
    socket.send({ t: "watch", id: 1, live: 2 })
    socket.send({ t: "watch", id: 2, live: 0 })
    const gauges = () => Effect.runPromise(host.gauges!("store"))
    await vi.waitFor(async () => expect((await gauges()).subscriptions).toBe(2))
    socket.close()
    // The object hears of the end in its own time, and the count is read when the host ends.
    await vi.waitFor(async () => expect((await gauges()).sockets).toBe(0))
    await Effect.runPromise(Scope.close(scope, Exit.void))
    expect(fired).toBe(1)
  })
})
