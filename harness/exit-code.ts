import type { CheckResult, Run } from "../contract/run.ts"

/*
 * Exit codes. The highest rule that applies wins:
 *
 *   130  stopped by a signal before it was done
 *   3    harness error: a check ended as `harness-error`, or a clause about the harness or its own client failed
 *   1    not conformant: a `fail` of a provider, a stale deviation, or a stray defect or rejection
 *   2    unknown: a MUST that is `unknown` or `flaky`, a provider that was named and is not available, or no
 *        provider ran at all
 *   0    everything as declared
 *
 * SHOULD clauses are reported and move the exit code only through `fail` and `harness-error`. With baselines, a check
 * counts only when no baseline has it with this outcome and this anomaly. A deviation there stands for a failure: one
 * build's list does not hold for another.
 */

/** What decides the exit code of a run. */
export interface ExitInput {
  readonly run: Run
  /** Providers that the caller named: one of them that is not available is exit 2. */
  readonly named: ReadonlyArray<string>
  /** Ended by a signal. */
  readonly interrupted?: boolean
  /** Earlier runs: what was as bad in one of them does not count. */
  readonly baselines?: ReadonlyArray<Run>
}

/** The exit code of a run, by the rules above. */
export const exitCodeOf = (input: ExitInput): 0 | 1 | 2 | 3 | 130 => {
  if (input.interrupted === true) return 130
  const news = newTroubles(input.run, input.baselines ?? [])
  if (news.some(({ code }) => code === 3)) return 3
  if (news.some(({ code }) => code === 1)) return 1
  const missing = input.run.unavailable.some(({ provider }) => input.named.includes(provider))
  return missing || input.run.runs.length === 0 || news.some(({ code }) => code === 2) ? 2 : 0
}

/** What no baseline of a run has, each as "check on provider (outcome, anomaly): why", and the command that runs it again. */
export const newFailures = (run: Run, baselines: ReadonlyArray<Run>): ReadonlyArray<string> =>
  newTroubles(run, baselines).map(({ what, provider, how, why, replay }) => {
    const again = replay === undefined ? "" : `\n    again: ${replay}`
    return `${what} on ${provider} (${how})${why === undefined ? "" : `: ${why}`}${again}`
  })

const newTroubles = (run: Run, baselines: ReadonlyArray<Run>): ReadonlyArray<Trouble> => {
  const known = new Set(baselines.flatMap((baseline) => troubles(withFailures(baseline)).map(keyOf)))
  return troubles(run).filter((trouble) => !known.has(keyOf(trouble)))
}

/** A run whose deviations are the failures that they were listed for. */
const withFailures = (run: Run): Run => ({
  ...run,
  runs: run.runs.map((one) => ({
    ...one,
    checks: one.checks.map((check) => (check.outcome === "deviation" ? { ...check, outcome: "fail" } : check)),
  })),
})

interface Trouble {
  readonly code: 1 | 2 | 3
  readonly provider: string
  readonly what: string
  readonly how: string
  readonly why?: string
  readonly replay?: string
}

const keyOf = (trouble: Trouble): string => JSON.stringify([trouble.provider, trouble.what, trouble.how])

const troubles = (run: Run): ReadonlyArray<Trouble> =>
  run.runs.flatMap(({ provider, checks, stale, strays }) => [
    ...checks.flatMap((check): ReadonlyArray<Trouble> => {
      const code = codeOf(check)
      if (code === 0) return []
      const how = check.anomaly === undefined ? check.outcome : `${check.outcome}, ${check.anomaly}`
      const { replay, reason: why } = check
      return [{ code, provider, what: check.id, how, replay, ...(why === undefined ? {} : { why }) }]
    }),
    ...stale.map((line): Trouble => ({ code: 1, provider, what: "stale deviation", how: line })),
    ...strays.map((line): Trouble => ({ code: 1, provider, what: "stray", how: line })),
  ])

const codeOf = (check: CheckResult): 0 | 1 | 2 | 3 => {
  switch (check.outcome) {
    case "harness-error":
      return 3
    case "fail":
      return check.subject === "provider" ? 1 : 3
    case "unknown":
    case "flaky":
      return check.level === "MUST" ? 2 : 0
    default:
      return 0
  }
}
