import fc from "fast-check"
import type { StepsPlan } from "../contract/scenario.ts"
import { drawParts, planOf, type PlanSpace } from "./generate-plan.ts"
import { withSteps } from "./with-steps.ts"
import { faultKinds } from "../workloads/nemesis/index.ts"

/**
 * Plans as fast-check draws them: a seed, and which clients, steps, kinds of faults and preemptions of that seed's
 * plan are there. Each part is drawn from its own key, so that leaving one out leaves the others as they were: that
 * is what makes fast-check's shrinking work. Seeds do not shrink.
 */
export const plans = (space: PlanSpace): fc.Arbitrary<StepsPlan> => {
  const clients = Array.from({ length: space.clients ?? 3 }, (_, n) => n)
  const each = Math.ceil((space.steps ?? 100) / clients.length)
  const steps = clients.flatMap((client) => Array.from({ length: each }, (_, n) => client * each + n))
  return fc
    .record({
      seed: fc.noShrink(fc.integer({ min: 1, max: 0x7fff_ffff })),
      clients: fc.subarray(clients, { minLength: 1 }),
      steps: fc.subarray(steps),
      faults: fc.subarray([...faultKinds]),
      preemptions: fc.subarray(Array.from({ length: 30 }, (_, n) => n)),
    })
    .map((kept) => {
      const all = drawParts(kept.seed, space)
      const own = new Set(kept.clients.map((n) => all.clients[n]!.id))
      const taken = new Set(kept.steps)
      const kinds = new Set<string>(kept.faults)
      const whole = planOf(kept.seed, space, {
        ...all,
        faults: all.faults.filter(({ fault }) => kinds.has(fault.kind)),
        preemptions: all.preemptions.filter((_, n) => kept.preemptions.includes(n)),
      })
      const some = whole.steps.filter((step, n) => taken.has(n) && own.has(step.client))
      return { ...withSteps(whole, some), clients: all.clients.filter(({ id }) => own.has(id)) }
    })
}
