import type { Mutant } from "./mutant.ts"

/** Planted bugs of the pull family. */
export const pullMutants: ReadonlyArray<Mutant> = []
