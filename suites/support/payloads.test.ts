import { describe, expect, it } from "vitest"
import { awkwardPayloads, payloadOfSize } from "./payloads.ts"

const sizeBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

describe("payloadOfSize", () => {
  it("is as long as asked, in bytes", () => {
    for (const size of [60, 1_000, 16_000]) expect(sizeBytes(payloadOfSize(size))).toBe(size)
  })
})

describe("awkward payloads", () => {
  it("are equal after a round trip through JSON, and unlike each other", () => {
    const texts = awkwardPayloads.map((payload) => JSON.stringify(payload))
    expect(texts.map((text) => JSON.stringify(JSON.parse(text)))).toEqual(texts)
    expect(new Set(texts).size).toBe(texts.length)
  })

  it("fit into the least size that a provider may declare", () => {
    expect(Math.max(...awkwardPayloads.map(sizeBytes))).toBeLessThanOrEqual(1_000)
  })
})
