import { describe, expect, it } from "vitest"
import { awkwardStrings, faithfulArgs, unserialisableArgs } from "./faithful-args.ts"

describe("arguments of events", () => {
  it("have JSON where a provider must carry them", () => {
    for (const [what, args] of faithfulArgs) expect(typeof JSON.stringify(args), what).toBe("string")
    for (const [what, text] of awkwardStrings) expect(JSON.parse(JSON.stringify({ text })), what).toEqual({ text })
  })

  it("have none where a provider must refuse them", () => {
    for (const [what, args] of unserialisableArgs)
      expect(() => JSON.stringify(args), what).toThrow(/circular|BigInt|no JSON/i)
  })

  it("are too small to be refused for their size", () => {
    for (const [what, args] of faithfulArgs) expect(JSON.stringify(args).length, what).toBeLessThan(10_000)
  })
})
