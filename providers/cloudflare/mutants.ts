import { referenceSeams } from "./core/reference-seams.ts"
import type { Seams } from "./core/seams.ts"

/** One planted bug of the platform side: what it breaks, and the seam that it replaces. */
export interface CloudflareMutant {
  /** The clause whose check must catch it. */
  readonly clause: string
  /** What goes wrong, in one sentence. */
  readonly sentence: string
  readonly plant: (reference: Seams) => Partial<Seams>
}

/** Planted bugs of the Worker, by name. */
export const cloudflareMutants: Readonly<Record<string, CloudflareMutant>> = {}

/** The seams to run with: the reference ones, or those of a mutant. */
export const seamsOf = (mutant: string | undefined): Seams => {
  if (mutant === undefined || mutant === "") return referenceSeams
  const planted = cloudflareMutants[mutant]
  if (planted === undefined) throw new Error(`there is no mutant called ${mutant}`)
  return { ...referenceSeams, ...planted.plant(referenceSeams) }
}
