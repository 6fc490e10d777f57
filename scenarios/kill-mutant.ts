import type { AnomalyName } from "../contract/anomaly.ts"
import { catchersOf, readTrial, type Catch } from "../harness/caught.ts"
import type { Check } from "../harness/check.ts"
import { tryMutant, type Trial } from "../harness/trial.ts"
import type { Mutant } from "../providers/mutants/mutant.ts"

/** A check that failed with a planted bug in the mock and passes without. */
export interface Kill {
  readonly check: string
  readonly seed: number
  readonly anomalies: ReadonlyArray<AnomalyName>
}

/** What became of one planted bug. */
export interface MutantResult {
  readonly id: string
  readonly clause: string
  readonly title: string
  readonly source: string
  /** What it has to be called. */
  readonly anomaly: AnomalyName
  /** `unclean`: a check that would catch it fails on the mock without it too. */
  readonly status: "caught" | "survived" | "wrong-reason" | "unclean"
  /** The check and the seed that caught it; absent when nothing did. */
  readonly by?: { readonly check: string; readonly seed: number }
  /** The argument that caught it, or why it is not caught: what each of its checks said. */
  readonly sentence: string
  /** Seeds under which it was tried. */
  readonly seeds: number
  /** Other checks of its family that it broke, under the seed that caught it. */
  readonly alsoBroke: ReadonlyArray<Kill>
  /** Runs of checks with the bug in. */
  readonly runs: number
}

/** How a bug is tried. */
export interface KillOptions {
  /** Seeds 1 to this are tried until one catches it. */
  readonly seeds: number
  /** Checks that it is tried against beyond its own, once it is caught. */
  readonly beside: (check: Check) => boolean
  /** The same check and seed on the mock without a bug. */
  readonly clean: (check: Check, seed: number) => Pick<Trial, "outcome" | "reason">
}

/** Why a check did not catch a bug, in a few words. */
const whyNot = (mutant: Mutant, { check, seed, outcome, reason }: Trial, caught: Catch): string => {
  const where = `${check} under seed ${seed}`
  switch (caught._tag) {
    case "silent":
      return `${where}: the bug never fired`
    case "survived":
      return `${where}: ended with ${outcome}${reason === undefined ? "" : ` (${reason})`} though the bug fired`
    case "other-anomaly": {
      const names = [...new Set(caught.found.map(({ name }) => name))].join(", ")
      return `${where}: found ${names || "nothing"}, not ${mutant.anomaly}: ${caught.found[0]?.sentence ?? reason ?? ""}`
    }
    case "untouched":
      return `${where}: found ${mutant.anomaly} in what the bug had not touched: ${caught.found[0]!.sentence}`
    case "caught":
      return `${where}: ${caught.anomaly.sentence}`
  }
}

/** Sentences of this many trials are kept of a bug that is not caught. */
const keptSentences = 4

/**
 * Tries one planted bug: its own checks, seed after seed until one catches it, then its family's under that seed.
 * Caught means: the check failed with the anomaly that the bug names, in what the bug touched, and passes under the
 * same seed without it.
 */
export const killMutant = (mutant: Mutant, checks: ReadonlyArray<Check>, options: KillOptions): MutantResult => {
  const { id, clause, title, source, anomaly } = mutant
  const about = { id, clause, title, source, anomaly }
  const catchers = catchersOf(mutant, checks)
  const said: Array<string> = []
  let wrong = false
  let runs = 0
  for (let seed = 1; seed <= options.seeds; seed++) {
    for (const check of catchers) {
      const trial = tryMutant(mutant, check, seed)
      runs += 1
      const caught = readTrial(mutant, trial)
      if (caught._tag !== "caught") {
        wrong ||= caught._tag === "other-anomaly" || caught._tag === "untouched"
        if (said.length < keptSentences) said.push(whyNot(mutant, trial, caught))
        continue
      }
      const by = { check: check.id, seed }
      const clean = options.clean(check, seed)
      if (clean.outcome !== "pass") {
        const sentence = `${check.id} under seed ${seed} ends with ${clean.outcome} without the bug: ${clean.reason ?? ""}`
        return { ...about, status: "unclean", by, sentence, seeds: seed, alsoBroke: [], runs }
      }
      const others = checks.filter((other) => other.id !== check.id && options.beside(other))
      const alsoBroke = others.flatMap((other) => breaks(mutant, other, seed, options))
      const { sentence } = caught.anomaly
      return { ...about, status: "caught", by, sentence, seeds: seed, alsoBroke, runs: runs + others.length }
    }
  }
  const sentence = catchers.length === 0 ? `no check is about ${mutant.check ?? clause}` : said.join("\n")
  const status = wrong ? "wrong-reason" : "survived"
  return { ...about, status, sentence, seeds: options.seeds, alsoBroke: [], runs }
}

/** The check as a kill when the bug breaks it and nothing else does. */
const breaks = (mutant: Mutant, check: Check, seed: number, { clean }: KillOptions): ReadonlyArray<Kill> => {
  const { outcome, anomalies } = tryMutant(mutant, check, seed)
  if (outcome === "pass" || clean(check, seed).outcome !== "pass") return []
  return [{ check: check.id, seed, anomalies: [...new Set(anomalies.map(({ name }) => name))] }]
}
