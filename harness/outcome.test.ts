import { describe, expect, it } from "vitest"
import type { Anomaly, AnomalyName } from "../contract/anomaly.ts"
import type { Deviation } from "../contract/deviation.ts"
import {
  decide,
  needsRerun,
  staleDeviations,
  summarise,
  unlockHints,
  type Judgement,
  type OutcomeInput,
} from "./outcome.ts"

const anomaly = (name: AnomalyName, sentence = `${name} happened`): Anomaly => ({ name, sentence, records: [1] })
const found = (...names: ReadonlyArray<AnomalyName>): Judgement => ({
  anomalies: names.map((name) => anomaly(name)),
  found: names.length,
  unjudged: undefined,
})
const clean = found()
const unjudged = (reason: string, ...names: ReadonlyArray<AnomalyName>): Judgement => ({
  ...found(...names),
  unjudged: reason,
})

const listed = (over: Partial<Deviation> = {}): Deviation => ({
  check: "push/atomic",
  provider: "mock",
  fingerprint: "1.0.0",
  anomalies: ["torn-batch"],
  rate: "always",
  reason: "Half a batch stays behind.",
  issue: "untracked",
  expires: "2026-12-31",
  ...over,
})

const base: OutcomeInput = {
  check: { id: "push/atomic", clause: "push/atomic", level: "MUST" },
  provider: "mock",
  fingerprint: "1.0.0",
  deviations: [],
  today: "2026-11-22",
  missingParts: [],
}
const should: OutcomeInput = { ...base, check: { id: "live/latency", clause: "live/latency", level: "SHOULD" } }

describe("what a verdict means", () => {
  it("is a pass when nothing was found and the record could be judged", () => {
    expect(decide({ ...base, verdict: clean })).toEqual({ outcome: "pass", from: "first" })
  })

  it("is a failure on first sight of a safety anomaly, with its sentence", () => {
    expect(decide({ ...base, verdict: found("torn-batch") })).toEqual({
      outcome: "fail",
      reason: "torn-batch happened",
      anomaly: "torn-batch",
      from: "first",
    })
  })

  it("names the gravest of several anomalies", () => {
    expect(decide({ ...base, verdict: found("stuck", "gap", "lost-ack") }).anomaly).toBe("lost-ack")
  })

  it("is a failure when a declared check never reported", () => {
    expect(decide(base)).toMatchObject({ outcome: "fail", reason: "declared, but it never reported" })
  })

  it("is a harness error before anything that the record says", () => {
    const outcome = decide({ ...base, harnessError: "returned before it was called", verdict: found("lost-ack") })
    expect(outcome).toMatchObject({ outcome: "harness-error", reason: "returned before it was called" })
  })

  it("is unsupported where the declared capabilities choose another branch, also when a part is missing", () => {
    const outcome = decide({ ...base, unsupported: "errors: livestore", missingParts: ["inspect"] })
    expect(outcome).toMatchObject({ outcome: "unsupported", reason: "errors: livestore" })
  })

  it("is unknown where the host does not offer a part, and says which", () => {
    const outcome = decide({ ...base, missingParts: ["inspect", "process.kill"] })
    expect(outcome.outcome).toBe("unknown")
    expect(outcome.reason).toContain("inspect and process.kill")
  })

  it("fails as not testable where an offered part cannot be used", () => {
    const outcome = decide({ ...base, notTestable: "kill: the backend still answers", verdict: clean })
    expect(outcome).toMatchObject({ outcome: "fail", reason: "not testable: kill: the backend still answers" })
  })

  it("shows the safety anomaly rather than the part that could not be used", () => {
    expect(decide({ ...base, notTestable: "kill failed", verdict: found("lost-ack") }).anomaly).toBe("lost-ack")
  })

  it("is unknown when nothing was found but the record could not be judged", () => {
    expect(decide({ ...base, verdict: unjudged("the fault did not bite") })).toMatchObject({
      outcome: "unknown",
      reason: "the fault did not bite",
    })
  })

  it("is unknown when only time was exceeded in a record that could not be judged", () => {
    expect(decide({ ...base, verdict: unjudged("the harness lagged", "stuck") }).outcome).toBe("unknown")
  })

  it("fails on a safety anomaly even when the rest of the record could not be judged", () => {
    expect(decide({ ...base, verdict: unjudged("the harness lagged", "lost-ack") }).outcome).toBe("fail")
  })
})

describe("verdicts on time", () => {
  it("ask for one rerun in real time only, and only when time is all there is", () => {
    expect(needsRerun(found("stuck", "silent-live"), "real")).toBe(true)
    expect(needsRerun(found("stuck"), "virtual")).toBe(false)
    expect(needsRerun(found("stuck", "gap"), "real")).toBe(false)
    expect(needsRerun(unjudged("the harness lagged", "stuck"), "real")).toBe(false)
    expect(needsRerun(clean, "real")).toBe(false)
  })

  it("are flaky, never a pass, when the rerun finds nothing", () => {
    const outcome = decide({ ...base, verdict: found("stuck"), rerun: clean })
    expect(outcome).toMatchObject({ outcome: "flaky", anomaly: "stuck" })
    expect(outcome.reason).toContain("the rerun did not show it")
  })

  it("are flaky when the rerun could not be judged", () => {
    expect(decide({ ...base, verdict: found("stuck"), rerun: unjudged("the harness lagged") }).outcome).toBe("flaky")
  })

  it("fail when the rerun exceeds its time too", () => {
    expect(decide({ ...base, verdict: found("stuck"), rerun: found("silent-live") })).toMatchObject({
      outcome: "fail",
      anomaly: "stuck",
      from: "first",
    })
  })

  it("fail by what the rerun shows when that is a safety anomaly", () => {
    expect(decide({ ...base, verdict: found("stuck"), rerun: found("lost-ack", "stuck") })).toMatchObject({
      outcome: "fail",
      anomaly: "lost-ack",
      from: "rerun",
    })
  })

  it("fail without a rerun where time repeats itself", () => {
    expect(decide({ ...base, verdict: found("stuck") }).outcome).toBe("fail")
  })
})

