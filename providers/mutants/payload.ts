import type { Mutant } from "./mutant.ts"

/** Planted bugs of the payload family. */
export const payloadMutants: ReadonlyArray<Mutant> = []
