import type { Deviation } from "../contract/deviation.ts"
import type { CheckResult, Run } from "../contract/run.ts"

/** How long a new entry holds, in days: a list that nobody looks at any more must not hide failures for ever. */
export const holdsDays = 90

/**
 * The list with the failures of a run in it. An entry that says "always" and whose check passed is taken off, one
 * of another build that fails again is taken over with its reason, issue and rate; what the run did not judge stays.
 */
export const updatedDeviations = (input: {
  readonly run: Run
  readonly known: ReadonlyArray<Deviation>
  /** Providers whose failures may be listed. */
  readonly mayDeviate: (provider: string) => boolean
  readonly today: Date
}): ReadonlyArray<Deviation> => {
  const expires = new Date(input.today.getTime() + holdsDays * 86_400_000).toISOString().slice(0, 10)
  const judged = new Map(
    input.run.runs.flatMap((run) => run.checks.map((check) => [key(run.provider, check.id), { check }] as const)),
  )
  const kept = input.known.filter((known) => {
    const now = judged.get(key(known.provider, known.check))
    if (now === undefined || !input.mayDeviate(known.provider)) return true
    // A failure is listed anew below; a pass proves an entry wrong only if it says that the check always fails.
    if (isFailure(now.check)) return false
    return now.check.outcome !== "pass" || known.rate !== "always"
  })
  const listed = input.run.runs
    .filter(({ provider }) => input.mayDeviate(provider))
    .flatMap(({ provider, fingerprint, checks }) =>
      checks.filter(isFailure).map((check): Deviation => {
        const earlier = input.known.find((known) => known.provider === provider && known.check === check.id)
        const same = earlier?.fingerprint === fingerprint
        const seen = check.anomalies.map(({ name }) => name)
        return {
          check: check.id,
          provider,
          fingerprint,
          anomalies: [...new Set([...(same ? earlier.anomalies : []), ...seen])],
          rate: earlier?.rate ?? "always",
          reason: earlier?.reason ?? check.reason ?? "",
          issue: earlier?.issue ?? "untracked",
          expires: same && check.outcome === "deviation" ? earlier.expires : expires,
        }
      }),
    )
  return [...kept, ...listed].sort((a, b) => compare(a.provider, b.provider) || compare(a.check, b.check))
}

/** A failure of the provider that shows an anomaly: what could not be tested cannot be listed. */
const isFailure = ({ outcome, subject, anomalies }: CheckResult): boolean =>
  (outcome === "fail" || outcome === "should-fail" || outcome === "deviation") &&
  subject === "provider" &&
  anomalies.length > 0

const key = (provider: string, check: string): string => `${provider} ${check}`
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The list as the TypeScript module that the runner reads. */
export const deviationsModule = (deviations: ReadonlyArray<Deviation>): string =>
  `import type { Deviation } from "../contract/deviation.ts"\n\n` +
  `/** Known failures of providers that the harness did not write. Written by gauntlet deviations --write; reasons and issues by people. */\n` +
  `export const deviations: ReadonlyArray<Deviation> = [${deviations.map(entry).join("")}${deviations.length > 0 ? "\n" : ""}]\n`

const entry = (deviation: Deviation): string =>
  `\n  {\n${Object.entries(deviation)
    .map(
      ([name, value]) =>
        `    ${name}: ${Array.isArray(value) ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(value)},\n`,
    )
    .join("")}  },`
