import type { Deviation } from "../contract/deviation.ts"
import type { CheckResult, ProviderRun, Run } from "../contract/run.ts"
import { judge } from "../history/judge.ts"
import type { Section } from "../history/ndjson.ts"
import { decide, mostTelling, staleDeviations, summarise, type Decision, type Judgement } from "./outcome.ts"

/** A check whose outcome or anomaly is another than it was. */
export interface Rejudged {
  readonly provider: string
  readonly check: string
  readonly before: string
  readonly after: string
}

/**
 * Judges one check again from its section. What its outcome hangs on beside the record stays as it was: parts that
 * the host lacked, capabilities, mistakes of the harness, and that a rerun of a flaky check found nothing.
 */
export const rejudgeCheck = (
  result: CheckResult,
  section: Section,
  context: { readonly run: ProviderRun; readonly deviations: ReadonlyArray<Deviation>; readonly today: string },
): CheckResult => {
  if (result.outcome === "harness-error" || result.outcome === "unsupported") return result
  const verdict = judge(section.records)
  const notTestable = /^not testable: (.*)$/s.exec(result.reason ?? "")?.[1]
  const rerun: Judgement = { anomalies: [], found: 0, unjudged: undefined }
  const decision = decide({
    check: result,
    provider: context.run.provider,
    fingerprint: context.run.fingerprint,
    deviations: context.deviations,
    today: context.today,
    missingParts: [],
    verdict,
    ...(notTestable === undefined ? {} : { notTestable }),
    ...(result.outcome === "flaky" ? { rerun } : {}),
  })
  return withVerdict(result, verdict, decision)
}

const withVerdict = (result: CheckResult, verdict: Judgement, decision: Decision): CheckResult => {
  const { reason: _reason, anomaly: _anomaly, ...rest } = result
  return {
    ...rest,
    outcome: decision.outcome,
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
    ...(decision.anomaly === undefined ? {} : { anomaly: decision.anomaly }),
    found: verdict.found,
    anomalies: mostTelling(verdict.anomalies),
  }
}

/** The run with these results in place of its own, counted again. */
export const withResults = (
  run: Run,
  results: ReadonlyMap<string, CheckResult>,
  deviations: ReadonlyArray<Deviation>,
): Run => ({
  ...run,
  runs: run.runs.map((one) => {
    const checks = one.checks.map((check) => results.get(resultKey(one.provider, check.id)) ?? check)
    const { provider, fingerprint } = one
    return {
      ...one,
      checks,
      summary: summarise(checks),
      stale: staleDeviations({ provider, fingerprint, deviations, checks }),
    }
  }),
})

/** Names one result of a run. */
export const resultKey = (provider: string, check: string): string => `${provider} ${check}`

/** What is another in the second of two runs. */
export const changes = (before: Run, after: Run): ReadonlyArray<Rejudged> => {
  const tell = ({ outcome, anomaly }: CheckResult) => (anomaly === undefined ? outcome : `${outcome} (${anomaly})`)
  const old = new Map(
    before.runs.flatMap((run) => run.checks.map((check) => [resultKey(run.provider, check.id), check])),
  )
  return after.runs.flatMap(({ provider, checks }) =>
    checks.flatMap((check): ReadonlyArray<Rejudged> => {
      const was = old.get(resultKey(provider, check.id))
      return was === undefined || tell(was) === tell(check)
        ? []
        : [{ provider, check: check.id, before: tell(was), after: tell(check) }]
    }),
  )
}
