import type { Check } from "../harness/check.ts"
import { fitsGlob, isGlob } from "./glob.ts"
import { didYouMean } from "./nearest.ts"
import { smokeClauses } from "./smoke.ts"
import { UsageError } from "./usage-error.ts"

/** What of the suites was asked for. */
export interface Selection {
  /** Patterns of check ids, clauses or families; empty: all. */
  readonly patterns: ReadonlyArray<string>
  /** Also heavy and idle checks. */
  readonly full: boolean
  readonly smoke: boolean
}

/**
 * The checks to run. Without `--full` the quick ones, and whatever was asked for by its own name. A pattern that
 * matches nothing is a `UsageError`: a typing mistake must not look like a clean run.
 */
export const selectChecks = (all: ReadonlyArray<Check>, { patterns, full, smoke }: Selection): ReadonlyArray<Check> => {
  const chosen = smoke ? all.filter(inSmoke) : all
  if (patterns.length === 0) return chosen.filter(({ cost }) => full || cost === "quick")
  const ids = new Set<string>()
  for (const pattern of patterns) {
    const matching = chosen.filter((check) => matches(pattern, check))
    if (matching.length === 0) throw new UsageError(`${whyNothing(all, pattern, smoke)}; see "gauntlet list"`)
    const byName = !isGlob(pattern) && matching.some((check) => namesOf(check).includes(pattern))
    const now = matching.filter(({ cost }) => full || byName || cost === "quick")
    if (now.length === 0) {
      throw new UsageError(`--check ${pattern} matches only checks that take long (${costs(matching)}): add --full`)
    }
    for (const { id } of now) ids.add(id)
  }
  return all.filter(({ id }) => ids.has(id))
}

/** One check of each clause, and none that needs a backend of its own: starting those is what takes the time. */
const inSmoke = ({ id, clause, isolation }: Check): boolean =>
  smokeClauses.has(clause) && id === clause && isolation === "store"

const namesOf = (check: Check): ReadonlyArray<string> => [check.id, check.clause]

const matches = (pattern: string, check: Check): boolean =>
  namesOf(check).some((name) => fitsGlob(pattern, name)) || familyOf(check) === pattern

const familyOf = (check: Check): string => check.clause.split("/")[0] ?? ""

const whyNothing = (all: ReadonlyArray<Check>, pattern: string, smoke: boolean): string => {
  if (smoke && all.some((check) => matches(pattern, check)))
    return `--check ${pattern} is not part of --smoke: leave --smoke out`
  return `no check matches "${pattern}"${didYouMean(
    pattern,
    all.flatMap((check) => [...namesOf(check), familyOf(check)]),
  )}`
}

const costs = (checks: ReadonlyArray<Check>): string => [...new Set(checks.map(({ cost }) => cost))].join(" and ")
