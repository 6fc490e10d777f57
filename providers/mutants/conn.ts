import type { Mutant } from "./mutant.ts"

/** Planted bugs of the conn family. */
export const connMutants: ReadonlyArray<Mutant> = []
