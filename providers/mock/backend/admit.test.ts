import { describe, expect, it } from "vitest"
import type { WireEvent } from "../wire.ts"
import { invalidity } from "./admit.ts"

const limits = { batchEvents: 3, eventBytes: 1_000 }

const event = (seqNum: unknown, parentSeqNum: unknown, more: object = {}): WireEvent =>
  ({ seqNum, parentSeqNum, name: "n", clientId: "c", sessionId: "s", ...more }) as WireEvent

describe("invalidity", () => {
  it("takes chains, dense and sparse, up to the last safe integer", () => {
    const sound = [
      [],
      [event(1, 0)],
      [event(1, 0), event(2, 1), event(3, 2)],
      [event(100, 0), event(Number.MAX_SAFE_INTEGER, 100)],
    ]
    expect(sound.map((batch) => invalidity(batch, limits))).toEqual(sound.map(() => undefined))
  })

  it("refuses every number that is no position", () => {
    const bad = [0, -1, 1.5, 2 ** 53, null, "1", "NaN", undefined, {}, true]
    for (const seqNum of bad) expect(invalidity([event(seqNum, 0)], limits)).toMatch(/seqNum/)
    for (const parent of bad.slice(1)) expect(invalidity([event(5, parent)], limits)).toMatch(/parentSeqNum/)
  })

  it("refuses a chain that is broken, repeated, unordered or turned round", () => {
    expect(invalidity([event(1, 0), event(3, 2)], limits)).toMatch(/follows 2/)
    expect(invalidity([event(1, 0), event(1, 0)], limits)).toMatch(/follows 0/)
    expect(invalidity([event(2, 1), event(1, 0)], limits)).toMatch(/follows 0/)
    expect(invalidity([event(1, 1)], limits)).toMatch(/not above/)
    expect(invalidity([event(1, 0), event(1, 1)], limits)).toMatch(/not above/)
  })

  it("counts events, and bytes as they are in JSON", () => {
    const four = [1, 2, 3, 4].map((n) => event(n, n - 1))
    expect(invalidity(four, limits)).toMatch(/4 events/)
    const front = JSON.stringify(event(1, 0)).length + ',"args":'.length
    const text = (characters: number) => JSON.stringify("é".repeat(characters))
    const fits = Math.floor((1_000 - front - 2) / 2)
    expect(invalidity([event(1, 0, { args: text(fits) })], limits)).toBeUndefined()
    expect(invalidity([event(1, 0, { args: text(fits + 1) })], limits)).toMatch(/bytes/)
  })

  it("refuses names that are no text", () => {
    expect(invalidity([event(1, 0, { name: 7 })], limits)).toMatch(/name 7/)
    expect(invalidity([event(1, 0, { sessionId: undefined })], limits)).toMatch(/sessionId/)
  })
})
