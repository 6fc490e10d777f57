import type { Anomaly, AnomalyName } from "../contract/anomaly.ts"
import { catalogue } from "../contract/catalogue/index.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Provider } from "../contract/provider.ts"
import type { Outcome } from "../contract/run.ts"
import { judge } from "../history/judge.ts"
import { mock } from "../providers/mock/provider.ts"
import { planted, type Mutant } from "../providers/mutants/mutant.ts"
import type { Check } from "./check.ts"
import { decide } from "./outcome.ts"
import { virtualRun } from "./virtual-run.ts"

/** How one check ended once, on a provider of the virtual world, under one seed. */
export interface Trial {
  readonly check: string
  readonly seed: number
  readonly outcome: Outcome
  /** Why it is not a pass. */
  readonly reason?: string
  /** What the record shows; the first few of each name. */
  readonly anomalies: ReadonlyArray<Anomaly>
  readonly records: ReadonlyArray<HistoryRecord>
}

/** A trial with a planted bug: how far the record was each time that the bug made something wrong. */
export interface PlantedTrial extends Trial {
  readonly fires: ReadonlyArray<number>
}

/** What a trial may do otherwise than a run of the suites. */
export interface TrialOptions {
  /** Anomalies that the judge does not look for. */
  readonly except?: ReadonlySet<AnomalyName>
}

/** Runs one check once and decides its outcome, without deviations. */
export const tryCheck = (
  provider: Provider,
  check: Check,
  seed: number,
  options: TrialOptions & { readonly onRecorder?: Parameters<typeof virtualRun>[3] } = {},
): Trial => {
  const clause = catalogue.find(({ id }) => id === check.clause)
  if (clause === undefined) throw new Error(`check ${check.id} names the clause ${check.clause}, which does not exist`)
  const run = virtualRun(provider, check, seed, options.onRecorder)
  const verdict = judge(run.records, options.except === undefined ? {} : { except: options.except })
  const { outcome, reason } = decide({
    check: { id: check.id, clause: check.clause, level: clause.level },
    provider: provider.key,
    fingerprint: "trial",
    deviations: [],
    today: "2026-01-01",
    missingParts: [],
    verdict,
    ...(run.harnessError === undefined ? {} : { harnessError: run.harnessError }),
    ...(run.notTestable === undefined ? {} : { notTestable: run.notTestable }),
  })
  const { records } = run
  const told = { check: check.id, seed, outcome, anomalies: verdict.anomalies, records }
  return reason === undefined ? told : { ...told, reason }
}

/** The same without a bug: what a trial with one is held against. */
export const tryClean = (check: Check, seed: number): Trial => tryCheck(mock, check, seed)

/** Runs one check once on the mock with this bug in it. */
export const tryMutant = (mutant: Mutant, check: Check, seed: number, options: TrialOptions = {}): PlantedTrial => {
  let soFar: ReadonlyArray<HistoryRecord> = []
  const fires: Array<number> = []
  const { provider } = planted(mutant, () => {
    if (fires.at(-1) !== soFar.length) fires.push(soFar.length)
  })
  const onRecorder = (recorder: { readonly records: () => ReadonlyArray<HistoryRecord> }) => {
    soFar = recorder.records()
  }
  return { ...tryCheck(provider, check, seed, { ...options, onRecorder }), fires }
}
