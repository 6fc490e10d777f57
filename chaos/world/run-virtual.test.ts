import { Deferred, Effect, Exit, Fiber, Queue } from "effect"
import { describe, expect, it } from "vitest"
import { Timers } from "../timers.ts"
import { runVirtual } from "./run-virtual.ts"
import { seam } from "./seam.ts"

const orderOf = (seed: number): string => {
  const order: Array<string> = []
  const worker = (name: string) =>
    Effect.gen(function* () {
      for (let step = 0; step < 3; step++) {
        order.push(`${name}${step}`)
        yield* seam("step")
      }
    })
  const result = runVirtual(seed, Effect.all(["a", "b", "c"].map(worker), { concurrency: "unbounded" }))
  expect(result._tag).toBe("done")
  return order.join(" ")
}

describe("runVirtual", () => {
  it("repeats a seed exactly and orders fibers differently under other seeds", () => {
    const seeds = Array.from({ length: 300 }, (_, seed) => seed)
    const orders = seeds.map(orderOf)
    expect(seeds.map(orderOf)).toEqual(orders)
    expect(new Set(orders).size).toBeGreaterThan(50)
  })

  it("lets an hour pass in no time", () => {
    const result = runVirtual(
      1,
      Effect.sleep("1 hour").pipe(Effect.andThen(Effect.clockWith((c) => c.currentTimeMillis))),
    )
    expect(result).toMatchObject({ _tag: "done", virtualMs: 3_600_000 })
  })

  it("wakes timers due at one instant in an order that the seed draws", () => {
    const orderAt = (seed: number) => {
      const order: Array<number> = []
      runVirtual(
        seed,
        Effect.all(
          [0, 1, 2, 3].map((n) => Effect.sleep(10).pipe(Effect.andThen(Effect.sync(() => void order.push(n))))),
          { concurrency: "unbounded" },
        ),
      )
      return order.join("")
    }
    expect(new Set(Array.from({ length: 50 }, (_, seed) => orderAt(seed))).size).toBeGreaterThan(5)
  })

  it("shows a check-then-act race under some seeds and not under others", () => {
    const races = (seed: number): boolean => {
      let counter = 0
      const increment = Effect.gen(function* () {
        const read = counter
        yield* seam("between read and write")
        counter = read + 1
      })
      runVirtual(seed, Effect.all([increment, increment], { concurrency: "unbounded" }))
      return counter === 1
    }
    const raced = Array.from({ length: 300 }, (_, seed) => races(seed)).filter(Boolean).length
    expect(raced).toBeGreaterThan(30)
  })

  it("says that an effect escaped when it waits for a promise", () => {
    const result = runVirtual(
      1,
      Effect.promise(() => Promise.resolve(1)),
    )
    expect(result._tag).toBe("escaped")
  })

  it("stops a run that never ends", () => {
    const result = runVirtual(1, Effect.forever(Effect.yieldNow), 1_000)
    expect(result._tag).toBe("runaway")
  })

  it("gives callbacks the same virtual timers", () => {
    const program = Effect.gen(function* () {
      const timers = yield* Timers
      const fired = yield* Deferred.make<number>()
      timers.after(250, () => Deferred.doneUnsafe(fired, Exit.succeed(timers.nowMs())))
      return yield* Deferred.await(fired)
    })
    const result = runVirtual(7, program)
    expect(result._tag === "done" && Exit.isSuccess(result.exit) && result.exit.value).toBe(250)
  })

  it("keeps queues, fibers and interruption inside", () => {
    const program = Effect.gen(function* () {
      const queue = yield* Queue.unbounded<number>()
      const seen: Array<number> = []
      const reader = yield* Effect.forkChild(
        Effect.forever(Queue.take(queue).pipe(Effect.map((n) => void seen.push(n)))),
      )
      for (let n = 0; n < 100; n++) {
        Queue.offerUnsafe(queue, n)
        yield* seam("offered")
      }
      yield* Effect.sleep(1)
      yield* Fiber.interrupt(reader)
      return seen.length
    })
    const result = runVirtual(3, program)
    expect(result._tag === "done" && Exit.isSuccess(result.exit) && result.exit.value).toBe(100)
  })
})
