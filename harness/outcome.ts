import { anomalies as byGravity, timedAnomalies, type Anomaly, type AnomalyName } from "../contract/anomaly.ts"
import type { Level } from "../contract/clause.ts"
import type { Deviation } from "../contract/deviation.ts"
import type { HostPart } from "../contract/provider.ts"
import type { CheckResult, Outcome, Summary } from "../contract/run.ts"

/*
 * Outcome policy: what a check's verdict means. The rules, in the order in which they are asked:
 *
 *  1. The harness made a mistake: `harness-error`. Nothing that the record says can be trusted.
 *  2. The provider's capabilities choose a branch in which the clause does not apply: `unsupported`.
 *  3. The host does not offer a part that the check needs: `unknown`, with the part to add.
 *  4. No verdict came: `fail`. A declared check that never reports is a failure.
 *  5. A safety anomaly was found: `fail` on first sight, whatever a rerun says.
 *  6. The host offers a part that then could not be used: `fail`, "not testable: …".
 *  7. Only anomalies of time were found: the record could not be judged: `unknown`; the rerun found an anomaly
 *     too, or there was none (the virtual world repeats itself): `fail`; the rerun found nothing: `flaky`, which
 *     is never a pass.
 *  8. Nothing was found, but the record could not be judged: `unknown`.
 *  9. Nothing was found: `pass`.
 *
 * A `fail` or `flaky` by 5 to 7 (but not an untestable part) then becomes
 *  - `deviation`, when a listed deviation of this check, provider and fingerprint names every anomaly found and
 *    has not expired. Another anomaly, or one day past its date: it stays what it was.
 *  - `should-fail` (a `fail`, untestable parts too), when the clause is a SHOULD; but not when an anomaly was
 *    found that no SHOULD clause is about (`neverOnlyShould`): lost data is lost whichever check saw it.
 */

/** What the checkers say about one record. `unjudged` is why it could not be judged, if it could not. */
export interface Judgement {
  readonly anomalies: ReadonlyArray<Anomaly>
  readonly found: number
  readonly unjudged: string | undefined
}

/** All that an outcome hangs on. */
export interface OutcomeInput {
  readonly check: { readonly id: string; readonly clause: string; readonly level: Level }
  readonly provider: string
  readonly fingerprint: string
  readonly deviations: ReadonlyArray<Deviation>
  /** ISO date (or date and time) on which deviations are held against their expiry. */
  readonly today: string
  /** A mistake of the harness itself. */
  readonly harnessError?: string
  /** What `Check.unsupported` said. */
  readonly unsupported?: string
  /** Parts that the check needs and the host does not offer. */
  readonly missingParts: ReadonlyArray<HostPart>
  /** A part that the host offers and that failed when used: what and how. */
  readonly notTestable?: string
  /** Absent when the check never reported. */
  readonly verdict?: Judgement
  /** The verdict of the second run, where `needsRerun` asked for one. */
  readonly rerun?: Judgement
}

/** An outcome, why it is not a pass, and the anomaly that decided. `from` names the run that the report shows. */
export interface Decision {
  readonly outcome: Outcome
  readonly reason?: string
  readonly anomaly?: AnomalyName
  readonly from: "first" | "rerun"
}

/** Anomalies that break a MUST wherever they are seen: a SHOULD check that finds one fails. */
const neverOnlyShould: ReadonlySet<AnomalyName> = new Set([
  "lost-ack",
  "torn-batch",
  "corrupted",
  "refused-but-stored",
  "duplicate",
  "store-bleed",
  "payload-bleed",
])

/** Whether a verdict hangs on time alone, so that one rerun after a reset may show it to be flaky (real time only). */
export const needsRerun = (verdict: Judgement, world: "virtual" | "real"): boolean =>
  world === "real" && verdict.unjudged === undefined && onlyTimed(verdict)

