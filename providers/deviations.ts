import type { Deviation } from "../contract/deviation.ts"

/** Known failures of providers that the harness did not write. */
export const deviations: ReadonlyArray<Deviation> = []
