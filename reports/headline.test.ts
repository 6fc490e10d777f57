import { describe, expect, it } from "vitest"
import { check, failure, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { headlineOf } from "./headline.ts"

const text = (...checks: Parameters<typeof providerRun>[1]) => headlineOf(runOf([providerRun("mock", checks)])).text

describe("the headline of a run", () => {
  it("is good when everything is as declared", () => {
    const run = runOf([providerRun("mock", [check(), check({ outcome: "deviation" })])])
    expect(headlineOf(run)).toEqual({ tone: "good", text: "As declared: 2 checks on 1 provider" })
  })

  it("counts failures by provider, and tells a harness's own apart", () => {
    expect(text(failure, failure)).toBe("Not conformant: 2 failures on mock")
    expect(text(check({ outcome: "fail", subject: "harness" }))).toBe("1 error of the harness")
    expect(text(check({ outcome: "harness-error" }))).toBe("1 error of the harness")
  })

  it("is open when a MUST could not be judged, and not for a SHOULD", () => {
    expect(headlineOf(runOf([providerRun("mock", [check({ outcome: "unknown" })])])).tone).toBe("open")
    expect(text(check({ outcome: "unknown", level: "SHOULD" }))).toBe("As declared: 1 check on 1 provider")
  })

  it("is bad for a stale deviation and says when it was interrupted", () => {
    const run = runOf([providerRun("mock", [check()], { stale: ["push/one passes"] })], { interrupted: true })
    expect(headlineOf(run)).toEqual({ tone: "bad", text: "Interrupted; 1 stale deviation" })
  })

  it("says that nothing ran", () => {
    expect(headlineOf(runOf([]))).toEqual({ tone: "open", text: "Nothing ran" })
  })
})
