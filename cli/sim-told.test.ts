import { describe, expect, it } from "vitest"
import { contractVersion } from "../contract/run.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import type { SimResult } from "../scenarios/sim-pool.ts"
import { states } from "../scenarios/states.ts"
import { simDocument, simText } from "./sim-told.ts"

const scenario: StepsPlan = {
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: "weak-lost-tail",
  seed: 7,
  title: "the log has no event 1",
  clients: [{ id: "a" }],
  steps: [
    { key: "a1", client: "a", do: "push" },
    { key: "a2", client: "a", do: "push" },
  ],
  faults: [{ key: "kill-1", before: "a2", fault: { kind: "kill" } }],
  expect: { outcome: "fail", anomaly: "lost-ack" },
}

const reachedStates = Object.fromEntries(Object.keys(states).map((name) => [name, 2]))
const result = (failures: SimResult["failures"]): SimResult => ({
  done: 20,
  failures,
  reached: { seeds: 20, applied: { kill: 5 }, bit: { kill: 4 }, states: reachedStates },
  offered: ["kill", "pause"],
})
const failing = result([
  { seed: 3, name: "stuck", sentence: "a push did not end" },
  { seed: 7, name: "lost-ack", sentence: "the log has no event 312", scenario },
  ...[8, 9, 10, 11, 12, 13, 14, 15].map((seed) => ({ seed, name: "lost-ack", sentence: `seed ${seed}` })),
])
const saved = new Map([[7, "reports/out/sim/a.json"]])

describe("what a simulation tells", () => {
  it("is, of each anomaly, in how many seeds, why, how small, the file and the command", () => {
    const text = simText(simDocument(failing, saved, 900), failing, " --provider weak-lost-tail")
    expect(text).toBe(`
lost-ack in 9 seeds: 7, 8, 9, 10, 11, 12, 13, 14 and 1 more
  the log has no event 1
  seed 7 made small: 1 client, 2 steps, 1 fault (kill)
  reports/out/sim/a.json
  npx -y pnpm@12 gauntlet replay reports/out/sim/a.json

stuck in 1 seed: 3
  a push did not end
  not made small; run it again: npx -y pnpm@12 gauntlet sim --provider weak-lost-tail --start 3 --seeds 1

20 seeds, 10 failed, 900 seeds a minute
Faults that bit, by seeds: kill 4
Faults that never bit: pause
All ${Object.keys(states).length} states of interest were reached
`)
  })

  it("is, without a failure, what was reached and what was not", () => {
    const clean: SimResult = { ...result([]), reached: { seeds: 20, applied: {}, bit: {}, states: {} } }
    const text = simText(simDocument(clean, new Map(), 900), clean, "")
    expect(text).toMatch(/^\n20 seeds, none failed, 900 seeds a minute\n/)
    expect(text).toContain("Faults that bit, by seeds: none\nFaults that never bit: kill, pause\n")
    expect(text).toContain(`States that were not reached: ${Object.keys(states).join("; ")}\n`)
  })

  it("is, as a document, every failing seed, with the scenario of those that were made small", () => {
    const { failures, faultsReached, faultsMissed, statesMissed } = simDocument(failing, saved, 900)
    expect(failures).toHaveLength(10)
    expect(failures[0]).toEqual({ seed: 3, anomaly: "stuck", sentence: "a push did not end" })
    expect(failures[1]).toEqual({
      seed: 7,
      anomaly: "lost-ack",
      sentence: "the log has no event 1",
      steps: 2,
      faults: 1,
      scenario: "reports/out/sim/a.json",
      replay: "npx -y pnpm@12 gauntlet replay reports/out/sim/a.json",
    })
    expect({ faultsReached, faultsMissed, statesMissed }).toEqual({
      faultsReached: ["kill"],
      faultsMissed: ["pause"],
      statesMissed: [],
    })
  })
})
