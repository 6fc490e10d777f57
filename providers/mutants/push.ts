import type { Mutant } from "./mutant.ts"
import { pushAdmissionMutants } from "./push-admission.ts"
import { pushClientMutants } from "./push-client.ts"
import { pushInterruptedMutants } from "./push-interrupted.ts"
import { pushNewsMutants } from "./push-news.ts"
import { pushStoringMutants } from "./push-storing.ts"

/** Planted bugs of the push family. */
export const pushMutants: ReadonlyArray<Mutant> = [
  ...pushAdmissionMutants,
  ...pushStoringMutants,
  ...pushClientMutants,
  ...pushInterruptedMutants,
  ...pushNewsMutants,
]
