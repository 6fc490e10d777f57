import type { Check } from "../harness/check.ts"
import { pushAheadChecks } from "./push-ahead.ts"
import { pushAtomicChecks } from "./push-atomic.ts"
import { pushBasicChecks } from "./push-basic.ts"
import { pushFaultChecks } from "./push-faults.ts"
import { pushHeadChecks } from "./push-head.ts"
import { pushInterruptedChecks } from "./push-interrupted.ts"
import { pushInvalidChecks } from "./push-invalid.ts"
import { pushRepeatedChecks } from "./push-repeated.ts"
import { pushSparseChecks } from "./push-sparse.ts"

/** Clauses about one client that pushes. */
export const pushChecks: ReadonlyArray<Check> = [
  ...pushBasicChecks,
  ...pushHeadChecks,
  ...pushRepeatedChecks,
  ...pushAheadChecks,
  ...pushInvalidChecks,
  ...pushSparseChecks,
  ...pushAtomicChecks,
  ...pushFaultChecks,
  ...pushInterruptedChecks,
]
