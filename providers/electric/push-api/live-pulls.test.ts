import { describe, expect, it } from "vitest"
import { livePulls } from "./live-pulls.ts"

describe("the count of live pulls", () => {
  it("holds a pull from its beginning, also between two requests, and lets go of one that asks no more", () => {
    let nowMs = 0
    const pulls = livePulls(() => nowMs)
    pulls.began("p", "store")
    expect([pulls.count("store"), pulls.count("other")]).toEqual([1, 0])
    const answered = pulls.asks("p", "store")
    nowMs += 60_000
    expect(pulls.count("store")).toBe(1)
    answered(true)
    nowMs += 1_000
    expect(pulls.count("store")).toBe(1)
    nowMs += 2_000
    expect(pulls.count("store")).toBe(0)
  })

  it("lets go at once of a pull whose held request is given up", () => {
    const pulls = livePulls(() => 0)
    pulls.began("p", "store")
    pulls.asks("p", "store")(false)
    expect(pulls.count("store")).toBe(0)
  })
})
