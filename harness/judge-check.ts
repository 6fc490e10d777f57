import { catalogue } from "../contract/catalogue/index.ts"
import { claimable } from "../contract/catalogue/requirements.ts"
import type { Deviation } from "../contract/deviation.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { HostPart, Provider } from "../contract/provider.ts"
import type { CheckResult } from "../contract/run.ts"
import { judge, type Verdict } from "../history/judge.ts"
import { logLines } from "../history/log-lines.ts"
import { absentParts, missingParts } from "./absent-parts.ts"
import type { Check } from "./check.ts"
import { decide, mostTelling, needsRerun } from "./outcome.ts"
import { replayCommand } from "./replay-command.ts"
import type { CheckRun } from "./run-check.ts"
import type { Session } from "./session.ts"

/** What the outcome of a check hangs on beside its record. */
export interface JudgeOptions {
  readonly provider: Provider
  readonly fingerprint: string
  readonly deviations: ReadonlyArray<Deviation>
  /** ISO date. */
  readonly today: string
  readonly seed: number
  readonly session: Session
  /** The check has waited for its place and begins. */
  readonly onBegin?: () => void
}

/** A check's result and the records of the run that it was decided from. */
export interface JudgedCheck {
  readonly result: CheckResult
  readonly records: ReadonlyArray<HistoryRecord>
  readonly missingParts: ReadonlyArray<HostPart>
}

/** Requirements about Cloudflare's platform are claimed only where the log lies on it. */
const runsOnCloudflare = (provider: Provider): boolean => ["do-sqlite", "d1"].includes(provider.capabilities.storage)

/** How many lines of the backend's log a result carries; the record has more. */
const loggedLines = 20
const quietOutcomes: ReadonlySet<CheckResult["outcome"]> = new Set(["pass", "unsupported", "deviation"])

/** Runs one check to its outcome: premises of the host first, then the run, and a rerun where time alone decided. */
export const judgeCheck = async (check: Check, options: JudgeOptions): Promise<JudgedCheck> => {
  const { provider, session, seed } = options
  const clause = catalogue.find(({ id }) => id === check.clause)
  if (clause === undefined)
    throw new Error(`check ${check.id} names the clause ${check.clause}, which is not in the catalogue`)
  let fromMs = performance.now()
  const begin = () => {
    fromMs = performance.now()
    options.onBegin?.()
  }
  const host = await session.host().catch((error: unknown) => String(error))
  const missing = typeof host === "string" ? [] : missingParts(host, check)
  const unsupported = check.unsupported?.(provider.capabilities) ?? absentParts(missing, provider.capabilities)
  const unknownParts = unsupported === undefined ? missing : []

  const runs = unsupported === undefined && unknownParts.length === 0 && typeof host !== "string"
  const first = runs ? frozen(await session.run(check, seed, 0, begin)) : undefined
  const verdict = first === undefined ? undefined : judge(first.records)
  const harnessError =
    first?.harnessError ?? (typeof host === "string" ? `the host would not start: ${host}` : undefined)
  const decideWith = (rerun: Verdict | undefined) =>
    decide({
      check: { id: check.id, clause: check.clause, level: clause.level },
      provider: provider.key,
      fingerprint: options.fingerprint,
      deviations: options.deviations,
      today: options.today,
      missingParts: unknownParts,
      ...(harnessError === undefined ? {} : { harnessError }),
      ...(unsupported === undefined ? {} : { unsupported }),
      ...(first?.notTestable === undefined ? {} : { notTestable: first.notTestable }),
      ...(verdict === undefined ? {} : { verdict }),
      ...(rerun === undefined ? {} : { rerun }),
    })
  const once = decideWith(undefined)
  // What is listed already needs no second look.
  const again =
    (once.outcome === "fail" || once.outcome === "should-fail") &&
    verdict !== undefined &&
    needsRerun(verdict, provider.world)
  const second = again ? frozen(await session.run(check, seed, 1)) : undefined
  const rerun = second === undefined ? undefined : judge(second.records)
  const decided = rerun === undefined ? once : decideWith(rerun)
  const shown = decided.from === "rerun" ? rerun : verdict
  const records = (decided.from === "rerun" ? second : first)?.records ?? []
  const log = quietOutcomes.has(decided.outcome) ? [] : logLines(records, loggedLines)
  return {
    records,
    missingParts: unknownParts,
    result: {
      id: check.id,
      clause: check.clause,
      level: clause.level,
      subject: clause.subject,
      verifies: claimable(clause.verifies, { cloudflare: runsOnCloudflare(provider), realClients: false }),
      outcome: decided.outcome,
      ms: Math.round(performance.now() - fromMs),
      seed,
      ...(decided.reason === undefined ? {} : { reason: decided.reason }),
      ...(decided.anomaly === undefined ? {} : { anomaly: decided.anomaly }),
      found: shown?.found ?? 0,
      anomalies: mostTelling(shown?.anomalies ?? []),
      ...(log.length === 0 ? {} : { log }),
      replay: replayCommand({ provider: provider.key, check: check.id, seed }),
    },
  }
}

/** The run as it is judged: what a stuck operation still adds afterwards is in no verdict, and so in no file. */
const frozen = (run: CheckRun): CheckRun => ({ ...run, records: [...run.records] })
