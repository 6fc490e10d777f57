import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Run } from "../contract/run.ts"
import { gauntlet, type Ended } from "./fixtures/spawn-gauntlet.ts"

let dir = ""
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-run-"))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const forgetfulFile = fileURLToPath(new URL("./fixtures/failing-provider.ts", import.meta.url))
const forgetful = ["--provider-file", forgetfulFile, "--check", "push/one"]

describe("a run without failures", () => {
  let ended: Ended
  beforeAll(async () => {
    ended = await gauntlet(
      ["--provider", "mock", "--check", "push/one", "--check", "meta", "--json", "--out", "good"],
      dir,
    )
  })

  it("ends with exit code 0 and one JSON document on standard output", () => {
    expect(ended.code).toBe(0)
    const run = JSON.parse(ended.out) as Run
    expect(run).toMatchObject({
      schema: 1,
      unavailable: [],
      runs: [{ provider: "mock", summary: { fail: 0, unknown: 0 } }],
    })
    expect(run.runs[0]?.checks.map(({ id }) => id)).toContain("push/one")
    expect(run.runs[0]?.checks.every(({ outcome }) => outcome === "pass")).toBe(true)
  })

  it("tells its progress on standard error", () => {
    expect(ended.err).toMatch(/^mock: \d+ checks$/m)
  })

  it("leaves its folder and nothing beside it", () => {
    expect(readdirSync(dir).filter((name) => name.includes("good"))).toEqual(["good"])
    expect(readdirSync(join(dir, "good")).toSorted()).toEqual([
      "history.ndjson",
      "index.html",
      "junit.xml",
      "run.json",
      "summary.md",
    ])
    const { seal, ...saved } = JSON.parse(readFileSync(join(dir, "good", "run.json"), "utf8")) as Run
    expect(saved).toEqual(JSON.parse(ended.out))
    expect(seal).toMatch(/^[0-9a-f]{32}$/)
  })

  it("can be judged again from its history, to the same outcomes", async () => {
    const again = await gauntlet(["rejudge", "good", "--json"], dir)
    expect(again.code).toBe(0)
    const outcomes = (text: string) => (JSON.parse(text) as Run).runs[0]?.checks.map(({ id, outcome }) => [id, outcome])
    expect(outcomes(again.out)).toEqual(outcomes(ended.out))
  })

  it("has nothing to run again after it with --failed", async () => {
    const { code, err } = await gauntlet(["--provider", "mock", "--failed", "--out", "good"], dir)
    expect(code).toBe(2)
    expect(err).toContain("nothing of this selection failed in the last run")
    expect(existsSync(join(dir, "good", "run.json"))).toBe(true)
  })
})

describe("a run with a failure", () => {
  let ended: Ended
  beforeAll(async () => {
    ended = await gauntlet([...forgetful, "--out", "bad"], dir)
  })

  it("ends with exit code 1, the sentence, what runs it again, and the page's path", () => {
    expect(ended.code).toBe(1)
    expect(ended.out).toMatch(/✗ fail {2}forgetful {2}push\/one {2}lost-ack/)
    expect(ended.out).toContain("therefore")
    expect(ended.out).toContain(`gauntlet run --provider-file ${forgetfulFile} --check push/one --seed 1`)
    expect(ended.out).toContain(join(dir, "bad", "index.html"))
    expect(ended.out).toMatch(/^push {2}0 1F$/m)
  })

  it("is no new failure against itself, and stays one in the run", async () => {
    const { code, out, err } = await gauntlet([...forgetful, "--baseline", "bad", "--json", "--out", "again"], dir)
    expect(code).toBe(0)
    expect(err).toContain("nothing that the baseline does not have")
    expect(JSON.parse(out)).toMatchObject({ runs: [{ summary: { fail: 1 } }] })
  })

  it("shows how often a replay of its plan shows it", async () => {
    const plan = { kind: "check", schema: 1, contract: "1.0.0", id: "push/one", provider: "mock", seed: 1 }
    writeFileSync(join(dir, "plan.json"), JSON.stringify(plan))
    const { code, out } = await gauntlet(
      ["replay", "plan.json", "--provider-file", forgetfulFile, "--times", "2", "--json"],
      dir,
    )
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({
      schema: 1,
      provider: "forgetful",
      times: 2,
      reproduced: 2,
      outcome: "fail",
      anomaly: "lost-ack",
    })
  })
})
