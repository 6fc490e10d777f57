import type { Mutant } from "./mutant.ts"

/** Planted bugs of the store family. */
export const storeMutants: ReadonlyArray<Mutant> = []
