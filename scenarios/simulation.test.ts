import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { StepsPlan } from "../contract/scenario.ts"
import { toNdjson } from "../history/ndjson.ts"
import { mock } from "../providers/mock/provider.ts"
import { weakLastWriterWins } from "../providers/mutants/weak/last-writer-wins.ts"
import { failingScenario } from "./failing-scenario.ts"
import { generatePlan, type PlanSpace } from "./generate-plan.ts"
import { virtualHost } from "./load-target.ts"
import { plans } from "./plan-arbitrary.ts"
import { readPlan } from "./read-plan.ts"
import { scenarioText } from "./scenario-text.ts"
import { withSteps } from "./with-steps.ts"
import { simulateInPool, UnfitTarget } from "./sim-pool.ts"
import { isFailure, nameOf, simulate } from "./simulate.ts"
import { statesOf } from "./states.ts"
import { faultsOffered } from "../workloads/nemesis/index.ts"
import { withoutClocks } from "./without-clocks.ts"

const space: PlanSpace = {
  provider: "mock",
  capabilities: mock.capabilities,
  offered: faultsOffered(virtualHost(mock), mock.capabilities),
}
const small: PlanSpace = { ...space, steps: 24 }

describe("a generated plan", () => {
  it("is the same for the same seed, another for another", () => {
    expect(generatePlan(3, space)).toEqual(generatePlan(3, space))
    expect(generatePlan(3, space).steps).not.toEqual(generatePlan(4, space).steps)
  })

  it("keeps every other draw when a step is taken out", () => {
    const plan = generatePlan(5, space)
    const gone = plan.steps[7]!.key
    const less = withSteps(
      plan,
      plan.steps.filter(({ key }) => key !== gone),
    )
    expect(less.steps).toEqual(plan.steps.filter(({ key }) => key !== gone))
    expect(less.faults.map(({ fault }) => fault)).toEqual(plan.faults.map(({ fault }) => fault))
  })

  it("gives the same bytes of history each time", () => {
    const plan = generatePlan(11, small)
    expect(toNdjson(simulate(mock, plan).records)).toBe(toNdjson(simulate(mock, plan).records))
  })
})

describe("the mock", () => {
  it("keeps the contract under every plan", () => {
    const holds = (plan: StepsPlan): void => {
      const run = simulate(mock, plan)
      expect(isFailure(run) ? `${nameOf(run)}: ${run.reason ?? ""}` : "").toBe("")
    }
    fc.assert(fc.property(plans(small), holds), { numRuns: 30, seed: 20_260_101 })
  })
})

const weak: PlanSpace = { ...space, steps: 12, provider: weakLastWriterWins.key }

describe("a weak backend", () => {
  const loses = (plan: StepsPlan): boolean => nameOf(simulate(weakLastWriterWins, plan)) === "lost-ack"

  it("is convicted by a property, and fast-check makes the plan small", () => {
    const found = fc.check(
      fc.property(plans({ ...weak, steps: 30 }), (plan) => !loses(plan)),
      { numRuns: 40, seed: 7 },
    )
    expect(found.failed).toBe(true)
    const [plan] = found.counterexample!
    expect(plan.steps.length).toBeLessThanOrEqual(8)
    expect(loses(plan)).toBe(true)
  })

  it("is shown by a scenario of a few steps, which fails each time that it is read and run", async () => {
    const seed = Array.from({ length: 60 }, (_, n) => n + 1).find((one) => loses(generatePlan(one, weak)))!
    const scenario = (await failingScenario(weakLastWriterWins, generatePlan(seed, weak)))!
    expect(scenario.steps.length).toBeLessThanOrEqual(8)
    expect(scenario.expect).toEqual({ outcome: "fail", clause: "push/durable", anomaly: "lost-ack" })
    const read = readPlan(scenarioText(scenario)) as StepsPlan
    for (let n = 0; n < 5; n++) expect(loses(read)).toBe(true)
    expect(simulate(mock, read).outcome).toBe("pass")
  })
})

describe("threads of the simulation", () => {
  it("come to the same end as this thread, and say what they reached", async () => {
    const seeds = [1, 2, 3]
    const steps = 12
    const signal = new AbortController().signal
    const target = { kind: "provider", key: weakLastWriterWins.key } as const
    const { done, failures, reached, offered } = await simulateInPool({ target, seeds, steps, workers: 1, signal })
    expect(done).toBe(seeds.length)
    expect(offered).toEqual(space.offered)
    const here = seeds.map((seed) => simulate(weakLastWriterWins, generatePlan(seed, weak)))
    expect(failures.map(({ seed, sentence }) => [seed, sentence])).toEqual(
      here.flatMap((run, n) => (isFailure(run) ? [[seeds[n], run.anomaly?.sentence ?? run.reason]] : [])),
    )
    expect(failures.some(({ scenario }) => scenario !== undefined)).toBe(true)
    expect(reached.seeds).toBe(seeds.length)
    const states = new Set(here.flatMap(({ records }) => [...statesOf(records)]))
    expect(new Set(Object.keys(reached.states))).toEqual(states)
  })

  it("say why a target cannot be simulated", async () => {
    const signal = new AbortController().signal
    const target = { kind: "provider", key: "nobody" } as const
    await expect(simulateInPool({ target, seeds: [1], workers: 1, signal })).rejects.toThrow(UnfitTarget)
  })
})

describe("withoutClocks", () => {
  it("lets nothing of the machine's time and chance through, and gives it back", () => {
    const asked: ReadonlyArray<() => unknown> = [
      () => Date.now(),
      () => performance.now(),
      () => Math.random(),
      () => crypto.randomUUID(),
      () => setTimeout(() => undefined, 0),
      () => setImmediate(() => undefined),
    ]
    for (const ask of asked) expect(() => withoutClocks(ask)).toThrow("time and chance come from the world alone")
    expect(() => withoutClocks(() => Math.max(1, 2))).not.toThrow()
    expect(Date.now()).toBeGreaterThan(0)
    expect(Math.random()).toBeLessThan(1)
  })
})
