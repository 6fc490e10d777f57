import { describe, expect, it } from "vitest"
import { mock } from "../providers/mock/provider.ts"
import { generatePlan } from "./generate-plan.ts"
import { PlanError, readPlan } from "./read-plan.ts"
import { scenarioText } from "./scenario-text.ts"
import { faultKinds } from "../workloads/nemesis/index.ts"

const space = { provider: "mock", capabilities: mock.capabilities, offered: faultKinds }
const plan = generatePlan(12, space)
const text = scenarioText(plan)
const lines = text.split("\n")

const refusalOf = (changed: string): string => {
  try {
    readPlan(changed)
  } catch (error) {
    if (error instanceof PlanError) return error.message
    throw error
  }
  return ""
}

/** The text with the first place of `from` changed, and the number of that line. */
const edited = (from: string, to: string) => ({
  changed: text.replace(from, to),
  line: lines.findIndex((line) => line.includes(from)) + 1,
})

describe("a scenario file", () => {
  it("gives back each of a hundred plans as they were", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const one = generatePlan(seed, space)
      expect(readPlan(scenarioText(one))).toEqual(one)
    }
  })

  it("is refused with the line in which it is cut off", () => {
    const half = lines.slice(0, 30).join("\n")
    expect(refusalOf(half)).toMatch(/^line 30: it ends too early$/)
  })

  it("is refused with the line of what is no JSON", () => {
    const { changed, line } = edited('"seed": 12', '"seed": twelve')
    expect(refusalOf(changed)).toMatch(new RegExp(`^line ${line}: it is no JSON`))
  })

  it("is refused when it is of a later version", () => {
    const schema = edited('"schema": 1', '"schema": 2')
    expect(refusalOf(schema.changed)).toBe(`line ${schema.line}: it is of schema 2, this version reads schema 1`)
    const contract = edited('"contract": "1.', '"contract": "9.')
    expect(refusalOf(contract.changed)).toMatch(new RegExp(`^line ${contract.line}: it is of contract 9`))
  })

  it("is refused with the line of a step that nobody can take", () => {
    const { changed, line } = edited('"do": "push"', '"do": "shove"')
    expect(refusalOf(changed)).toMatch(new RegExp(`^line ${line}: "steps.\\d+.do" is "shove"`))
  })

  it("is refused with the line of a member that means nothing", () => {
    const { changed, line } = edited('"do": "push"', '"do": "push", "evnts": 3')
    expect(refusalOf(changed)).toMatch(new RegExp(`^line ${line}: "steps.\\d+.evnts" is no member of a plan`))
  })

  it("is refused when a fault stands before a step that is not there, or is none", () => {
    const fault = plan.faults[0]!
    const gone = edited(`"before": "${fault.before}"`, '"before": "nobody9"')
    expect(refusalOf(gone.changed)).toBe(`line ${gone.line}: there is no step "nobody9" in this plan`)
    const none = edited(`"kind": "${fault.fault.kind}"`, '"kind": "gremlin"')
    expect(refusalOf(none.changed)).toMatch(new RegExp(`^line ${none.line}: "faults.0.fault" is no fault`))
  })

  it("is refused when two steps have one key or a client is not there", () => {
    const twice = edited('"key": "a2"', '"key": "a1"')
    expect(refusalOf(twice.changed)).toBe(`line ${twice.line}: there are two steps "a1"`)
    const stranger = edited('"client": "a"', '"client": "z"')
    expect(refusalOf(stranger.changed)).toBe(`line ${stranger.line}: there is no client "z" in this plan`)
  })
})
