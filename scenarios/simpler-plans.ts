import type { PlannedFault, Step, StepsPlan } from "../contract/scenario.ts"
import { withSteps } from "./with-steps.ts"

/** A record without one of its members. */
export const without = <A extends object, K extends keyof A>(value: A, key: K): A => {
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
  if (step.times !== undefined) {
    yield without(step, "times")
    if (step.times > 2) yield { ...step, times: Math.floor(step.times / 2) }
    if (step.times > 2) yield { ...step, times: step.times - 1 }
  }
  if (step.forMs !== undefined) yield without(step, "forMs")
  if (step.session !== undefined) yield without(step, "session")
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
  if (planned.lastsMs !== undefined) yield without(planned, "lastsMs")
  const { fault } = planned
  if (!("match" in fault)) return
  if (fault.match.times !== undefined) yield { ...planned, fault: { ...fault, match: without(fault.match, "times") } }
  if (fault.match.nth !== undefined) yield { ...planned, fault: { ...fault, match: without(fault.match, "nth") } }
}

/** One step that does what two of a client do: waits as long, or offers as many events. */
const joined = (first: Step, second: Step): Omit<Step, "key"> | undefined => {
  if (first.do === "wait" && second.do === "wait") return { ...second, ms: (first.ms ?? 1) + (second.ms ?? 1) }
  const pushes = (first.do === "push" || first.do === "sync") && first.do === second.do
  const same = (["on", "sizeBytes", "detached", "times", "session"] as const).every(
    (member) => first[member] === second[member],
  )
  return pushes && same ? { ...second, events: (first.events ?? 1) + (second.events ?? 1) } : undefined
}

/** Plans in which two steps that follow each other on one client are one: what stood between them stands before or behind. */
const joinedPlans = function* (plan: StepsPlan, batchEvents: number): Iterable<StepsPlan> {
  for (const [n, first] of plan.steps.entries()) {
    const second = plan.steps.slice(n + 1).find(({ client }) => client === first.client)
    const both = second === undefined ? undefined : joined(first, second)
    if (second === undefined || both === undefined || (both.events ?? 1) > batchEvents) continue
    for (const [kept, gone] of [[second, first] as const, [first, second] as const]) {
      const steps = plan.steps.map((step) => (step === kept ? { ...both, key: kept.key } : step))
      yield withSteps(
        { ...plan, steps },
        steps.filter((step) => step !== gone),
      )
    }
  }
}

/** Events up to which pushes are joined: the smallest batch that every provider takes. */
const joinedEvents = 100

/** Plans that are simpler than this one by one thing: each has fewer steps, or as many and smaller ones. */
export const simplerPlans = function* (plan: StepsPlan): Iterable<StepsPlan> {
  if (plan.grain !== undefined) yield without(plan, "grain")
  yield* joinedPlans(plan, joinedEvents)
  for (const [n, step] of plan.steps.entries()) {
    for (const simpler of simplerSteps(step)) yield { ...plan, steps: plan.steps.with(n, simpler) }
  }
  for (const [n, fault] of plan.faults.entries()) {
    for (const simpler of simplerFaults(fault)) yield { ...plan, faults: plan.faults.with(n, simpler) }
  }
  for (const [n, client] of plan.clients.entries()) {
    if (client.store !== undefined) yield { ...plan, clients: plan.clients.with(n, without(client, "store")) }
    if (client.leader !== undefined) yield { ...plan, clients: plan.clients.with(n, without(client, "leader")) }
  }
}

/** Plans without two of their steps, faults and preemptions, which only together can go. */
export const plansWithoutTwo = function* (plan: StepsPlan): Iterable<StepsPlan> {
  const { preemptions = [] } = plan
  const parts: ReadonlyArray<object> = [...plan.steps, ...plan.faults, ...preemptions]
  for (const [n, one] of parts.entries()) {
    for (const other of parts.slice(n + 1)) {
      const kept = (part: object) => part !== one && part !== other
      const less = { ...plan, faults: plan.faults.filter(kept), preemptions: preemptions.filter(kept) }
      yield withSteps(less, plan.steps.filter(kept))
    }
  }
}
