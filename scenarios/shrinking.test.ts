import { describe, expect, it } from "vitest"
import { contractVersion } from "../contract/run.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import { Shrinking } from "./shrinking.ts"

const failure = (seed: number, name: string) => ({ seed, name, sentence: `${name} under ${seed}` })
const ofSteps = (count: number): StepsPlan => ({
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: "mock",
  seed: count,
  clients: [{ id: "a" }],
  steps: Array.from({ length: count }, (_, n) => ({ key: `a${n}`, client: "a", do: "ping" as const })),
  faults: [],
  expect: { outcome: "fail" },
})
const order = (seed: number) => [{ kind: "shrink", seed }]

describe("which failures are made small", () => {
  it("is the first of each name, and no more where it came out small", () => {
    const shrinking = new Shrinking([failure(3, "gap"), failure(4, "gap"), failure(9, "stuck")])
    expect(shrinking.names).toEqual(["gap", "stuck"])
    expect(shrinking.next("gap")).toEqual(order(3))
    expect(shrinking.next("stuck")).toEqual(order(9))
    expect(shrinking.shrunk(3, ofSteps(8))).toEqual([])
    expect([...shrinking.scenarios().keys()]).toEqual([3])
  })

  it("is the next seed of a name whose scenario is still long, three in all, and the smallest is kept", () => {
    const shrinking = new Shrinking([2, 5, 6, 7].map((seed) => failure(seed, "gap")))
    expect(shrinking.next("gap")).toEqual(order(2))
    expect(shrinking.shrunk(2, ofSteps(20))).toEqual(order(5))
    expect(shrinking.shrunk(5, ofSteps(9))).toEqual(order(6))
    expect(shrinking.shrunk(6, ofSteps(11))).toEqual([])
    expect([...shrinking.scenarios()]).toEqual([[5, ofSteps(9)]])
  })

  it("is the next seed of a name where the first did not fail again", () => {
    const shrinking = new Shrinking([failure(2, "gap"), failure(5, "gap")])
    expect(shrinking.next("gap")).toEqual(order(2))
    expect(shrinking.shrunk(2, undefined)).toEqual(order(5))
    expect(shrinking.shrunk(5, undefined)).toEqual([])
    expect(shrinking.scenarios().size).toBe(0)
  })

  it("is of five names at most", () => {
    const names = ["gap", "fork", "stuck", "leak", "defect", "phantom"]
    const shrinking = new Shrinking(names.map((name, n) => failure(n + 1, name)))
    expect(shrinking.names).toEqual(names.slice(0, 5))
    expect(shrinking.next("phantom")).toEqual([])
  })
})
