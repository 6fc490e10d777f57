import type { StepsPlan } from "../contract/scenario.ts"
import type { SimFailure, SimOrder } from "./sim-messages.ts"

/** Failures that are made small: of as many names, those that come first. */
const shrunkNames = 5
/** A scenario of so many steps is small enough; with more, the next seed that fails in the same way is tried too. */
const fewSteps = 8
/** Seeds of one name that are made small at most; the smallest scenario is kept. */
const triesOfName = 3

/**
 * What is made small of failures, given in the order of their seeds, and what came of it: a few seeds of a few names,
 * one scenario of each.
 */
export class Shrinking {
  private readonly seedsLeft = new Map<string, Array<number>>()
  private readonly nameOf = new Map<number, string>()
  private readonly best = new Map<string, readonly [seed: number, plan: StepsPlan]>()

  constructor(failures: ReadonlyArray<SimFailure>) {
    for (const { seed, name } of failures) {
      const known = this.seedsLeft.get(name)
      if (known === undefined && this.seedsLeft.size === shrunkNames) continue
      const seeds = known ?? []
      this.seedsLeft.set(name, seeds)
      if (seeds.length < triesOfName) seeds.push(seed)
      this.nameOf.set(seed, name)
    }
  }

  /** Names of failures, those that came first. */
  get names(): ReadonlyArray<string> {
    return [...this.seedsLeft.keys()]
  }

  /** The next seed of this name that is to be made small. */
  next(name: string): ReadonlyArray<SimOrder> {
    const seed = this.seedsLeft.get(name)?.shift()
    return seed === undefined ? [] : [{ kind: "shrink", seed }]
  }

  /** Takes a scenario in. Gives what else is to be done: nothing once a small one is there. */
  shrunk(seed: number, plan: StepsPlan | undefined): ReadonlyArray<SimOrder> {
    const name = this.nameOf.get(seed)!
    const [, best] = this.best.get(name) ?? []
    if (plan !== undefined && plan.steps.length < (best?.steps.length ?? Infinity)) this.best.set(name, [seed, plan])
    const fewest = this.best.get(name)?.[1].steps.length ?? Infinity
    return fewest <= fewSteps ? [] : this.next(name)
  }

  /** The smallest scenario of each name, by its seed. */
  scenarios(): ReadonlyMap<number, StepsPlan> {
    return new Map(this.best.values())
  }
}
