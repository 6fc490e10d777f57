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
 * SHOULD clauses are reported and move the exit code only through `fail` and `harness-error`. With a baseline, a
 * check counts only when its outcome or its anomaly is another than in the baseline.
 */

/** What decides the exit code of a run. */
export interface ExitInput {
  readonly run: Run
  /** Providers that the caller named: one of them that is not available is exit 2. */
  readonly named: ReadonlyArray<string>
  /** Ended by a signal. */
  readonly interrupted?: boolean
  /** An earlier run: what was as bad there already does not count. */
  readonly baseline?: Run
}

/** The exit code of a run, by the rules above. */
export const exitCodeOf = (input: ExitInput): 0 | 1 | 2 | 3 | 130 => {
  if (input.interrupted === true) return 130
  const known = input.baseline === undefined ? new Set<string>() : new Set(troubles(input.baseline).map(keyOf))
  const news = troubles(input.run).filter((trouble) => !known.has(keyOf(trouble)))
  if (news.some(({ code }) => code === 3)) return 3
  if (news.some(({ code }) => code === 1)) return 1
  const missing = input.run.unavailable.some(({ provider }) => input.named.includes(provider))
  return missing || input.run.runs.length === 0 || news.some(({ code }) => code === 2) ? 2 : 0
}

/** Failures of a run that its baseline does not have, as "check on provider". */
export const newFailures = (run: Run, baseline: Run): ReadonlyArray<string> => {
  const known = new Set(troubles(baseline).map(keyOf))
  return troubles(run)
    .filter((trouble) => !known.has(keyOf(trouble)))
    .map(({ what, provider }) => `${what} on ${provider}`)
}

interface Trouble {
  readonly code: 1 | 2 | 3
  readonly provider: string
  readonly what: string
  readonly how: string
}

const keyOf = (trouble: Trouble): string => JSON.stringify([trouble.provider, trouble.what, trouble.how])

const troubles = (run: Run): ReadonlyArray<Trouble> =>
  run.runs.flatMap(({ provider, checks, stale, strays }) => [
    ...checks.flatMap((check): ReadonlyArray<Trouble> => {
      const code = codeOf(check)
      return code === 0 ? [] : [{ code, provider, what: check.id, how: `${check.outcome} ${check.anomaly ?? ""}` }]
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
