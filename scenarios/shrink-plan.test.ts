import { describe, expect, it } from "vitest"
import { contractVersion } from "../contract/run.ts"
import type { PlannedFault, Step, StepsPlan } from "../contract/scenario.ts"
import { shrinkPlan } from "./shrink-plan.ts"

const planOf = (steps: ReadonlyArray<Step>, more: Partial<StepsPlan> = {}): StepsPlan => ({
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: "mock",
  seed: 1,
  clients: [...new Set(steps.map(({ client }) => client))].map((id) => ({ id })),
  steps,
  faults: [],
  expect: { outcome: "pass" },
  ...more,
})

const push = (key: string, more: Partial<Step> = {}): Step => ({ key, client: key[0]!, do: "push", ...more })
const wait = (key: string, ms: number): Step => ({ key, client: key[0]!, do: "wait", ms })
const keysOf = ({ steps }: StepsPlan) => steps.map(({ key }) => key)

describe("a plan that is made small", () => {
  it("keeps the client, the step and the fault that it fails by", async () => {
    const kill: PlannedFault = { key: "kill-1", before: "a2", until: "a4", fault: { kind: "kill" } }
    const slow: PlannedFault = { key: "slow-1", before: "a1", fault: { kind: "slow", ms: 3 } }
    const steps = ["a1", "a2", "a3", "a4", "b1", "b2", "b3"].map((key) => push(key, { events: 5 }))
    const fails = ({ steps: left, faults }: StepsPlan) =>
      left.some(({ key }) => key === "a3") && faults.some(({ fault }) => fault.kind === "kill")
    const small = await shrinkPlan(planOf(steps, { faults: [slow, kill] }), fails)
    expect(small.clients).toEqual([{ id: "a" }])
    expect(small.steps).toEqual([push("a3")])
    // It stood before a step that is gone: it stands before the next one.
    expect(small.faults).toEqual([{ key: "kill-1", before: "a3", fault: { kind: "kill" } }])
  })

  it("has one wait and one push where only all of several together fail", async () => {
    const steps = [wait("a1", 300), wait("a2", 500), push("a3", { events: 2 }), push("a4"), wait("a5", 1)]
    const fails = ({ steps: left }: StepsPlan) => {
      const waited = left.reduce((sum, { ms = 0 }) => sum + ms, 0)
      const pushed = left.reduce((sum, step) => sum + (step.do === "push" ? (step.events ?? 1) : 0), 0)
      return waited >= 700 && pushed >= 3
    }
    const small = await shrinkPlan(planOf(steps), fails)
    expect(small.steps.map((step) => [step.do, step.ms ?? step.events])).toEqual([
      ["wait", expect.any(Number)],
      ["push", 3],
    ])
  })

  it("does not join pushes past the batch that everybody takes", async () => {
    const steps = [push("a1", { events: 60 }), push("a2", { events: 60 })]
    const fails = ({ steps: left }: StepsPlan) => left.reduce((sum, { events = 1 }) => sum + events, 0) >= 101
    expect(keysOf(await shrinkPlan(planOf(steps), fails))).toEqual(["a1", "a2"])
  })

  it("loses what can only go in twos", async () => {
    const steps: ReadonlyArray<Step> = [
      { key: "a1", client: "a", do: "ping" },
      push("a2"),
      { key: "a3", client: "a", do: "pull" },
    ]
    // The ping and the pull are there both or not at all.
    const fails = (plan: StepsPlan) => {
      const keys = keysOf(plan)
      return keys.includes("a2") && keys.includes("a1") === keys.includes("a3")
    }
    expect(keysOf(await shrinkPlan(planOf(steps), fails))).toEqual(["a2"])
    expect(keysOf(await shrinkPlan(planOf(steps), fails, { pairsUpTo: 0 }))).toEqual(["a1", "a2", "a3"])
  })

  it("is the best so far when enough was tried", async () => {
    const steps = Array.from({ length: 40 }, (_, n) => push(`a${n + 1}`, { on: n % 2 === 0 ? "head" : "stale" }))
    let runs = 0
    const fails = (plan: StepsPlan) => {
      runs += 1
      return keysOf(plan).includes("a7") && keysOf(plan).includes("a31")
    }
    const small = await shrinkPlan(planOf(steps), fails, { candidates: 12 })
    expect(runs).toBe(12)
    expect(keysOf(small)).toEqual(expect.arrayContaining(["a7", "a31"]))
    expect(small.steps.length).toBeLessThan(40)
  })

  it("tells of each smaller plan as it is found, so that whoever stops it has one", async () => {
    const told: Array<number> = []
    const fails = (candidate: StepsPlan) => candidate.steps.some(({ key }) => key === "a3")
    const long = ["a1", "a2", "a3", "a4", "b1"].map((key) => push(key))
    const small = await shrinkPlan(planOf(long), fails, {
      onSmaller: ({ steps }, tried) => {
        told.push(steps.length)
        expect(tried).toBeGreaterThan(0)
      },
    })
    expect(told.length).toBeGreaterThan(1)
    expect(Math.min(...told)).toBe(small.steps.length)
  })
})