/** The outcome of one check on one provider. */
export const decide = (input: OutcomeInput): Decision => {
  const { verdict, rerun, missingParts } = input
  if (input.harnessError !== undefined) return decision("harness-error", input.harnessError)
  if (input.unsupported !== undefined) return decision("unsupported", input.unsupported)
  if (missingParts.length > 0) {
    return decision("unknown", `the host does not offer ${listed(missingParts)}; add it to have this clause judged`)
  }
  if (verdict === undefined) return decision("fail", "declared, but it never reported")
  if (verdict.anomalies.some(isSafety)) return failure(input, verdict.anomalies, "first")
  if (input.notTestable !== undefined) return untestable(input)
  if (verdict.anomalies.length > 0) {
    if (verdict.unjudged !== undefined) return decision("unknown", verdict.unjudged)
    if (rerun === undefined) return failure(input, verdict.anomalies, "first")
    if (rerun.anomalies.some(isSafety)) return failure(input, rerun.anomalies, "rerun")
    if (rerun.anomalies.length > 0) return failure(input, verdict.anomalies, "first")
    return flaky(input, verdict, rerun)
  }
  if (verdict.unjudged !== undefined) return decision("unknown", verdict.unjudged)
  return { outcome: "pass", from: "first" }
}

/** The gravest first; the order among equals stays. */
const gravestFirst = (found: ReadonlyArray<Anomaly>): ReadonlyArray<Anomaly> =>
  [...found].sort((a, b) => byGravity.indexOf(a.name) - byGravity.indexOf(b.name))

/** How many anomalies a result tells where there are more than names. */
const toldAnomalies = 5

/** The anomalies that a result tells, gravest first: one of each name, then more until there are five. */
export const mostTelling = (found: ReadonlyArray<Anomaly>): CheckResult["anomalies"] => {
  const ordered = gravestFirst(found)
  const firsts = ordered.filter(({ name }, n) => ordered.findIndex((other) => other.name === name) === n)
  const others = ordered
    .filter((anomaly) => !firsts.includes(anomaly))
    .slice(0, Math.max(0, toldAnomalies - firsts.length))
  return gravestFirst([...firsts, ...others]).map(({ name, sentence, records }) => ({ name, sentence, records }))
}

/** How often each outcome occurs. */
export const summarise = (checks: ReadonlyArray<Pick<CheckResult, "outcome">>): Summary => {
  const count = (outcome: Outcome) => checks.filter((check) => check.outcome === outcome).length
  return {
    pass: count("pass"),
    fail: count("fail"),
    shouldFail: count("should-fail"),
    deviation: count("deviation"),
    unsupported: count("unsupported"),
    flaky: count("flaky"),
    unknown: count("unknown"),
    harnessError: count("harness-error"),
  }
}

/** One line for each listed `always` deviation of this build whose check now passes; each fails the run. */
export const staleDeviations = (input: {
  readonly provider: string
  readonly fingerprint: string
  readonly deviations: ReadonlyArray<Deviation>
  readonly checks: ReadonlyArray<Pick<CheckResult, "id" | "outcome">>
}): ReadonlyArray<string> => {
  const passed = new Set(input.checks.filter((check) => check.outcome === "pass").map((check) => check.id))
  return input.deviations
    .filter((known) => known.provider === input.provider && known.fingerprint === input.fingerprint)
    .filter((known) => known.rate === "always" && passed.has(known.check))
    .map(
      (known) =>
        `${known.check} on ${known.provider} passes, but is listed as always failing (${known.anomalies.join(", ")}): ` +
        `take it off the list with gauntlet deviations --write`,
    )
}

