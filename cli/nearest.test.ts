import { describe, expect, it } from "vitest"
import { didYouMean, nearest } from "./nearest.ts"

const keys = ["mock", "cf-ws-do", "cf-ws-d1", "livestore-cf-ws-do"]

describe("the nearest word", () => {
  it("is the one with the fewest letters to change", () => {
    expect(nearest("mokc", keys)).toBe("mock")
    expect(nearest("cf-ws-d0", keys)).toBe("cf-ws-do")
    expect(nearest("LIVESTORE-CF-WS-DO", keys)).toBe("livestore-cf-ws-do")
  })

  it("is none when nothing is like it", () => {
    expect(nearest("postgres", keys)).toBeUndefined()
    expect(didYouMean("postgres", keys)).toBe("")
    expect(nearest("x", [])).toBeUndefined()
  })
})
