import type { KnownBug } from "../../contract/scenario.ts"

/**
 * What so many runs say of a stated rate. `not-shown`: a bug that shows as often as is stated would have shown.
 * `not-seen`: it did not show, which at its rate says nothing yet. `shows`: it does, though it is said to pass.
 * `not-stated`: nobody measured it before.
 */
export type AsStated = "as-stated" | "not-shown" | "not-seen" | "shows" | "not-stated"

/** A bug counts as gone when runs as many as these without it are this unlikely. */
const unlikely = 0.01

/** Compares what was seen with what is stated. A bug that always showed is taken for one that nearly always does. */
export const asStated = ({ shown, runs }: Pick<KnownBug, "shown" | "runs">, seen: number, of: number): AsStated => {
  if (runs === 0) return "not-stated"
  if (shown === 0) return seen === 0 ? "as-stated" : "shows"
  if (seen > 0) return "as-stated"
  const rate = shown / (runs + 1)
  return (1 - rate) ** of < unlikely ? "not-shown" : "not-seen"
}
