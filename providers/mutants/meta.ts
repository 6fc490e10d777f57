import type { Mutant } from "./mutant.ts"

/** Planted bugs of the meta family. */
export const metaMutants: ReadonlyArray<Mutant> = []
