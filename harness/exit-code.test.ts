import { describe, expect, it } from "vitest"
import type { CheckResult, ProviderRun } from "../contract/run.ts"
import { exitCodeOf, newFailures } from "./exit-code.ts"
import { check, providerRun, runOf as runsOf } from "./fixtures/small-run.ts"

const runOf = (checks: ReadonlyArray<CheckResult>, over: Partial<ProviderRun> = {}) =>
  runsOf([providerRun("mock", checks, over)])
const exit = (checks: ReadonlyArray<CheckResult>, over: Partial<ProviderRun> = {}) =>
  exitCodeOf({ run: runOf(checks, over), named: [] })

const failed = check({ outcome: "fail", anomaly: "lost-ack" })
const unknown = check({ id: "push/two", outcome: "unknown" })
const broken = check({ id: "push/three", outcome: "harness-error" })

describe("exit codes", () => {
  it("are 0 when everything is as declared", () => {
    const asDeclared = [check({}), check({ outcome: "deviation" }), check({ outcome: "unsupported" })]
    expect(exit([...asDeclared, check({ outcome: "should-fail", level: "SHOULD" })])).toBe(0)
  })

  it("are 1 for a failure, a stale deviation or a stray defect", () => {
    expect(exit([failed])).toBe(1)
    expect(exit([check({})], { stale: ["push/one passes"] })).toBe(1)
    expect(exit([check({})], { strays: ["unhandled rejection"] })).toBe(1)
  })

  it("are 2 for a MUST that is unknown or flaky, not for a SHOULD", () => {
    expect(exit([unknown])).toBe(2)
    expect(exit([check({ outcome: "flaky" })])).toBe(2)
    expect(exit([check({ outcome: "unknown", level: "SHOULD" })])).toBe(0)
  })

  it("are 2 when a named provider is not available, and 0 when nobody named it", () => {
    const run = { ...runOf([check({})]), unavailable: [{ provider: "electric-docker", missing: "no Docker" }] }
    expect(exitCodeOf({ run, named: ["electric-docker"] })).toBe(2)
    expect(exitCodeOf({ run, named: ["mock"] })).toBe(0)
  })

  it("are 2 when no provider ran at all", () => {
    expect(exitCodeOf({ run: { ...runOf([]), runs: [] }, named: [] })).toBe(2)
  })

  it("are 3 for a harness error and for a failed clause about the harness or its client", () => {
    expect(exit([broken])).toBe(3)
    expect(exit([check({ outcome: "fail", subject: "harness" })])).toBe(3)
    expect(exit([check({ outcome: "fail", subject: "client" })])).toBe(3)
  })

  it("take the highest rule: 130, then 3, then 1, then 2", () => {
    expect(exit([unknown, failed, broken])).toBe(3)
    expect(exit([unknown, failed])).toBe(1)
    expect(exitCodeOf({ run: runOf([broken]), named: [], interrupted: true })).toBe(130)
  })
})

describe("a baseline", () => {
  const baselines = [runOf([failed, unknown])]
  const forked = check({ outcome: "fail", anomaly: "fork", reason: "two logs", replay: "gauntlet run" })

  it("lets what was as bad before count for nothing", () => {
    expect(exitCodeOf({ run: runOf([failed, unknown]), named: [], baselines })).toBe(0)
    expect(newFailures(runOf([failed, unknown]), baselines)).toEqual([])
  })

  it("is several runs where a failure does not show in each", () => {
    const several = [runOf([check({})]), runOf([forked]), runOf([failed])]
    expect(exitCodeOf({ run: runOf([failed]), named: [], baselines: several })).toBe(0)
    expect(exitCodeOf({ run: runOf([forked]), named: [], baselines: several })).toBe(0)
    expect(exitCodeOf({ run: runOf([unknown]), named: [], baselines: several })).toBe(2)
  })

  it("has a failure where another build's list says that it deviates", () => {
    const listed = [runOf([check({ outcome: "deviation", anomaly: "lost-ack" })])]
    expect(exitCodeOf({ run: runOf([failed]), named: [], baselines: listed })).toBe(0)
    expect(exitCodeOf({ run: runOf([forked]), named: [], baselines: listed })).toBe(1)
  })

  it("fails on a failure that it does not have, also on another anomaly at the same check", () => {
    const worse = runOf([forked, unknown])
    expect(exitCodeOf({ run: worse, named: [], baselines })).toBe(1)
    expect(newFailures(worse, baselines)).toEqual(["push/one on mock (fail, fork): two logs\n    again: gauntlet run"])
  })
})
