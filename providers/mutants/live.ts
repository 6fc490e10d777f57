import type { Mutant } from "./mutant.ts"

/** Planted bugs of the live family. */
export const liveMutants: ReadonlyArray<Mutant> = []
