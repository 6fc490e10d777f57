import { describe, expect, it } from "vitest"
import type { KillMatrix } from "../scenarios/kill-matrix.ts"
import type { MutantResult } from "../scenarios/kill-mutant.ts"
import { killMatrixText } from "./kill-matrix-text.ts"

const result = (over: Partial<MutantResult>): MutantResult => ({
  id: "push/one#forgets",
  clause: "push/one",
  title: "forgets the second",
  source: "contract",
  anomaly: "lost-ack",
  status: "caught",
  by: { check: "push/one", seed: 1 },
  sentence: "an acknowledged event was lost",
  seeds: 1,
  alsoBroke: [],
  runs: 4,
  ...over,
})

const matrix = (mutants: ReadonlyArray<MutantResult>, over: Partial<KillMatrix> = {}): KillMatrix => ({
  schema: 1,
  total: mutants.length,
  caught: mutants.filter(({ status }) => status === "caught").length,
  survivors: mutants.filter(({ status }) => status === "survived").map(({ id }) => id),
  wrongReason: [],
  clausesWithout: [],
  unclean: [],
  notOnMock: [],
  mutants,
  ms: 12_345,
  ...over,
})

describe("the kill matrix for people", () => {
  it("has a line for each clause with a mark for each bug, and ends with the counts", () => {
    const alsoBroke = [{ check: "push/batch", seed: 1, anomalies: ["gap" as const] }]
    const text = killMatrixText(
      matrix([
        result({ alsoBroke }),
        result({ id: "push/one#other" }),
        result({ id: "pull/all#x", clause: "pull/all" }),
      ]),
    )
    expect(text).toMatch(/^push: 2 of 2$/m)
    expect(text).toMatch(/^ {2}push\/one {2}●● {2}lost-ack \(1 check more noticed\)$/m)
    expect(text).toContain("3 of 3 planted bugs caught")
    expect(text.trimEnd()).toMatch(/12 runs in 12\.3 s$/)
  })

  it("tells each survivor with why and with what runs it again", () => {
    const lost = result({
      id: "push/one#lost",
      status: "survived",
      sentence: "push/one under seed 1: passed",
      seeds: 8,
    })
    const text = killMatrixText(matrix([lost]))
    expect(text).toMatch(/○ push\/one#lost: survived/)
    expect(text).toContain("forgets the second; to be called lost-ack")
    expect(text).toContain("push/one under seed 1: passed")
    expect(text).toContain("gauntlet mutants --mutant 'push/one#lost' --seeds 8")
    expect(text).toContain("1 survived")
  })

  it("names clauses without a bug, and bugs that are tried elsewhere", () => {
    const text = killMatrixText(matrix([result({})], { clausesWithout: ["pull/all"], notOnMock: ["life/idle-cpu"] }), [
      { provider: "cf-ws-do", count: 9 },
    ])
    expect(text).toContain("no planted bug is about:\n  pull/all")
    expect(text).toContain("9 planted bugs of cf-ws-do are tried with their provider")
    expect(text).toContain("Not to be run on the mock: life/idle-cpu.")
  })
})
