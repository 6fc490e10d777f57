import type { Mutant } from "./mutant.ts"

/** Planted bugs of the race family. */
export const raceMutants: ReadonlyArray<Mutant> = []
