import type { Deviation } from "../contract/deviation.ts"
import type { CheckResult, Run } from "../contract/run.ts"
import { byProviderAndCheck } from "../providers/deviations/known-failure.ts"

/** How long a new entry holds, in days: a list that nobody looks at any more must not hide failures for ever. */
const holdsDays = 90

interface UpdateInput {
  /** Runs of one build; several show how often a check fails. */
  readonly runs: ReadonlyArray<Run>
  readonly known: ReadonlyArray<Deviation>
  /** Providers whose failures may be listed. */
  readonly mayDeviate: (provider: string) => boolean
  readonly today: Date
}

/** One check of one provider over all runs. */
interface Seen {
  readonly provider: string
  readonly fingerprint: string
  readonly check: string
  readonly results: ReadonlyArray<CheckResult>
}

/**
 * The list with the failures of runs in it. An entry that says "always" and whose check passed is taken off, one of
 * another build that fails again is taken over with its reason and issue; what the runs did not judge stays.
 */
export const updatedDeviations = (input: UpdateInput): ReadonlyArray<Deviation> => {
  const all = seenIn(input.runs).filter(({ provider }) => input.mayDeviate(provider))
  const byKey = new Map(all.map((seen) => [key(seen.provider, seen.check), seen]))
  const kept = input.known.filter((known) => {
    const seen = byKey.get(key(known.provider, known.check))
    // A failure is listed anew below; a pass proves an entry wrong only if it says that the check always fails.
    if (seen === undefined) return true
    if (seen.results.some(isFailure)) return false
    return known.rate !== "always" || !seen.results.some(({ outcome }) => outcome === "pass")
  })
  const listed = all.filter(({ results }) => results.some(isFailure)).map((seen) => entryOf(seen, input))
  return [...kept, ...listed].sort(byProviderAndCheck)
}

const seenIn = (runs: ReadonlyArray<Run>): ReadonlyArray<Seen> => {
  const seen = new Map<string, Seen & { readonly results: Array<CheckResult> }>()
  for (const { provider, fingerprint, checks } of runs.flatMap((run) => run.runs)) {
    for (const check of checks) {
      const entry = seen.get(key(provider, check.id)) ?? { provider, fingerprint, check: check.id, results: [] }
      // A run of another build says nothing about this one.
      if (entry.fingerprint === fingerprint) entry.results.push(check)
      seen.set(key(provider, check.id), entry)
    }
  }
  return [...seen.values()]
}

const entryOf = (seen: Seen, { runs, known, today }: UpdateInput): Deviation => {
  const { provider, fingerprint, check, results } = seen
  const earlier = known.find((entry) => entry.provider === provider && entry.check === check)
  const same = earlier?.fingerprint === fingerprint ? earlier : undefined
  const failures = results.filter(isFailure)
  const judged = failures.length + results.filter(({ outcome }) => outcome === "pass").length
  const counted = failures.length === judged ? "always" : Number((failures.length / judged).toFixed(2))
  const allListed = failures.every(({ outcome }) => outcome === "deviation")
  const inDays = new Date(today.getTime() + holdsDays * 86_400_000).toISOString().slice(0, 10)
  return {
    check,
    provider,
    fingerprint,
    anomalies: [
      ...new Set([
        ...(same?.anomalies ?? []),
        ...failures.flatMap(({ anomalies }) => anomalies.map(({ name }) => name)),
      ]),
    ],
    rate: runs.length > 1 ? counted : (earlier?.rate ?? counted),
    reason: earlier?.reason ?? failures[0]?.reason ?? "",
    ...(earlier?.demonstration === undefined ? {} : { demonstration: earlier.demonstration }),
    issue: earlier?.issue ?? "untracked",
    expires: same !== undefined && allListed ? same.expires : inDays,
  }
}

/** A failure of the provider that shows an anomaly: what could not be tested cannot be listed. */
const isFailure = ({ outcome, subject, anomalies }: CheckResult): boolean =>
  (outcome === "fail" || outcome === "should-fail" || outcome === "deviation") &&
  subject === "provider" &&
  anomalies.length > 0

const key = (provider: string, check: string): string => `${provider} ${check}`
