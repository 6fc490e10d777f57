import type { Deviation } from "../contract/deviation.ts"
import type { Provider } from "../contract/provider.ts"
import type { CheckResult, ProviderRun } from "../contract/run.ts"
import type { Check } from "./check.ts"

/** What a run of one provider needs. */
export interface RunProviderOptions {
  readonly provider: Provider
  readonly checks: ReadonlyArray<Check>
  /** All checks there are, where only some were chosen: what `clausesWithoutCheck` counts. */
  readonly allChecks?: ReadonlyArray<Check>
  readonly seed: number
  /** `backend` and `container`: every check gets a host of its own. Default `store`. */
  readonly reset?: "store" | "backend" | "container"
  /** Also measure what a store costs the platform, beside the checks: a minute, nearly all of it waiting. */
  readonly costs?: boolean
  readonly deviations: ReadonlyArray<Deviation>
  /** Ends the run early: hosts are stopped, what has not reported becomes `unknown`. */
  readonly signal: AbortSignal
  /** A check begins. */
  readonly onStart?: (check: Check) => void
  /** A check has its outcome. */
  readonly onResult?: (result: CheckResult) => void
  /** Takes the history of one check as it is written: ndjson, whole lines, long arguments as digests. */
  readonly onHistory?: (ndjson: string) => void
}

/** Runs checks on one provider. Never rejects: what goes wrong in the harness is a `harness-error`. */
export type RunProvider = (options: RunProviderOptions) => Promise<ProviderRun>
