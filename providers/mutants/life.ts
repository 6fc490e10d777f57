import type { Mutant } from "./mutant.ts"

/** Planted bugs of the life family. */
export const lifeMutants: ReadonlyArray<Mutant> = []
