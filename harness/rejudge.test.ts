import { describe, expect, it } from "vitest"
import type { HistoryRecord } from "../contract/history.ts"
import type { CheckResult } from "../contract/run.ts"
import type { Section } from "../history/ndjson.ts"
import { check as result, providerRun, runOf } from "./fixtures/small-run.ts"
import { changes, rejudgeCheck, resultKey, withResults } from "./rejudge.ts"

const begin: Extract<HistoryRecord, { readonly k: "begin" }> = {
  k: "begin",
  i: 0,
  t: 0,
  schema: 1,
  check: "push/one",
  clause: "push/one",
  provider: "mock",
  seed: 1,
  world: "virtual",
  errors: "full",
  pullPageInfoKnown: false,
  pageEvents: 100,
  pageBytes: 100_000,
  deadlineMs: 5_000,
  detectionMs: 5_000,
  recoveryMs: 5_000,
  deliveryMs: 1_000,
}
const section = (...records: ReadonlyArray<HistoryRecord>): Section => ({ begin, records: [begin, ...records] })
const finding: HistoryRecord = {
  k: "finding",
  i: 1,
  t: 1,
  anomaly: "lost-ack",
  sentence: "event 1 is gone",
  records: [],
}
const late: HistoryRecord = { k: "finding", i: 1, t: 1, anomaly: "stuck", sentence: "it hung", records: [] }

const again = (old: CheckResult, judged: Section) =>
  rejudgeCheck(old, judged, { run: providerRun("mock", [old]), deviations: [], today: "2026-11-22" })

describe("judging a saved check again", () => {
  it("takes verdict and sentence from the record alone", () => {
    expect(again(result(), section(finding))).toMatchObject({
      outcome: "fail",
      anomaly: "lost-ack",
      reason: "event 1 is gone",
      found: 1,
    })
    expect(again(result({ outcome: "fail", anomaly: "lost-ack", reason: "as judged before" }), section())).toEqual(
      result(),
    )
  })

  it("keeps what no record can show", () => {
    const broken = result({ outcome: "harness-error", reason: "the harness broke" })
    expect(again(broken, section(finding))).toEqual(broken)
    expect(again(result({ outcome: "fail", reason: "not testable: kill" }), section())).toMatchObject({
      outcome: "fail",
      reason: "not testable: kill",
    })
  })

  it("keeps a flaky check flaky while time is all there is, and fails it otherwise", () => {
    const flaky = result({ outcome: "flaky", anomaly: "stuck", reason: "it hung" })
    expect(again(flaky, section(late)).outcome).toBe("flaky")
    expect(again(flaky, section(late, { ...finding, i: 2 })).outcome).toBe("fail")
  })
})

describe("the run as judged again", () => {
  it("is counted again, and says what changed", () => {
    const before = runOf([providerRun("mock", [result(), result({ id: "push/two" })])])
    const failed = result({ outcome: "fail", anomaly: "lost-ack" })
    const after = withResults(before, new Map([[resultKey("mock", "push/one"), failed]]), [])
    expect(after.runs[0]?.summary).toMatchObject({ pass: 1, fail: 1 })
    expect(changes(before, after)).toEqual([
      { provider: "mock", check: "push/one", before: "pass", after: "fail (lost-ack)" },
    ])
  })
})