describe("SHOULD clauses", () => {
  it("that do not hold are told apart from failures", () => {
    expect(decide({ ...should, verdict: found("silent-live") }).outcome).toBe("should-fail")
  })

  it("fail when data was lost while they were checked", () => {
    expect(decide({ ...should, verdict: found("silent-live", "lost-ack") }).outcome).toBe("fail")
  })

  it("that cannot be tested are should-fail", () => {
    expect(decide({ ...should, verdict: clean, notTestable: "cpuMs: no such process" }).outcome).toBe("should-fail")
  })
})

describe("listed deviations", () => {
  const torn: OutcomeInput = { ...base, verdict: found("torn-batch") }

  it("turn exactly their failure into a deviation, with the listed reason", () => {
    const outcome = decide({ ...torn, deviations: [listed()] })
    expect(outcome).toMatchObject({ outcome: "deviation", anomaly: "torn-batch" })
    expect(outcome.reason).toBe("Half a batch stays behind. (untracked, expires 2026-12-31)")
    const shown = decide({ ...torn, deviations: [listed({ demonstration: "scripts/half.ts" })] })
    expect(shown.reason).toBe("Half a batch stays behind.; shown by scripts/half.ts (untracked, expires 2026-12-31)")
  })

  it("count for their own check, provider and build only", () => {
    for (const other of [{ check: "push/one" }, { provider: "electric" }, { fingerprint: "1.0.1" }]) {
      expect(decide({ ...torn, deviations: [listed(other)] }).outcome).toBe("fail")
    }
  })

  it("leave another anomaly at the same check a failure that names the new one", () => {
    const outcome = decide({ ...torn, verdict: found("torn-batch", "stuck"), deviations: [listed()] })
    expect(outcome).toMatchObject({ outcome: "fail", anomaly: "stuck" })
    expect(outcome.reason).toContain("another anomaly than the listed torn-batch")
  })

  it("hold on the day of their expiry and fail on the next", () => {
    const deviations = [listed({ expires: "2026-11-22" })]
    expect(decide({ ...torn, deviations }).outcome).toBe("deviation")
    const late = decide({ ...torn, deviations, today: "2026-11-23T00:00:01Z" })
    expect(late.outcome).toBe("fail")
    expect(late.reason).toContain("expired on 2026-11-22")
  })

  it("keep a verdict on time that comes and goes from being flaky", () => {
    const deviations = [listed({ anomalies: ["stuck"], rate: 0.3 })]
    expect(decide({ ...base, verdict: found("stuck"), rerun: clean, deviations }).outcome).toBe("deviation")
  })

  it("also cover a SHOULD", () => {
    const deviations = [listed({ check: "live/latency", anomalies: ["silent-live"] })]
    expect(decide({ ...should, verdict: found("silent-live"), deviations }).outcome).toBe("deviation")
  })

  it("never cover a part that could not be used", () => {
    expect(decide({ ...base, verdict: clean, notTestable: "kill", deviations: [listed()] }).outcome).toBe("fail")
  })

  it("that always fail are stale once their check passes on that build", () => {
    const stale = (over: Partial<Deviation>, outcome: "pass" | "deviation" | "unknown") =>
      staleDeviations({
        provider: "mock",
        fingerprint: "1.0.0",
        deviations: [listed(over)],
        checks: [{ id: "push/atomic", outcome }],
      })
    expect(stale({}, "pass")).toHaveLength(1)
    expect(stale({}, "pass")[0]).toContain("push/atomic on mock passes")
    expect(stale({}, "deviation")).toEqual([])
    expect(stale({}, "unknown")).toEqual([])
    expect(stale({ rate: 0.5 }, "pass")).toEqual([])
    expect(stale({ fingerprint: "1.0.1" }, "pass")).toEqual([])
    expect(stale({ provider: "electric" }, "pass")).toEqual([])
  })
})

describe("counting", () => {
  it("counts each outcome by itself", () => {
    const outcomes = [
      "pass",
      "pass",
      "fail",
      "should-fail",
      "deviation",
      "unsupported",
      "flaky",
      "unknown",
      "harness-error",
    ] as const
    expect(summarise(outcomes.map((outcome) => ({ outcome })))).toEqual({
      pass: 2,
      fail: 1,
      shouldFail: 1,
      deviation: 1,
      unsupported: 1,
      flaky: 1,
      unknown: 1,
      harnessError: 1,
    })
  })

  it("says which parts would unlock how many clauses, most first, each clause once", () => {
    expect(
      unlockHints([
        { clause: "life/kill", missingParts: ["process.kill"] },
        { clause: "push/durable", missingParts: ["inspect", "process.kill"] },
        { clause: "push/atomic", missingParts: ["inspect"] },
        { clause: "push/atomic", missingParts: ["inspect"] },
        { clause: "pull/all", missingParts: ["inspect"] },
        { clause: "pull/empty", missingParts: [] },
      ]),
    ).toEqual([
      "add inspect to unlock 2 clauses",
      "add inspect and process.kill to unlock 1 clause",
      "add process.kill to unlock 1 clause",
    ])
  })
})
