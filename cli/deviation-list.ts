import type { Deviation, DeviationList } from "../contract/deviation.ts"
import type { CheckResult, Run } from "../contract/run.ts"

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
  return [...kept, ...listed].sort((a, b) => compare(a.provider, b.provider) || compare(a.check, b.check))
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
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The list as the TypeScript module that the runner reads: one list for each build and day of expiry. */
export const deviationsModule = (deviations: ReadonlyArray<Deviation>): string =>
  `import { deviationsIn } from "../contract/deviation.ts"\n\n` +
  `/**\n * Known failures of providers that the harness did not write. Written by "gauntlet deviations --write"; reasons and\n` +
  ` * issues by people. Without a rate an entry always fails, without an issue it is untracked.\n */\n` +
  `export const deviations = deviationsIn([${listsOf(deviations).map(listText).join("")}${deviations.length > 0 ? "\n" : ""}])\n`

const listsOf = (deviations: ReadonlyArray<Deviation>): ReadonlyArray<DeviationList> => {
  const lists = new Map<string, DeviationList & { readonly entries: Array<DeviationList["entries"][number]> }>()
  for (const { provider, fingerprint, expires, rate, issue, ...entry } of deviations) {
    const build = JSON.stringify([provider, fingerprint, expires])
    const list = lists.get(build) ?? { provider, fingerprint, expires, entries: [] }
    list.entries.push({
      ...entry,
      ...(rate === "always" ? {} : { rate }),
      ...(issue === "untracked" ? {} : { issue }),
    })
    lists.set(build, list)
  }
  return [...lists.values()]
}

const listText = ({ entries, ...build }: DeviationList): string =>
  `\n  {\n${members(build, "    ")}    entries: [\n${entries.map(entryText).join("")}    ],\n  },`

const entryText = ({
  check,
  anomalies,
  rate,
  reason,
  demonstration,
  issue,
}: DeviationList["entries"][number]): string =>
  `      {\n${members({ check, anomalies, rate, reason, demonstration, issue }, "        ")}      },\n`

/** Members as the formatter has them: what does not fit into a line stands on the next. */
const members = (of: Record<string, Value>, indent: string): string =>
  Object.entries(of)
    .flatMap(([name, value]) => (value === undefined ? [] : [member(name, value, indent)]))
    .join("")

type Value = string | number | ReadonlyArray<string> | undefined

const member = (name: string, value: NonNullable<Value>, indent: string): string => {
  const text =
    typeof value === "object" ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(value)
  const line = `${indent}${name}: ${text},`
  if (line.length <= 120) return `${line}\n`
  if (typeof value !== "object") return `${indent}${name}:\n${indent}  ${text},\n`
  return `${indent}${name}: [\n${value.map((one) => `${indent}  ${JSON.stringify(one)},\n`).join("")}${indent}],\n`
}
