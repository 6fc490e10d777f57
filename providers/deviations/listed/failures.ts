import type { KnownFailure } from "../known-failure.ts"
import { argsFailures } from "./args.ts"
import { connFailures } from "./conn.ts"
import { convergeFailures } from "./converge.ts"
import { lifeFailures } from "./life.ts"
import { liveFailures } from "./live.ts"
import { metaFailures } from "./meta.ts"
import { payloadFailures } from "./payload.ts"
import { pullFailures } from "./pull.ts"
import { pushFailures } from "./push.ts"
import { push2Failures } from "./push-2.ts"
import { raceFailures } from "./race.ts"
import { rejectFailures } from "./reject.ts"
import { resetFailures } from "./reset.ts"
import { storeFailures } from "./store.ts"

/** The known failures of every family of clauses. Written by "gauntlet deviations --write". */
export const failures: ReadonlyArray<KnownFailure> = [
  ...argsFailures,
  ...connFailures,
  ...convergeFailures,
  ...lifeFailures,
  ...liveFailures,
  ...metaFailures,
  ...payloadFailures,
  ...pullFailures,
  ...pushFailures,
  ...push2Failures,
  ...raceFailures,
  ...rejectFailures,
  ...resetFailures,
  ...storeFailures,
]
