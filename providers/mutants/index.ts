import { argsMutants } from "./args.ts"
import { blindMutants } from "./blind/index.ts"
import { connMutants } from "./conn.ts"
import { convergeMutants } from "./converge.ts"
import { liveMutants } from "./live.ts"
import { lifeMutants } from "./life.ts"
import { metaMutants } from "./meta.ts"
import type { Mutant } from "./mutant.ts"
import { payloadMutants } from "./payload.ts"
import { pullMutants } from "./pull.ts"
import { pushMutants } from "./push.ts"
import { raceMutants } from "./race.ts"
import { rejectMutants } from "./reject.ts"
import { resetMutants } from "./reset.ts"
import { storageFaultMutants } from "./storage-faults.ts"
import { storeMutants } from "./store.ts"

/** Every planted bug, family by family in the contract's order. */
export const mutants: ReadonlyArray<Mutant> = [
  ...connMutants,
  ...pushMutants,
  ...raceMutants,
  ...pullMutants,
  ...liveMutants,
  ...payloadMutants,
  ...argsMutants,
  ...rejectMutants,
  ...storeMutants,
  ...resetMutants,
  ...lifeMutants,
  ...convergeMutants,
  ...storageFaultMutants,
  ...metaMutants,
  ...blindMutants,
]
