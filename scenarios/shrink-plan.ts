import type { PlannedFault, Step, StepsPlan } from "../contract/scenario.ts"
import { shrinkList, type Fails } from "../chaos/shrink/shrink-list.ts"
import { shrinkValue } from "../chaos/shrink/shrink-value.ts"

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
    ...withPreemptions((plan.preemptions ?? []).filter(({ step }) => kept.has(step))),
  }
}

const withPreemptions = (preemptions: NonNullable<StepsPlan["preemptions"]>): Pick<StepsPlan, "preemptions"> => ({
  preemptions,
})

const without = <A extends object, K extends keyof A>(value: A, key: K): A => {
  const { [key]: _gone, ...rest } = value
  return rest as A
}

/** What a step can be made simpler to, each smaller in some count. */
const simplerSteps = function* (step: Step): Iterable<Step> {
  if (step.events !== undefined) {
    yield without(step, "events")
    if (step.events > 2) yield { ...step, events: Math.floor(step.events / 2) }
    if (step.events > 2) yield { ...step, events: step.events - 1 }
  }
  if (step.sizeBytes !== undefined) yield without(step, "sizeBytes")
  if (step.detached !== undefined) yield without(step, "detached")
  if (step.from !== undefined) yield without(step, "from")
  if (step.on !== undefined) yield without(step, "on")
  if (step.ms !== undefined && step.ms > 1) {
    yield { ...step, ms: 1 }
    yield { ...step, ms: Math.floor(step.ms / 2) }
  }
  if (step.do === "sync") yield { ...step, do: "push" }
}

const simplerFaults = function* (planned: PlannedFault): Iterable<PlannedFault> {
  if (planned.until !== undefined) yield without(planned, "until")
  const { fault } = planned
  if (!("match" in fault)) return
  if (fault.match.times !== undefined) yield { ...planned, fault: { ...fault, match: without(fault.match, "times") } }
  if (fault.match.nth !== undefined) yield { ...planned, fault: { ...fault, match: without(fault.match, "nth") } }
}

const replaced = <A>(list: ReadonlyArray<A>, at: number, by: A): ReadonlyArray<A> => list.with(at, by)

const simplerPlans = function* (plan: StepsPlan): Iterable<StepsPlan> {
  for (const [n, step] of plan.steps.entries()) {
    for (const simpler of simplerSteps(step)) yield { ...plan, steps: replaced(plan.steps, n, simpler) }
  }
  for (const [n, fault] of plan.faults.entries()) {
    for (const simpler of simplerFaults(fault)) yield { ...plan, faults: replaced(plan.faults, n, simpler) }
  }
  for (const [n, client] of plan.clients.entries()) {
    if (client.store !== undefined) yield { ...plan, clients: replaced(plan.clients, n, without(client, "store")) }
    if (client.leader !== undefined) yield { ...plan, clients: replaced(plan.clients, n, without(client, "leader")) }
  }
}

const rounds = 4

/**
 * Makes a failing plan small: drops clients, preemptions, faults and steps, then makes what is left simpler, again
 * until nothing more can go. Deterministic. `fails` says whether a candidate fails in the same way.
 */
export const shrinkPlan = async (plan: StepsPlan, fails: Fails<StepsPlan>): Promise<StepsPlan> => {
  const known = new Map<string, boolean>()
  const asked: Fails<StepsPlan> = async (candidate) => {
    const key = JSON.stringify(candidate)
    const answer = known.get(key) ?? (await fails(candidate))
    known.set(key, answer)
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
    await shrink(preemptions, (kept) => ({ ...some, ...withPreemptions(kept) }))
    const faulty = best
    await shrink(faulty.faults, (faults) => ({ ...faulty, faults }))
    const long = best
    await shrink(long.steps, (steps) => withSteps(long, steps))
    best = await shrinkValue(best, simplerPlans, asked)
  }
  return (best.preemptions?.length ?? 0) === 0 ? without(best, "preemptions") : best
}
