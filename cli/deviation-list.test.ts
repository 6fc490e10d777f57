import { existsSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { Deviation } from "../contract/deviation.ts"
import { deviations } from "../providers/deviations/deviations.ts"
import { check, failure, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { updatedDeviations } from "./deviation-list.ts"

const known: Deviation = {
  check: failure.id,
  provider: "theirs",
  fingerprint: "0.9.0",
  anomalies: ["stuck"],
  rate: 0.5,
  reason: "Digits are compared as text.",
  issue: "https://example.org/7",
  expires: "2026-12-01",
}
const today = new Date("2026-11-22T00:00:00Z")
const update = (list: ReadonlyArray<Deviation>, ...checks: Parameters<typeof providerRun>[1]) =>
  updatedDeviations({ runs: [runOf([providerRun("theirs", checks)])], known: list, mayDeviate: () => true, today })

describe("writing deviations", () => {
  it("lists a failure with its anomalies, untracked, for ninety days", () => {
    expect(update([], check(), failure)).toEqual([
      {
        check: failure.id,
        provider: "theirs",
        fingerprint: "1.0.0",
        anomalies: ["cursor-skip"],
        rate: "always",
        reason: failure.reason,
        issue: "untracked",
        expires: "2027-02-20",
      },
    ])
  })

  it("keeps what people wrote when another build fails again", () => {
    expect(update([known], failure)).toEqual([
      { ...known, fingerprint: "1.0.0", anomalies: ["cursor-skip"], expires: "2027-02-20" },
    ])
  })

  it("keeps date and anomalies of a deviation of this very build", () => {
    const same = { ...known, fingerprint: "1.0.0" }
    expect(update([same], { ...failure, outcome: "deviation" })).toEqual([
      { ...same, anomalies: ["stuck", "cursor-skip"] },
    ])
  })

  it("takes off what says that it always fails and passes, and keeps what only sometimes fails", () => {
    const passing = check({ id: failure.id, clause: failure.clause })
    expect(update([{ ...known, rate: "always" }], passing)).toEqual([])
    expect(update([known], passing)).toEqual([known])
  })

  it("keeps what the run did not judge", () => {
    expect(update([known])).toEqual([known])
    expect(update([known], { ...failure, outcome: "unknown" })).toEqual([known])
  })

  it("says how often a check failed, from several runs of one build", () => {
    const runs = [failure, check({ id: failure.id }), failure, { ...failure, outcome: "unknown" as const }].map((one) =>
      runOf([providerRun("theirs", [one])]),
    )
    const other = runOf([providerRun("theirs", [check({ id: failure.id })], { fingerprint: "2.0.0" })])
    const [entry] = updatedDeviations({ runs: [...runs, other], known: [known], mayDeviate: () => true, today })
    expect(entry).toMatchObject({ fingerprint: "1.0.0", rate: 0.67, reason: known.reason })
  })

  it("never lists failures of who has to pass, of the harness, or without an anomaly", () => {
    const run = runOf([providerRun("ours", [failure])])
    expect(updatedDeviations({ runs: [run], known: [], mayDeviate: (key) => key !== "ours", today })).toEqual([])
    expect(update([], { ...failure, subject: "harness" })).toEqual([])
    expect(update([], check({ outcome: "fail", reason: "not testable: kill" }))).toEqual([])
  })

  it("has a script for what it says to have shown by hand", () => {
    const root = new URL("..", import.meta.url)
    const missing = deviations.flatMap(({ demonstration }) =>
      demonstration === undefined || existsSync(new URL(demonstration, root)) ? [] : [demonstration],
    )
    expect(missing).toEqual([])
  })

  it("keeps the script that shows a failure by hand", () => {
    const shown = { ...known, demonstration: "scripts/digits.ts" }
    expect(update([shown], failure)[0]).toMatchObject({ demonstration: "scripts/digits.ts" })
  })
})
