import { describe, expect, it } from "vitest"
import { repeatedPushes } from "./repeated-pushes.ts"

describe("pushes that come twice", () => {
  it("are known by connection and id, in whatever order they come", () => {
    const repeated = repeatedPushes()
    expect([repeated("a", 2), repeated("a", 1), repeated("b", 2)]).toEqual([false, false, false])
    expect([repeated("a", 1), repeated("b", 2), repeated("b", 1)]).toEqual([true, true, false])
  })

  it("are forgotten once so many came behind them that they cannot be on their way", () => {
    const repeated = repeatedPushes()
    for (let id = 0; id <= 10_000; id++) repeated("a", id)
    expect(repeated("a", 10_000)).toBe(true)
    expect(repeated("a", 0)).toBe(false)
  })
})
