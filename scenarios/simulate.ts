import type { Anomaly } from "../contract/anomaly.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Provider } from "../contract/provider.ts"
import type { Outcome } from "../contract/run.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import { tryCheck } from "../harness/trial.ts"
import { planCheck } from "../workloads/plan-check.ts"
import { faultCoverage, type FaultCoverage } from "./coverage.ts"
import { withoutClocks } from "./without-clocks.ts"

/** How one run of a plan in the virtual world ended. */
export interface Simulated extends FaultCoverage {
  readonly outcome: Outcome
  readonly reason?: string
  /** What decided, where it failed. */
  readonly anomaly?: Anomaly
  readonly records: ReadonlyArray<HistoryRecord>
}

/** Runs a plan once on a provider of the virtual world and judges the record. The same plan gives the same run. */
export const simulate = (provider: Provider, plan: StepsPlan): Simulated => {
  const { outcome, reason, anomalies, records } = withoutClocks(() => tryCheck(provider, planCheck(plan), plan.seed))
  const anomaly = outcome === "fail" || outcome === "should-fail" ? anomalies[0] : undefined
  return {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(anomaly === undefined ? {} : { anomaly }),
    records,
    ...faultCoverage(records),
  }
}

/** Whether a run shows that something is wrong: with the provider, or with the harness. */
export const isFailure = ({ outcome }: Pick<Simulated, "outcome">): boolean => outcome !== "pass"

/** What a failure is called: by its anomaly, or by how it ended. */
export const nameOf = ({ anomaly, outcome }: Pick<Simulated, "anomaly" | "outcome">): string => anomaly?.name ?? outcome
