import { describe, expect, it } from "vitest"
import { mock } from "../../providers/mock/provider.ts"
import { faultKinds, faultsOffered, type FaultKind } from "../../workloads/nemesis/index.ts"
import { kindsOf } from "../coverage.ts"
import { virtualHost } from "../load-target.ts"
import { readPlan } from "../read-plan.ts"
import { scenarioText } from "../scenario-text.ts"
import { simulate } from "../simulate.ts"
import { drawRound, type RoundSpace } from "./round-plan.ts"
import { workloadNames } from "./workload.ts"

const space: RoundSpace = { provider: "mock", version: "mock@1", capabilities: mock.capabilities, offered: faultKinds }
const seeds = Array.from({ length: 80 }, (_, n) => n + 1)

describe("a round of a campaign", () => {
  it("is a plan that can be written, read again and replayed, whatever its seed", () => {
    for (const seed of seeds.slice(0, 16)) {
      const { plan } = drawRound(seed, space, ["interrupt", "unsynced", "old-cursor"])
      expect(readPlan(scenarioText(plan))).toEqual(plan)
    }
  })

  it("is the same each time that its seed is drawn", () => {
    for (const seed of seeds.slice(0, 16)) {
      expect(drawRound(seed, space, ["kill"])).toEqual(drawRound(seed, space, ["kill"]))
    }
  })

  it("takes every workload, several faults at once, and now and then none", () => {
    const rounds = seeds.map((seed) => drawRound(seed, space, []))
    expect(new Set(rounds.map(({ workload }) => workload))).toEqual(new Set(workloadNames))
    const counts = rounds.map(({ plan }) => plan.faults.length)
    expect(Math.min(...counts)).toBe(0)
    expect(Math.max(...counts)).toBeGreaterThan(3)
  })

  it("is nothing but operations every other time where nothing can go wrong, and never under faults", () => {
    const calm = seeds.map((seed) => drawRound(seed, { ...space, offered: [] }, []))
    const loads = calm.filter(({ workload }) => workload === "load")
    expect(loads.length).toBeGreaterThan(seeds.length / 4)
    expect(loads.length).toBeLessThan((seeds.length * 3) / 4)
    for (const { plan } of loads) {
      const times = plan.steps.reduce((sum, step) => sum + (step.times ?? 0), 0)
      expect(times).toBeGreaterThan(4_000)
    }
    expect(seeds.map((seed) => drawRound(seed, space, []).workload)).not.toContain("load")
  })

  it("draws only what is offered", () => {
    const offered: ReadonlyArray<FaultKind> = ["delay", "crash"]
    const kinds = seeds.flatMap((seed) => drawRound(seed, { ...space, offered }, offered).plan.faults)
    expect(new Set(kinds.map(({ fault }) => fault.kind))).toEqual(new Set(offered))
    expect(seeds.flatMap((seed) => drawRound(seed, { ...space, offered: [] }, []).plan.faults)).toEqual([])
  })

  it("lets every fault that the mock can suffer bite within some forty rounds, and finds nothing there", () => {
    const offered = faultsOffered(virtualHost(mock), mock.capabilities)
    const left = new Set(offered)
    for (let seed = 1; left.size > 0 && seed <= 120; seed++) {
      const { plan, workload } = drawRound(seed, { ...space, offered }, [...left])
      // The others take long, and their faults are the same.
      if (workload !== "operations" && workload !== "chat") continue
      const { outcome, reason, bit } = simulate(mock, plan)
      expect({ seed, outcome, reason }).toEqual({ seed, outcome: "pass", reason: undefined })
      for (const kind of kindsOf(plan, bit)) left.delete(kind as FaultKind)
    }
    expect([...left]).toEqual([])
  })
})
