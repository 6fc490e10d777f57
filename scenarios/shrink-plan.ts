import type { StepsPlan } from "../contract/scenario.ts"
import { shrinkList, type Fails } from "../chaos/shrink/shrink-list.ts"
import { shrinkValue } from "../chaos/shrink/shrink-value.ts"
import { plansWithoutTwo, simplerPlans, without } from "./simpler-plans.ts"
import { withSteps } from "./with-steps.ts"

/** How much is tried to make a plan small. */
export interface ShrinkEffort {
  /** Candidates that are run at most. Default 3,000, about ten seconds in the virtual world. */
  readonly candidates?: number
  /** Plans of at most so many steps, faults and preemptions are tried without any two of them. Default 24. */
  readonly pairsUpTo?: number
  /** Told of each candidate that failed in the same way: what is left if nothing smaller does. */
  readonly onSmaller?: (plan: StepsPlan, tried: number) => void
}

const rounds = 4

const sizeOf = ({ steps, faults, preemptions = [] }: StepsPlan): number =>
  steps.length + faults.length + preemptions.length

/**
 * Makes a failing plan small: drops clients, preemptions, faults and steps, then makes what is left simpler, then
 * drops what can only go in twos, again until nothing more can go. Deterministic. `fails` says whether a candidate
 * fails in the same way.
 */
export const shrinkPlan = async (
  plan: StepsPlan,
  fails: Fails<StepsPlan>,
  { candidates = 3_000, pairsUpTo = 24, onSmaller }: ShrinkEffort = {},
): Promise<StepsPlan> => {
  const known = new Map<string, boolean>()
  const asked: Fails<StepsPlan> = async (candidate) => {
    const key = JSON.stringify(candidate)
    const asked = known.get(key)
    const answer = asked ?? (known.size < candidates && (await fails(candidate)))
    known.set(key, answer)
    if (asked === undefined && answer) onSmaller?.(candidate, known.size)
    return answer
  }
  let best = plan
  const shrink = async <A>(list: ReadonlyArray<A>, planOf: (kept: ReadonlyArray<A>) => StepsPlan) => {
    best = planOf(await shrinkList(list, (kept) => asked(planOf(kept))))
  }
  for (let round = 0, before = ""; round < rounds && JSON.stringify(best) !== before; round++) {
    before = JSON.stringify(best)
    const from = best
    await shrink(from.clients, (clients) => {
      const ids = new Set(clients.map(({ id }) => id))
      return {
        ...withSteps(
          from,
          from.steps.filter(({ client }) => ids.has(client)),
        ),
        clients,
      }
    })
    const { preemptions = [] } = best
    const some = best
    await shrink(preemptions, (kept) => ({ ...some, preemptions: kept }))
    const faulty = best
    await shrink(faulty.faults, (faults) => ({ ...faulty, faults }))
    const long = best
    await shrink(long.steps, (steps) => withSteps(long, steps))
    best = await shrinkValue(best, simplerPlans, asked)
    if (sizeOf(best) <= pairsUpTo) best = await shrinkValue(best, plansWithoutTwo, asked)
  }
  return (best.preemptions?.length ?? 0) === 0 ? without(best, "preemptions") : best
}
