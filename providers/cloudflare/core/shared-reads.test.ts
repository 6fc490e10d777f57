import { Effect, Exit, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { sharedReads } from "./shared-reads.ts"

/** A source that counts up, and whose reads take a few turns. */
const source = () => {
  let reads = 0
  const read = Effect.gen(function* () {
    reads += 1
    const seen = reads
    for (let turn = 0; turn < 5; turn++) yield* Effect.yieldNow
    return seen
  })
  return { read, reads: () => reads }
}

describe("shared reads", () => {
  it("give those who come while a read is on its way the next one, and all of them the same", async () => {
    const { read, reads } = source()
    const share = sharedReads<number, never>()
    const asked = Array.from({ length: 100 }, () => share("key", read))
    expect(await Effect.runPromise(Effect.all(asked, { concurrency: "unbounded" }))).toEqual([
      1,
      ...Array.from({ length: 99 }, () => 2),
    ])
    expect(reads()).toBe(2)
  })

  it("never give an answer that was looked up before it was asked for", async () => {
    const { read } = source()
    const share = sharedReads<number, never>()
    const program = Effect.gen(function* () {
      const first = yield* Effect.forkChild(share("key", read))
      yield* Effect.yieldNow
      const second = yield* Effect.forkChild(share("key", read))
      yield* Fiber.join(first)
      // The second read has begun: it may have missed what this one must see.
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      const third = yield* share("key", read)
      return [yield* Fiber.join(second), third]
    })
    expect(await Effect.runPromise(program)).toEqual([2, 3])
  })

  it("are not shared by those who ask something else", async () => {
    const { read, reads } = source()
    const share = sharedReads<number, never>()
    await Effect.runPromise(Effect.all([share("a", read), share("b", read)], { concurrency: "unbounded" }))
    expect(reads()).toBe(2)
  })

  it("share a failure too, and the next one asks anew", async () => {
    let fails = true
    const share = sharedReads<string, string>()
    const read = Effect.andThen(
      Effect.yieldNow,
      Effect.suspend(() => (fails ? Effect.fail("out") : Effect.succeed("in"))),
    )
    const asked = [share("key", read), share("key", read), share("key", read)].map(Effect.exit)
    const ends = await Effect.runPromise(Effect.all(asked, { concurrency: "unbounded" }))
    expect(ends).toEqual([Exit.fail("out"), Exit.fail("out"), Exit.fail("out")])
    fails = false
    expect(await Effect.runPromise(share("key", read))).toBe("in")
  })
})
