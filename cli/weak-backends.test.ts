import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { AnomalyName } from "../contract/anomaly.ts"
import type { Provider } from "../contract/provider.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import { weakProviders } from "../providers/registry.ts"
import { failingScenario } from "../scenarios/failing-scenario.ts"
import { generatePlan } from "../scenarios/generate-plan.ts"
import { virtualHost } from "../scenarios/load-target.ts"
import { readPlan } from "../scenarios/read-plan.ts"
import { scenarioText } from "../scenarios/scenario-text.ts"
import { nameOf, simulate } from "../scenarios/simulate.ts"
import { faultsOffered } from "../workloads/nemesis/index.ts"
import { runCommandLine } from "./main.ts"
import type { SimDocument } from "./sim-told.ts"

/** Where the search for a failing seed begins: the first that fails with the backend's anomaly. */
const firstSeeds: Readonly<Record<string, number>> = {
  "weak-last-writer-wins": 1,
  "weak-non-atomic-batch": 4,
  "weak-stale-replica": 2,
  "weak-forgets-backend-id": 3,
  "weak-lost-tail": 3,
  "weak-at-least-once": 3,
  "weak-lost-wake-ups": 1,
}
/** Seeds that are looked at, and steps that a scenario may have. */
const most = { seeds: 60, steps: 8 }
const times = 50

const weak = weakProviders.filter(({ key }) => key in firstSeeds)

let dir = ""
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-weak-"))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** The plan of the first seed, from a backend's own on, that fails with its anomaly. */
const failingPlan = (provider: Provider, anomaly: AnomalyName): StepsPlan => {
  const { key, capabilities } = provider
  const space = { provider: key, capabilities, offered: faultsOffered(virtualHost(provider), capabilities) }
  const seeds = Array.from({ length: most.seeds }, (_, n) => firstSeeds[key]! + n)
  for (const seed of seeds) {
    const plan = generatePlan(seed, space)
    if (nameOf(simulate(provider, plan)) === anomaly) return plan
  }
  throw new Error(`no seed of ${seeds[0]} to ${seeds.at(-1)} shows ${anomaly}`)
}

const simulated = async (...args: ReadonlyArray<string>) => {
  let out = ""
  const code = await runCommandLine(["sim", ...args, "--json"], {
    out: (more) => void (out += more),
    err: () => undefined,
    liveErr: false,
    colourOut: false,
    colourErr: false,
    columns: 100,
    cwd: dir,
  })
  return { code, told: JSON.parse(out) as SimDocument }
}

/** Runs command lines one after the other in another process. Gives the exit code and the document of each. */
const inAnotherProcess = async (commands: ReadonlyArray<ReadonlyArray<string>>) => {
  const script = `
    const { runCommandLine } = await import(${JSON.stringify(new URL("main.ts", import.meta.url).href)})
    const ended = []
    for (const args of ${JSON.stringify(commands)}) {
      let text = ""
      const keep = (more) => { text += more }
      const io = { out: keep, err: () => {}, liveErr: false, colourOut: false, colourErr: false, columns: 100, cwd: process.cwd() }
      ended.push({ code: await runCommandLine(args, io), text })
    }
    console.log(JSON.stringify(ended))`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: dir,
  })
  const ended = JSON.parse(stdout) as ReadonlyArray<{ readonly code: number; readonly text: string }>
  return ended.map(({ code, text }) => ({ code, told: JSON.parse(text) as unknown }))
}

describe("a backend with a known weakness", () => {
  const files = new Map<string, string>()

  for (const { key, weakness, load } of weak) {
    it(`is convicted by a simulation: ${key} of ${weakness.anomaly}, in a scenario of a few steps`, async () => {
      const provider = await load()
      const scenario = (await failingScenario(provider, failingPlan(provider, weakness.anomaly)))!
      expect(scenario.steps.length).toBeLessThanOrEqual(most.steps)
      expect(scenario).toMatchObject({ provider: key, expect: { outcome: "fail", anomaly: weakness.anomaly } })
      files.set(key, `${key}.json`)
      writeFileSync(join(dir, `${key}.json`), scenarioText(scenario))
    })
  }

  it("is convicted on the command line, which writes that scenario", async () => {
    const [key, anomaly] = ["weak-forgets-backend-id", "identity-false"]
    const seed = (readPlan(readFileSync(join(dir, files.get(key)!), "utf8")) as StepsPlan).seed
    const { code, told } = await simulated("--provider", key, "--start", `${seed}`, "--seeds", "1", "--out", "sim")
    const scenario = join("sim", `${key}-${anomaly}-${seed}.json`)
    expect(code).toBe(1)
    expect(told).toMatchObject({ seeds: 1, failures: [{ seed, anomaly, scenario }] })
    expect(readFileSync(join(dir, scenario), "utf8")).toBe(readFileSync(join(dir, files.get(key)!), "utf8"))
  })

  it(`fails each of ${times} replays of its scenario in another process, and the mock none`, async () => {
    expect([...files.keys()]).toEqual(weak.map(({ key }) => key))
    const weakly = [...files.values()].map((file) => ["replay", file, "--times", `${times}`, "--json"])
    const soundly = [...files.values()].map((file) => ["replay", file, "--provider", "mock", "--json"])
    const ended = await inAnotherProcess([...weakly, ...soundly])
    expect(ended).toEqual([
      ...weak.map(({ key, weakness: { anomaly } }) => ({
        code: 1,
        told: { schema: 1, provider: key, times, reproduced: times, outcome: "fail", anomaly },
      })),
      ...weak.map(() => ({
        code: 0,
        told: { schema: 1, provider: "mock", times: 1, reproduced: 0, outcome: "pass" },
      })),
    ])
  })
})
