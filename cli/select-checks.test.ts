import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { clauseById } from "../contract/catalogue/index.ts"
import type { Check, Cost } from "../harness/check.ts"
import { selectChecks } from "./select-checks.ts"
import { smokeClauses } from "./smoke.ts"

const check = (id: string, cost: Cost = "quick"): Check => ({
  id,
  clause: id.split("#")[0]!,
  cost,
  isolation: "store",
  needs: [],
  premises: [],
  run: () => Effect.void,
})

const all = [
  check("push/one"),
  check("push/batch"),
  check("push/batch#chunks"),
  check("pull/all"),
  check("pull/large-log", "heavy"),
  check("live/idle", "idle"),
]
const select = (over: Partial<Parameters<typeof selectChecks>[1]> = {}) =>
  selectChecks(all, { patterns: [], full: false, smoke: false, ...over }).map(({ id }) => id)

describe("choosing checks", () => {
  it("takes the quick ones, and all with --full", () => {
    expect(select()).toEqual(["push/one", "push/batch", "push/batch#chunks", "pull/all"])
    expect(select({ full: true })).toHaveLength(all.length)
  })

  it("takes a clause with all its checks, one check, a family, or a pattern", () => {
    expect(select({ patterns: ["push/batch"] })).toEqual(["push/batch", "push/batch#chunks"])
    expect(select({ patterns: ["push/batch#chunks"] })).toEqual(["push/batch#chunks"])
    expect(select({ patterns: ["push"] })).toEqual(["push/one", "push/batch", "push/batch#chunks"])
    expect(select({ patterns: ["p*/?????"] })).toEqual(["push/batch", "push/batch#chunks"])
  })

  it("takes each check once, in the order of the suites", () => {
    expect(select({ patterns: ["pull/all", "push/*", "push/one"] })).toEqual([
      "push/one",
      "push/batch",
      "push/batch#chunks",
      "pull/all",
    ])
  })

  it("takes a check that takes long when it is named, not when a pattern happens to fit it", () => {
    expect(select({ patterns: ["pull/large-log"] })).toEqual(["pull/large-log"])
    expect(select({ patterns: ["pull/*"] })).toEqual(["pull/all"])
    expect(() => select({ patterns: ["live/*"] })).toThrow("matches only checks that take long (idle): add --full")
  })

  it("takes letters of a pattern as they are", () => {
    expect(() => select({ patterns: ["push.one"] })).toThrow('no check matches "push.one" (did you mean "push/one"?)')
  })

  it("refuses what --smoke leaves out", () => {
    expect(select({ smoke: true, patterns: ["push"] })).toEqual(["push/one", "push/batch"])
    expect(() => select({ smoke: true, patterns: ["pull/large-log"] })).toThrow("is not part of --smoke")
  })
})

describe("the smoke selection", () => {
  it("names clauses of the contract only", () => {
    expect([...smokeClauses].filter((id) => clauseById(id) === undefined)).toEqual([])
  })
})