/** What the host would have to offer for the checks that are unknown without it: "add inspect to unlock 4 clauses". */
export const unlockHints = (
  checks: ReadonlyArray<{ readonly clause: string; readonly missingParts: ReadonlyArray<HostPart> }>,
): ReadonlyArray<string> => {
  const clausesByParts = new Map<string, Set<string>>()
  for (const { clause, missingParts } of checks) {
    if (missingParts.length === 0) continue
    const parts = listed([...missingParts].sort())
    clausesByParts.set(parts, (clausesByParts.get(parts) ?? new Set()).add(clause))
  }
  return [...clausesByParts]
    .sort(([a, left], [b, right]) => right.size - left.size || (a < b ? -1 : 1))
    .map(([parts, clauses]) => `add ${parts} to unlock ${clauses.size} clause${clauses.size === 1 ? "" : "s"}`)
}

const isSafety = (anomaly: Anomaly): boolean => !timedAnomalies.has(anomaly.name)

const onlyTimed = (verdict: Judgement): boolean => verdict.anomalies.length > 0 && !verdict.anomalies.some(isSafety)

const decision = (outcome: Outcome, reason: string): Decision => ({ outcome, reason, from: "first" })

const flaky = (input: OutcomeInput, verdict: Judgement, rerun: Judgement): Decision => {
  if (matchDeviation(input, verdict.anomalies)._tag === "listed") return failure(input, verdict.anomalies, "first")
  const gravest = gravestFirst(verdict.anomalies)[0]!
  const second =
    rerun.unjudged === undefined ? "the rerun did not show it" : `the rerun was not judged: ${rerun.unjudged}`
  return { outcome: "flaky", reason: `${gravest.sentence} (${second})`, anomaly: gravest.name, from: "first" }
}

/** A part that is declared and cannot be used: no listed deviation covers it, for nothing was observed. */
const untestable = (input: OutcomeInput): Decision =>
  decision(input.check.level === "SHOULD" ? "should-fail" : "fail", `not testable: ${input.notTestable}`)

const failure = (input: OutcomeInput, found: ReadonlyArray<Anomaly>, from: "first" | "rerun"): Decision => {
  const gravest = gravestFirst(found)[0]!
  const match = matchDeviation(input, found)
  if (match._tag === "listed") {
    return {
      outcome: "deviation",
      reason: deviationReason(match.deviation),
      anomaly: gravest.name,
      from,
    }
  }
  const decisive = match.unlisted ?? gravest
  const mayBeShould = input.check.level === "SHOULD" && !found.some(({ name }) => neverOnlyShould.has(name))
  return {
    outcome: mayBeShould ? "should-fail" : "fail",
    reason: match.note === undefined ? decisive.sentence : `${decisive.sentence} (${match.note})`,
    anomaly: decisive.name,
    from,
  }
}

const deviationReason = ({ reason, demonstration, issue, expires }: Deviation): string =>
  `${reason}${demonstration === undefined ? "" : `; shown by ${demonstration}`} (${issue}, expires ${expires})`

type Match =
  | { readonly _tag: "listed"; readonly deviation: Deviation }
  | { readonly _tag: "unlisted"; readonly unlisted?: Anomaly; readonly note?: string }

const matchDeviation = (input: OutcomeInput, found: ReadonlyArray<Anomaly>): Match => {
  const candidates = input.deviations.filter(
    (known) =>
      known.check === input.check.id && known.provider === input.provider && known.fingerprint === input.fingerprint,
  )
  if (candidates.length === 0) return { _tag: "unlisted" }
  const names = new Set(candidates.flatMap((known) => known.anomalies))
  const covering = candidates.filter((known) => found.every(({ name }) => known.anomalies.includes(name)))
  const valid = covering.find((known) => input.today.slice(0, 10) <= known.expires.slice(0, 10))
  if (valid !== undefined) return { _tag: "listed", deviation: valid }
  if (covering.length > 0) {
    return { _tag: "unlisted", note: `listed as a deviation that expired on ${covering[0]!.expires}` }
  }
  const unlisted = gravestFirst(found).find(({ name }) => !names.has(name))
  const note = `another anomaly than the listed ${[...names].join(", ")}`
  return unlisted === undefined ? { _tag: "unlisted", note } : { _tag: "unlisted", unlisted, note }
}

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`
