import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { CheckResult, Run } from "../contract/run.ts"
import { check, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { notConvicted } from "./expect-fail.ts"
import { gauntlet } from "./fixtures/spawn-gauntlet.ts"

/** A run of one provider whose only check ended so. */
const oneCheck = (provider: string, outcome: CheckResult["outcome"], anomaly?: "lost-ack" | "gap"): Run => {
  const anomalies = anomaly === undefined ? [] : [{ name: anomaly, sentence: "…", records: [] }]
  return runOf([providerRun(provider, [check({ outcome, anomalies })])])
}

describe("a run that has to fail", () => {
  it("did when a check of it failed with the anomaly of the provider's weakness", () => {
    expect(notConvicted(oneCheck("canary", "fail", "lost-ack"))).toEqual([])
  })

  it("did not when everything passed, whoever the provider is", () => {
    expect(notConvicted(oneCheck("canary", "pass"))).toHaveLength(1)
    expect(notConvicted(oneCheck("mock", "pass"))).toHaveLength(1)
  })

  it("did not when a weak provider failed with another anomaly, or was merely not judged", () => {
    expect(notConvicted(oneCheck("canary", "fail", "gap"))).toEqual([
      "canary failed, but was not convicted of lost-ack, as push/one has to",
    ])
    expect(notConvicted(oneCheck("canary", "unknown", "lost-ack"))).toHaveLength(1)
  })

  it("may fail with any anomaly where the provider has no known weakness", () => {
    expect(notConvicted(oneCheck("mock", "fail", "gap"))).toEqual([])
  })
})

describe("the canary", () => {
  let dir = ""
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "gauntlet-canary-"))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it("fails a run with exit code 1 and the loss of what it acknowledged", async () => {
    const { code, out } = await gauntlet(["--provider", "canary", "--check", "push/one", "--json", "--out", "o"], dir)
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ runs: [{ checks: [{ outcome: "fail", anomaly: "lost-ack" }] }] })
  })

  it("is what --expect-fail wants to see, and the mock is not", async () => {
    const expecting = (provider: string, out: string) =>
      gauntlet(["--provider", provider, "--check", "push/one", "--expect-fail", "--out", out], dir)
    const [canary, mock] = await Promise.all([expecting("canary", "c"), expecting("mock", "m")])
    expect(canary.code).toBe(0)
    expect(mock.code).toBe(1)
    expect(mock.err).toContain("mock had to fail")
  })
})
