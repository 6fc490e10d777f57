import { describe, expect, it } from "vitest"
import { check, failure, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { matrixOf } from "./matrix.ts"

const run = runOf([
  providerRun("a", [check({ id: "pull/all", clause: "pull/all" }), check(), failure]),
  providerRun("b", [check({ outcome: "unknown" })]),
])

describe("the matrix of families and providers", () => {
  it("stands in the contract's order and leaves out what has no check", () => {
    expect(matrixOf(run).map(({ name }) => name)).toEqual(["push", "pull"])
    expect(matrixOf(run)[1]?.clauses.map(({ name }) => name)).toEqual(["pull/all", "pull/suffix"])
  })

  it("counts each provider by itself", () => {
    const [push, pull] = matrixOf(run)
    expect(push?.cells.map(({ summary }) => [summary.pass, summary.unknown])).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(pull?.cells.map(({ checks }) => checks.length)).toEqual([2, 0])
    expect(pull?.cells[0]?.summary.fail).toBe(1)
  })

  it("keeps families that the contract does not know", () => {
    const odd = runOf([providerRun("a", [check({ id: "zoo/lion", clause: "zoo/lion" })])])
    expect(matrixOf(odd).map(({ name }) => name)).toEqual(["zoo"])
  })
})
