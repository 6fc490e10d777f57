import { describe, expect, it } from "vitest"
import type { CheckPlan, StepsPlan } from "../../contract/scenario.ts"
import { tryCheck } from "../../harness/trial.ts"
import { mock } from "../../providers/mock/provider.ts"
import { weakProviders } from "../../providers/registry.ts"
import { checks } from "../../suites/index.ts"
import { runnableOnMock } from "../runnable-on-mock.ts"
import { simulate } from "../simulate.ts"
import { knownBugs } from "./known-bugs.ts"

const bugs = knownBugs()
const stepsOf = (name: string): StepsPlan => {
  const plan = bugs.find((bug) => bug.name === name)?.plan
  if (plan?.kind !== "steps") throw new Error(`${name} is of a check, or is not there`)
  return plan
}
const weakOnes = new Set(weakProviders.map(({ key }) => key))

describe("the scenarios that have a name", () => {
  it("hold those that LiveStore lists for its own verification", () => {
    const named = ["offline-writer", "multi-session", "pending-tail", "large-payload"].map((word) => `${word}-recovery`)
    const names = bugs.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([...named, "concurrent-hotel-booking", "many-writer-convergence"]))
  })

  it("show thirty bugs at least, ten at most of which are planted", () => {
    const failing = bugs.filter(({ plan }) => plan.expect?.outcome === "fail")
    const planted = failing.filter(({ plan }) => weakOnes.has(plan.provider) || plan.provider.includes("+"))
    expect(planted.length).toBeLessThanOrEqual(10)
    expect(failing.length - planted.length).toBeGreaterThanOrEqual(30)
  })

  it("name what is to be seen, in which version, and have been measured", () => {
    const lacking = bugs.filter(({ plan: { provider, expect: expected, version, bug } }) => {
      if (expected === undefined || bug.runs === 0 || (version === undefined && !weakOnes.has(provider))) return true
      return (expected.outcome === "fail") !== bug.shown > 0 || (bug.shown > 0 && expected.anomaly === undefined)
    })
    expect(lacking.map(({ name }) => name)).toEqual([])
  })

  it("are each of another plan", () => {
    const plans = bugs.map(({ plan: { title: _title, source: _source, bug: _bug, ...plan } }) => JSON.stringify(plan))
    expect(new Set(plans).size).toBe(bugs.length)
  })

  it.each(bugs.filter(({ plan }) => plan.kind === "steps"))("$name passes on the mock", ({ plan }) => {
    const { outcome, reason } = simulate(mock, plan as StepsPlan)
    expect({ outcome, reason }).toEqual({ outcome: "pass", reason: undefined })
  })

  const runnable = new Map(runnableOnMock(checks).map((check) => [check.id, check]))
  it.each(bugs.filter(({ plan }) => plan.kind === "check" && runnable.has(plan.id)))(
    "$name passes on the mock",
    ({ plan }) => {
      const { outcome, reason } = tryCheck(mock, runnable.get((plan as CheckPlan).id)!, plan.seed)
      expect({ outcome, reason }).toEqual({ outcome: "pass", reason: undefined })
    },
  )

  it("name a check that there is, and where the mock cannot run it another provider that passes it", () => {
    const known = new Set(checks.map(({ id }) => id))
    const wrong = bugs.filter(({ plan }) => {
      if (plan.kind === "steps") return false
      return !known.has(plan.id) || (!runnable.has(plan.id) && plan.bug.passesOn === "mock")
    })
    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  it.each(bugs.filter(({ plan }) => weakOnes.has(plan.provider)))("$name shows its bug", async ({ plan }) => {
    const provider = await weakProviders.find(({ key }) => key === plan.provider)!.load()
    const { outcome, anomaly } = simulate(provider, plan as StepsPlan)
    expect({ outcome, anomaly: anomaly?.name }).toEqual({ outcome: "fail", anomaly: plan.expect?.anomaly })
  })

  it("bring 400 pending events and one of another client together", () => {
    const { records } = simulate(mock, stepsOf("pending-tail-recovery"))
    const pushed = records.flatMap((record) => (record.k === "invoke" ? (record.batch ?? []) : []))
    const rebased = pushed.filter(({ clientId, seqNum }) => clientId.startsWith("a") && seqNum > 400)
    expect(rebased.length).toBeGreaterThan(0)
    const truth = records.findLast((record) => record.k === "truth")
    expect(truth?.k === "truth" ? truth.events.length : 0).toBeGreaterThanOrEqual(402)
  })
})
