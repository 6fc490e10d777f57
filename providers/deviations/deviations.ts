import { deviationsOf } from "./known-failure.ts"
import { builds } from "./listed/builds.ts"
import { failures } from "./listed/failures.ts"

/**
 * Known failures of providers that the harness did not write. The files in `listed` are written by
 * "gauntlet deviations --write": one for each family of clauses; their reasons and issues by people.
 */
export const deviations = deviationsOf(failures, builds)
