import type { AnomalyName } from "../contract/anomaly.ts"
import type { CheckResult, Outcome, Run } from "../contract/run.ts"
import type { Plan } from "../contract/scenario.ts"
import { partsFor } from "../workloads/nemesis/index.ts"

/** How one replay ended. */
export interface Replayed {
  readonly outcome: Outcome
  readonly reason?: string
  readonly anomaly?: AnomalyName
  /** Everything that it found, the gravest first; a plan may be about another one than that. */
  readonly found?: ReadonlyArray<AnomalyName>
}

/** What `replay --json` says. */
export interface ReplayDocument {
  readonly schema: 1
  readonly provider: string
  readonly times: number
  readonly reproduced: number
  readonly outcome: Outcome
  readonly anomaly?: AnomalyName
}

/** The replays of a run of the suites. */
export const replaysOf = (run: Run): ReadonlyArray<Replayed> =>
  run.runs.flatMap(({ checks }) =>
    checks.map(({ outcome, reason, anomaly, anomalies }: CheckResult) => ({
      outcome,
      ...(reason === undefined ? {} : { reason }),
      ...(anomaly === undefined ? {} : { anomaly }),
      found: anomalies.map(({ name }) => name),
    })),
  )

/** A replay that could not be judged for want of a part of the host says which fault of the plan needs it. */
export const namingFault = (plan: Plan, run: Replayed): Replayed => {
  const { outcome, reason } = run
  if (plan.kind === "check" || outcome !== "unknown" || reason === undefined) return run
  const fault = plan.faults.find(({ fault: { kind } }) => partsFor(kind).some((part) => reason.includes(part)))
  return fault === undefined
    ? run
    : { ...run, reason: `${reason} (fault "${fault.key}", ${fault.fault.kind}, of the plan needs it)` }
}

/** Whether a replay shows what the plan is about: its expected anomaly where it names one, any failure where it does not. */
export const shows = (plan: Plan, { outcome, anomaly, found = [] }: Replayed): boolean => {
  const wanted = plan.expect?.anomaly
  const failed = outcome !== "pass" && outcome !== "unsupported" && outcome !== "unknown"
  return failed && (wanted === undefined || anomaly === wanted || found.includes(wanted))
}

/** What so many replays come to: the first that shows it stands for all. */
export const summed = (plan: Plan, provider: string, runs: ReadonlyArray<Replayed>): ReplayDocument => {
  const shown = runs.find((run) => shows(plan, run)) ?? runs[0]
  return {
    schema: 1,
    provider,
    times: runs.length,
    reproduced: runs.filter((run) => shows(plan, run)).length,
    outcome: shown?.outcome ?? "unknown",
    ...(shown?.anomaly === undefined ? {} : { anomaly: shown.anomaly }),
  }
}

/** Exit code of replays that made no run of the suites: that of the gravest. */
export const exitOf = (runs: ReadonlyArray<Replayed>): number => {
  const codes = new Set(
    runs.map(({ outcome }) => {
      if (outcome === "harness-error") return 3
      if (outcome === "fail") return 1
      return outcome === "unknown" || outcome === "flaky" ? 2 : 0
    }),
  )
  return ([3, 1, 2] as const).find((code) => codes.has(code)) ?? 0
}
