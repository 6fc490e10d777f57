import { describe, expect, it } from "vitest"
import { tryCheck } from "../harness/trial.ts"
import { checks } from "../suites/index.ts"
import { generatePlan, type PlanSpace } from "./generate-plan.ts"
import { loadTarget, targetOf, virtualHost } from "./load-target.ts"
import { isFailure, nameOf, simulate } from "./simulate.ts"
import { faultsOffered } from "../workloads/nemesis/index.ts"

/** A provider by its key, and what plans for it are drawn from. */
const simulated = async (key: string) => {
  const provider = await loadTarget(targetOf(key))
  if (provider === undefined) throw new Error(`there is no provider ${key}`)
  const { capabilities } = provider
  const space: PlanSpace = {
    provider: key,
    capabilities,
    offered: faultsOffered(virtualHost(provider), capabilities),
    steps: 36,
  }
  return { provider, space }
}

/** Enough for each bug below: the one that hides longest shows under seed 7. */
const seeds = Array.from({ length: 30 }, (_, n) => n + 1)

describe("the Cloudflare core in the simulation", () => {
  it.each(["cf-core", "cf-core-d1"])(
    "%s is offered every fault of process and link, and gives the same run again",
    async (key) => {
      const { provider, space } = await simulated(key)
      for (const kind of ["kill", "evict", "pause", "outage", "failWrite", "slow", "drop", "half-open"] as const) {
        expect(space.offered).toContain(kind)
      }
      for (const seed of seeds.slice(0, 4)) {
        const plan = generatePlan(seed, space)
        const first = simulate(provider, plan)
        expect(nameOf(first)).toBe("pass")
        expect(simulate(provider, plan).records).toEqual(first.records)
      }
    },
  )

  it.each([
    ["reset/id-stable#in-memory", "identity-false"],
    ["pull/read-your-writes#cached-page", "lost-ack"],
  ])("convicts the planted bug %s of %s, and is clean under the same seed without it", async (mutant, anomaly) => {
    const { provider, space } = await simulated(`cf-core+${mutant}`)
    const seed = seeds.find((each) => nameOf(simulate(provider, generatePlan(each, space))) === anomaly)
    if (seed === undefined) throw new Error(`no seed up to ${seeds.length} shows ${mutant}`)
    const reference = await simulated("cf-core")
    expect(isFailure(simulate(reference.provider, generatePlan(seed, reference.space)))).toBe(false)
  })

  it.each([
    ["live/after-restart#forgotten", "live/after-restart", "silent-live"],
    ["push/atomic#half-batch", "push/atomic", "torn-batch"],
    ["reset/wipe-under-running#cached-head", "reset/wipe-under-running", "lost-ack"],
  ])("convicts the planted bug %s by a check of %s", async (mutant, about, anomaly) => {
    const { provider } = await simulated(`cf-core+${mutant}`)
    const reference = await simulated("cf-core")
    const convicted = checks.some((check) => {
      if (check.clause !== about) return false
      const planted = tryCheck(provider, check, 1)
      const named = planted.outcome === "fail" && planted.anomalies.some(({ name }) => name === anomaly)
      return named && tryCheck(reference.provider, check, 1).outcome === "pass"
    })
    expect(convicted).toBe(true)
  })

  it("knows no planted bug that is not there", async () => {
    expect(await loadTarget(targetOf("cf-core+push/one#nothing"))).toBeUndefined()
  })
})
