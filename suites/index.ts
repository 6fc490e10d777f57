import type { Check } from "../harness/check.ts"
import { metaChecks } from "./meta.ts"
import { pushChecks } from "./push.ts"

/** Every check of the contract, family by family in the contract's order. */
export const checks: ReadonlyArray<Check> = [
  ...pushChecks,
  ...metaChecks,
]
