import type { Capabilities } from "../contract/capabilities.ts"
import type { HostPart, ProviderHostShape } from "../contract/provider.ts"
import type { PlannedFault, StepsPlan } from "../contract/scenario.ts"
import type { Check } from "../harness/check.ts"
import { planLimitMs } from "./liveness.ts"
import { nemesisOf, partsFor } from "./nemesis/index.ts"
import { runSteps } from "./run-steps.ts"

/** What a plan is judged by unless it names a clause: clients converge under faults. */
const defaultClause = "converge/under-faults"

/** Parts of the host that a plan cannot do without. */
export const partsOf = (plan: StepsPlan): ReadonlyArray<HostPart> => [
  ...new Set(plan.faults.flatMap(({ fault }) => partsFor(fault.kind))),
]

/** The first fault of a plan that a provider does not offer, with what it lacks for it. */
export const lackingFault = (
  plan: StepsPlan,
  host: ProviderHostShape,
  capabilities: Capabilities,
): { readonly fault: PlannedFault; readonly lacks: string } | undefined => {
  for (const fault of plan.faults) {
    const lacks = nemesisOf(fault.fault.kind).available(host, capabilities)
    if (lacks !== undefined) return { fault, lacks }
  }
  return undefined
}

/**
 * A plan of steps as a check, so that runner, checkers, replay and reports take it as they take any other. Its id is
 * always the same: with the plan's seed it decides every draw that the plan leaves open.
 */
export const planCheck = (plan: StepsPlan): Check => ({
  id: "converge/under-faults#steps",
  clause: plan.expect.clause ?? defaultClause,
  cost: "quick",
  isolation: "host",
  needs: partsOf(plan),
  premises: [],
  limitMs: planLimitMs,
  run: (arena) => runSteps(plan, arena),
})
