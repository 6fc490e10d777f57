import { describe, expect, it } from "vitest"
import { LeakTally } from "./leak-tally.ts"

const megabyte = 1_048_576
const none = { sockets: 0, subscriptions: 0 }

const told = (rounds: ReadonlyArray<Parameters<LeakTally["round"]>[0]>) => {
  const tally = new LeakTally()
  for (const round of rounds) tally.round(round)
  return tally.result()
}

describe("what rounds leave behind", () => {
  it("is added up over all rounds in which somebody looked", () => {
    const leaks = told([
      { memoryBytes: 1, held: { sockets: 2, subscriptions: 0, slots: 1 } },
      { memoryBytes: 1, held: { sockets: 1, subscriptions: 5, slots: 4 } },
      { memoryBytes: 1, held: { ...none, slots: 2 } },
      { memoryBytes: 1 },
    ])
    expect(leaks).toEqual({
      rounds: 3,
      sockets: { left: 3, inRounds: 2 },
      subscriptions: { left: 5, inRounds: 1 },
      slots: { first: 1, most: 4 },
      processes: [],
      memorySlope: {},
    })
  })

  it("is seen in memory that grows with each round, however it goes up and down between", () => {
    const rounds = Array.from({ length: 60 }, (_, n) => ({
      memoryBytes: (200 + (n % 2) * 30) * megabyte,
      held: { ...none, memoryBytes: (80 + 2 * n + (n % 3) * 10) * megabyte },
    }))
    const { ownBytes, backendBytes } = told(rounds).memorySlope
    expect(Math.abs(ownBytes!)).toBeLessThan(0.2 * megabyte)
    expect(backendBytes! / megabyte).toBeCloseTo(2, 0)
  })

  it("says nothing of a slope after a few rounds, nor of what the first half grew while code was loaded", () => {
    const rounds = (length: number) =>
      Array.from({ length }, (_, n) => ({ memoryBytes: Math.min(n, length / 2) * megabyte }))
    expect(told(rounds(18)).memorySlope).toEqual({})
    expect(told(rounds(40)).memorySlope).toEqual({ ownBytes: 0 })
  })
})
