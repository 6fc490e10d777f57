import type { Check } from "../harness/check.ts"
import { argsChecks } from "./args.ts"
import { connEnduranceChecks } from "./conn-endurance.ts"
import { connReconnectedChecks } from "./conn-reconnected.ts"
import { connStrippedChecks } from "./conn-stripped.ts"
import { connChecks } from "./conn.ts"
import { convergeChecks } from "./converge.ts"
import { lifeChecks } from "./life.ts"
import { liveFaultChecks } from "./live-faults.ts"
import { liveLongerChecks } from "./live-longer.ts"
import { liveChecks } from "./live.ts"
import { metaChecks } from "./meta.ts"
import { payloadChecks } from "./payload.ts"
import { pullBesideChecks } from "./pull-beside.ts"
import { pullFaultChecks } from "./pull-faults.ts"
import { pullTransientChecks } from "./pull-transient.ts"
import { pullChecks } from "./pull.ts"
import { pushChecks } from "./push.ts"
import { raceChecks } from "./race.ts"
import { rejectChecks } from "./reject.ts"
import { resetChecks } from "./reset.ts"
import { storageFaultChecks } from "./storage-faults.ts"
import { storeChecks } from "./store.ts"

/** Every check of the contract, family by family in the contract's order. */
export const checks: ReadonlyArray<Check> = [
  ...connChecks,
  ...connEnduranceChecks,
  ...connReconnectedChecks,
  ...connStrippedChecks,
  ...pushChecks,
  ...raceChecks,
  ...pullChecks,
  ...pullFaultChecks,
  ...pullTransientChecks,
  ...pullBesideChecks,
  ...liveChecks,
  ...liveFaultChecks,
  ...liveLongerChecks,
  ...payloadChecks,
  ...argsChecks,
  ...rejectChecks,
  ...storeChecks,
  ...resetChecks,
  ...lifeChecks,
  ...convergeChecks,
  ...storageFaultChecks,
  ...metaChecks,
]
