import { describe, expect, it } from "vitest"
import { contractVersion } from "../contract/run.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import { mock } from "../providers/mock/provider.ts"
import { canary } from "../providers/mutants/weak/canary.ts"
import { scenarioFromHistory } from "./from-history.ts"
import { readPlan } from "./read-plan.ts"
import { scenarioText } from "./scenario-text.ts"
import { simulate } from "./simulate.ts"

const plan: StepsPlan = {
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: "mock",
  seed: 4,
  clients: [{ id: "a" }, { id: "b", store: "other" }],
  steps: [
    { key: "a1", client: "a", do: "push", events: 3 },
    { key: "a2", client: "a", do: "live" },
    { key: "a3", client: "a", do: "push", sizeBytes: 4_000 },
    { key: "a4", client: "a", do: "wait", ms: 300 },
    { key: "a5", client: "a", do: "push", on: "stale" },
    { key: "a6", client: "a", do: "crash" },
    { key: "a7", client: "a", do: "pull", from: "start" },
    { key: "b1", client: "b", do: "ping" },
    { key: "b2", client: "b", do: "push" },
  ],
  faults: [
    { key: "d", before: "a3", lastsMs: 120, fault: { kind: "delay", ms: 5, jitterMs: 0, direction: "up" } },
    { key: "k", before: "a5", lastsMs: 40, fault: { kind: "kill" } },
  ],
  expect: { outcome: "pass" },
}

describe("a scenario of a record", () => {
  const made = scenarioFromHistory(simulate(mock, plan).records)!

  it("does what the clients did, in their order, with sizes, parents, pauses and stores", () => {
    const own = (client: string) => made.steps.filter((step) => step.client === client)
    const firstOf = own("a").map(({ do: what }) => what)
    expect(firstOf.slice(0, 6)).toEqual(["push", "live", "push", "wait", "push", "crash"])
    expect(own("a")[0]).toMatchObject({ events: 3 })
    expect(own("a")[2]!.sizeBytes).toBeGreaterThan(3_500)
    expect(own("a")[3]!.ms).toBeGreaterThanOrEqual(300)
    expect(own("a")[4]).toMatchObject({ on: "stale" })
    expect(made.clients).toEqual([{ id: "a" }, { id: "b", store: "store2" }])
    expect(
      own("b")
        .slice(0, 2)
        .map(({ do: what }) => what),
    ).toEqual(["ping", "push"])
  })

  it("has the faults that stood, where they began and as long as they lasted", () => {
    expect(made.faults).toMatchObject([
      { before: "a3", lastsMs: 120, fault: { kind: "delay", ms: 5, jitterMs: 0, direction: "up" } },
      { fault: { kind: "kill" } },
    ])
  })

  it("is a plan that runs, and expects what the record showed", () => {
    expect(readPlan(scenarioText(made))).toEqual(made)
    expect(simulate(mock, made).outcome).toBe("pass")
    const { expect: shown } = scenarioFromHistory(simulate(canary, { ...plan, faults: [] }).records)!
    expect(shown).toEqual({ outcome: "fail", clause: "push/durable", anomaly: "lost-ack" })
  })

  it("is nothing of a record without a beginning", () => {
    expect(scenarioFromHistory([])).toBeUndefined()
  })
})
