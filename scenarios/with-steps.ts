import type { PlannedFault, Step, StepsPlan } from "../contract/scenario.ts"

/** The first of these steps that comes at or after a step of the whole plan, of the same client. */
const nextKept = (all: ReadonlyArray<Step>, kept: ReadonlySet<string>, key: string | undefined): string | undefined => {
  const from = all.findIndex((step) => step.key === key)
  if (from === -1) return undefined
  return all.slice(from).find((step) => step.client === all[from]!.client && kept.has(step.key))?.key
}

/** A plan with these of its steps. What stood before a step that is gone stands before the client's next one. */
export const withSteps = (plan: StepsPlan, steps: ReadonlyArray<Step>): StepsPlan => {
  const kept = new Set(steps.map(({ key }) => key))
  const clients = new Set(steps.map(({ client }) => client))
  const faults = plan.faults.flatMap((fault): ReadonlyArray<PlannedFault> => {
    const before = nextKept(plan.steps, kept, fault.before)
    if (before === undefined) return []
    const until = nextKept(plan.steps, kept, fault.until)
    const { until: _until, ...rest } = fault
    return [{ ...rest, before, ...(until === undefined || until === before ? {} : { until }) }]
  })
  return {
    ...plan,
    steps,
    faults: faults.filter(({ client }) => client === undefined || clients.has(client)),
    preemptions: (plan.preemptions ?? []).filter(({ step }) => kept.has(step)),
  }
}
