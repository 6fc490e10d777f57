import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { StepsPlan } from "../contract/scenario.ts"
import { contractVersion } from "../contract/run.ts"
import { mock } from "../providers/mock/provider.ts"
import { readPlan } from "../scenarios/read-plan.ts"
import { scenarioText } from "../scenarios/scenario-text.ts"
import { refuseLacking } from "./replay-virtual.ts"
import { namingFault } from "./replayed.ts"
import { inProcess as runInProcess } from "./fixtures/in-process.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-sim-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const gauntlet = (...args: ReadonlyArray<string>) => runInProcess(args, dir)

/** Two pushes on one parent, the second while the first is under way: the last writer of a weak backend wins. */
const race: StepsPlan = {
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: "weak-last-writer-wins",
  seed: 1,
  clients: [{ id: "a" }, { id: "b" }],
  steps: [
    { key: "b1", client: "b", do: "wait", ms: 5 },
    { key: "a1", client: "a", do: "push", events: 3, detached: true },
    { key: "a2", client: "a", do: "push" },
  ],
  faults: [],
  expect: { outcome: "fail", anomaly: "lost-ack" },
}

const saved = (plan: StepsPlan): string => {
  writeFileSync(join(dir, "plan.json"), scenarioText(plan))
  return "plan.json"
}

describe("gauntlet sim", () => {
  it("runs the seeds asked for and says what they reached", async () => {
    const { code, out } = await gauntlet("sim", "--seeds", "4", "--start", "9", "--shard", "2/2", "--json")
    const document = JSON.parse(out) as Record<string, unknown>
    expect(Object.keys(document)).toEqual([
      "schema",
      "seeds",
      "failures",
      "seedsPerMinute",
      "faultsReached",
      "faultsMissed",
      "statesMissed",
    ])
    expect(document).toMatchObject({ schema: 1, seeds: 2, failures: [] })
    expect(code).toBe(0)
  })

  it("refuses what cannot be simulated in one line", async () => {
    for (const args of [
      ["--seeds", "0"],
      ["--shard", "3/2"],
      ["--provider", "cf-ws-do"],
      ["--mutant", "no/such"],
    ]) {
      const { code, out, err } = await gauntlet("sim", ...args)
      expect({ args, code, out }).toEqual({ args, code: 2, out: "" })
      expect(err).toMatch(/^gauntlet: .*\n$/)
    }
  })
})

describe("gauntlet replay of a plan of steps", () => {
  it("says how often it fails as expected", async () => {
    const { code, out } = await gauntlet("replay", saved(race), "--times", "5", "--json")
    expect(JSON.parse(out)).toEqual({
      schema: 1,
      provider: "weak-last-writer-wins",
      times: 5,
      reproduced: 5,
      outcome: "fail",
      anomaly: "lost-ack",
    })
    expect(code).toBe(1)
  })

  it("runs it on another provider", async () => {
    const { code, out } = await gauntlet("replay", saved(race), "--provider", "mock", "--json")
    expect(JSON.parse(out)).toMatchObject({ provider: "mock", times: 1, reproduced: 0, outcome: "pass" })
    expect(code).toBe(0)
  })

  it("writes a smaller plan that fails in the same way beside it", async () => {
    const { out } = await gauntlet("replay", saved(race), "--shrink")
    expect(out).toContain("A smaller plan: plan.small.json")
    const small = readPlan(readFileSync(join(dir, "plan.small.json"), "utf8")) as StepsPlan
    expect(small.steps.map(({ key }) => key)).toEqual(["a1", "a2"])
    expect(small.clients).toEqual([{ id: "a" }])
    expect((await gauntlet("replay", "plan.small.json")).code).toBe(1)
  })

  it("refuses a plan that was changed by hand, with its line and before anything runs", async () => {
    const changed = scenarioText(race).replace('"do": "wait"', '"do": "dance"')
    const line = changed.split("\n").findIndex((text) => text.includes("dance")) + 1
    writeFileSync(join(dir, "plan.json"), changed)
    const { code, out, err } = await gauntlet("replay", "plan.json", "--shrink")
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(`plan.json is no plan: line ${line}: "steps.0.do" is "dance"`)
    expect(existsSync(join(dir, "plan.small.json"))).toBe(false)
  })

  it("names the fault for which a host lacks a part", () => {
    const cut: StepsPlan = { ...race, faults: [{ key: "f1", before: "a1", fault: { kind: "pause" } }] }
    const run = namingFault(cut, { outcome: "unknown", reason: "the host does not offer process.pause" })
    expect(run.reason).toBe('the host does not offer process.pause (fault "f1", pause, of the plan needs it)')
  })

  it("refuses a fault that the provider does not offer, naming it", () => {
    const slow: StepsPlan = {
      ...race,
      faults: [{ key: "f1", before: "a1", fault: { kind: "slow", ms: 3 } }],
    }
    const poor = { ...mock, capabilities: { ...mock.capabilities, faults: [] } }
    expect(() => refuseLacking(slow, poor)).toThrow(
      'mock does not offer "storage.slow", without which fault "f1" (slow) of the plan cannot be',
    )
    expect(() => refuseLacking(slow, mock)).not.toThrow()
  })
})
