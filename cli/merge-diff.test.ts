import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Run } from "../contract/run.ts"
import { check, failure, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { Tally } from "../scenarios/campaign/tally.ts"
import { chaosDocument, type ChaosDocument } from "./chaos-told.ts"
import { inProcess } from "./fixtures/in-process.ts"
import type { SimDocument } from "./sim-told.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-merge-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const gauntlet = (...args: ReadonlyArray<string>) => inProcess(args, dir)
const save = (name: string, value: unknown) => writeFileSync(join(dir, name), JSON.stringify(value))

const campaign = (bit: ReadonlyArray<"kill" | "delay">, over: Partial<ChaosDocument> = {}): ChaosDocument => {
  const tally = new Tally()
  tally.offers(["kill", "delay"])
  tally.round({
    round: 0,
    seed: 1,
    workload: "chat",
    outcome: over.anomalies === undefined ? "pass" : "fail",
    findings: (over.anomalies ?? []).map(({ name, sentence }) => ({ name, sentence })),
    applied: ["kill", "delay"],
    bit,
    operations: 10,
    ms: 5,
    memoryBytes: 1,
  })
  return { ...chaosDocument(tally.result({ provider: "p", version: "1", seed: 1, ms: 1_000 }), dir, false), ...over }
}

describe("gauntlet merge", () => {
  it("makes one campaign of shards: a fault that bit in one of them has bitten", async () => {
    save("1.json", campaign(["kill"]))
    save("2.json", campaign(["delay"]))
    const { code, out } = await gauntlet("merge", "1.json", "2.json", "--json")
    expect(JSON.parse(out)).toMatchObject({
      rounds: 2,
      operations: 20,
      faults: [
        { name: "kill", applied: 2, bit: 1 },
        { name: "delay", applied: 2, bit: 1 },
      ],
    })
    expect(code).toBe(0)
    expect((await gauntlet("merge", "1.json", "--json")).code).toBe(2)
  })

  it("adds up how often shards showed an anomaly", async () => {
    const lost = { name: "lost-ack", rounds: 2, sentence: "it was lost", round: 0, seed: 1, workload: "chat" } as const
    for (const name of ["1.json", "2.json"]) save(name, campaign(["kill", "delay"], { anomalies: [lost] }))
    const { code, out } = await gauntlet("merge", "1.json", "2.json", "--json")
    expect({ code, anomalies: (JSON.parse(out) as ChaosDocument).anomalies }).toMatchObject({
      code: 1,
      anomalies: [{ name: "lost-ack", rounds: 4 }],
    })
  })

  it("makes one simulation of shards: what one of them reached is reached", async () => {
    const shard = (over: Partial<SimDocument>): SimDocument => ({
      schema: 1,
      seeds: 5,
      failures: [],
      seedsPerMinute: 100,
      faultsReached: ["kill"],
      faultsMissed: ["delay"],
      statesMissed: ["a", "b"],
      ...over,
    })
    save("1.json", shard({}))
    save("2.json", shard({ faultsReached: ["delay"], faultsMissed: ["kill", "drop"], statesMissed: ["b"] }))
    const { code, out } = await gauntlet("merge", "1.json", "2.json")
    const whole = { seeds: 10, seedsPerMinute: 200, faultsMissed: ["drop"], statesMissed: ["b"] }
    expect({ code, whole: JSON.parse(out) }).toMatchObject({ code: 0, whole })
  })

  it("makes one run of several providers, with the reports", async () => {
    save("a.json", runOf([providerRun("mock", [check()])]))
    save("b.json", runOf([providerRun("cf-ws-do", [failure])], { started: "2026-11-21T10:00:00.000Z" }))
    const { code } = await gauntlet("merge", "a.json", "b.json", "--out", "all")
    const run = JSON.parse(readFileSync(join(dir, "all", "run.json"), "utf8")) as Run
    expect(run.runs.map(({ provider }) => provider)).toEqual(["mock", "cf-ws-do"])
    expect(run.started).toBe("2026-11-21T10:00:00.000Z")
    expect(readdirSync(join(dir, "all"))).toEqual(expect.arrayContaining(["index.html", "junit.xml", "summary.md"]))
    expect(code).toBe(1)
  })

  it("refuses what is not of one whole", async () => {
    save("chaos.json", campaign(["kill"]))
    save("other.json", campaign(["kill"], { version: "2" }))
    save("run.json", runOf([providerRun("mock", [check()])]))
    writeFileSync(join(dir, "text.json"), "no")
    mkdirSync(join(dir, "empty"))
    for (const [args, message] of [
      [["chaos.json", "run.json"], /several kinds/],
      [["chaos.json", "other.json"], /shards of one whole have one build, not 1 and 2/],
      [["run.json", "run.json"], /push\/one on mock is in two of the runs/],
      [["text.json"], /is not JSON/],
      [["nothing.json"], /there is no .*nothing\.json/],
      [["empty"], /there is no .*run\.json/],
    ] as const) {
      const { code, out, err } = await gauntlet("merge", ...args)
      expect({ args, code, out }).toEqual({ args, code: 2, out: "" })
      expect(err).toMatch(message)
    }
  })
})

describe("gauntlet diff", () => {
  it("says what is worse, what is better, and what is gone", async () => {
    const other = check({ id: "push/batch", clause: "push/batch" })
    save("a.json", runOf([providerRun("mock", [check(), { ...failure, outcome: "fail" }, other])]))
    const worse = check({ outcome: "fail", anomaly: "lost-ack" })
    save("b.json", runOf([providerRun("mock", [worse, check({ id: failure.id, clause: failure.clause })])]))
    const { code, out } = await gauntlet("diff", "a.json", "b.json", "--json")
    expect(JSON.parse(out)).toEqual({
      schema: 1,
      worse: [{ provider: "mock", check: "push/one", from: "pass", to: "fail (lost-ack)" }],
      better: [{ provider: "mock", check: "pull/suffix#digits", from: "fail (cursor-skip)", to: "pass" }],
      other: [],
      gone: [{ provider: "mock", check: "push/batch", from: "pass" }],
      added: [],
    })
    expect(code).toBe(1)
    expect(await gauntlet("diff", "a.json", "a.json")).toMatchObject({
      code: 0,
      out: "Every check that ran in both ended the same way\n",
    })
  })
})
