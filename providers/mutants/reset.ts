import type { Mutant } from "./mutant.ts"

/** Planted bugs of the reset family. */
export const resetMutants: ReadonlyArray<Mutant> = []
