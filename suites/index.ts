import type { Check } from "../harness/check.ts"
import { connEnduranceChecks } from "./conn-endurance.ts"
import { connChecks } from "./conn.ts"
import { liveFaultChecks } from "./live-faults.ts"
import { liveChecks } from "./live.ts"
import { metaChecks } from "./meta.ts"
import { pullFaultChecks } from "./pull-faults.ts"
import { pullChecks } from "./pull.ts"
import { pushChecks } from "./push.ts"

/** Every check of the contract, family by family in the contract's order. */
export const checks: ReadonlyArray<Check> = [
  ...connChecks,
  ...connEnduranceChecks,
  ...pushChecks,
  ...pullChecks,
  ...pullFaultChecks,
  ...liveChecks,
  ...liveFaultChecks,
  ...metaChecks,
]
