import type { AnomalyName } from "../../contract/anomaly.ts"
import { clauseById } from "../../contract/catalogue/index.ts"
import type { CheckResult, Outcome } from "../../contract/run.ts"
import type { Check } from "../check.ts"
import { replayCommand } from "../replay-command.ts"

/** Why a check has no result of its own. */
export interface Unreported {
  readonly outcome: Extract<Outcome, "fail" | "unknown" | "harness-error">
  readonly reason: string
  readonly anomaly?: AnomalyName
}

/**
 * The result of a check that did not report, whatever its level: a process that dies has broken more than a
 * SHOULD.
 */
export const unreported = (check: Check, provider: string, seed: number, why: Unreported): CheckResult => {
  const clause = clauseById(check.clause)
  return {
    id: check.id,
    clause: check.clause,
    level: clause?.level ?? "MUST",
    subject: clause?.subject ?? "provider",
    verifies: clause?.verifies ?? [],
    outcome: why.outcome,
    ms: 0,
    seed,
    reason: why.reason,
    ...(why.anomaly === undefined ? {} : { anomaly: why.anomaly }),
    found: why.anomaly === undefined ? 0 : 1,
    anomalies: why.anomaly === undefined ? [] : [{ name: why.anomaly, sentence: why.reason, records: [] }],
    replay: replayCommand({ provider, check: check.id, seed }),
  }
}
