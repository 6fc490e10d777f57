import type { Fails } from "./shrink-list.ts"

/**
 * Goes from a value to simpler ones as long as they fail: the first simpler value that does is taken, and its own
 * simpler ones are tried next. `simpler` gives them in the order of how much they save, and has to come to an end:
 * every one has to be smaller by some measure.
 */
export const shrinkValue = async <A>(value: A, simpler: (value: A) => Iterable<A>, fails: Fails<A>): Promise<A> => {
  let best = value
  for (let found = true; found;) {
    found = false
    for (const candidate of simpler(best)) {
      if (!(await fails(candidate))) continue
      best = candidate
      found = true
      break
    }
  }
  return best
}
