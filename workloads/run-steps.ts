import { Clock, Effect, Semaphore, type Scope } from "effect"
import { Actor as ActorName, Interleaving, type InterleavingShape } from "../chaos/world/interleaving.ts"
import { seamHere } from "../chaos/world/seam.ts"
import type { PlannedFault, Step, StepsPlan } from "../contract/scenario.ts"
import type { Arena, CheckStop } from "../harness/arena.ts"
import { countHeld } from "./held.ts"
import { liveness } from "./liveness.ts"
import { undeclaredFor } from "./nemesis/index.ts"
import { beginFault, endAllFaults, endFault } from "./plan-faults.ts"
import { sessionWord } from "./leader-steps.ts"
import { makeActor, type Actor, type Stage } from "./stage.ts"
import { takeStep } from "./take-step.ts"
import { makePlainClient } from "./sync-client/sync-client.ts"

/** The order of a plan's run is data: first come, first served, by its grain, but for its preemptions, each once. */
const takeOver = (interleaving: InterleavingShape, plan: StepsPlan, current: ReadonlyMap<string, string>): void => {
  interleaving.order = "first-come"
  interleaving.grain = plan.grain ?? 0
  // By client, then step, then seam: every seam of the run asks, and a key put together would be made each time.
  const left = new Map<string, Map<string, Map<string, number>>>()
  for (const { client, step, seam: name, turns } of plan.preemptions ?? []) {
    const steps = left.get(client) ?? new Map<string, Map<string, number>>()
    const seams = steps.get(step) ?? new Map<string, number>()
    left.set(client, steps.set(step, seams.set(name, turns)))
  }
  if (left.size === 0) return
  interleaving.turnsAt = (actor, name) => {
    const step = current.get(actor)
    const seams = step === undefined ? undefined : left.get(actor)?.get(step)
    const count = seams?.get(name)
    if (count === undefined) return 0
    seams!.delete(name)
    return count
  }
}

const setStage = (arena: Arena, plan: StepsPlan, interleaving: InterleavingShape): Stage => {
  const stores = new Map<string, string>()
  const storeOf = (word: string | undefined): string => {
    if (word === undefined) return arena.storeId
    const known = stores.get(word) ?? arena.newStore(word)
    stores.set(word, known)
    return known
  }
  const current = new Map<string, string>()
  takeOver(interleaving, plan, current)
  return {
    arena,
    plan,
    actors: new Map(
      plan.clients.map(({ id, store, leader, sessions = 1 }) => {
        const storeId = storeOf(store)
        const words = Array.from({ length: sessions }, (_, n) => sessionWord(n + 1))
        const whole = leader === true ? makePlainClient(arena, id, { storeId, sessions: words }) : undefined
        return [id, makeActor(id, storeId, whole)]
      }),
    ),
    heads: new Map(),
    current,
    faults: new Map(),
    timers: [],
    hostLock: Semaphore.makeUnsafe(1),
    process: "up",
    as: (actor, effect) => Effect.provideService(effect, ActorName, actor.id),
  }
}

const byStep = (faults: ReadonlyArray<PlannedFault>, of: (fault: PlannedFault) => string | undefined) => {
  const map = new Map<string, Array<PlannedFault>>()
  for (const fault of faults) {
    const key = of(fault)
    if (key !== undefined) map.set(key, [...(map.get(key) ?? []), fault])
  }
  return map
}

/** Takes a step once the faults that end or begin before it have. */
const take = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  step: Step,
  ends: ReadonlyArray<PlannedFault> = [],
  begins: ReadonlyArray<PlannedFault> = [],
): Effect.fn.Return<void, CheckStop, Scope.Scope> {
  stage.current.set(actor.id, step.key)
  yield* seamHere("step")
  for (const fault of ends) yield* endFault(stage, fault)
  for (const fault of begins) yield* beginFault(stage, fault, actor)
  yield* takeStep(stage, actor, step)
})

/** Faults on, everybody at work. */
const safety = (stage: Stage): Effect.Effect<void, CheckStop, Scope.Scope> => {
  const { plan } = stage
  const begins = byStep(plan.faults, ({ before }) => before)
  const ends = byStep(plan.faults, ({ until }) => until)
  return Effect.forEach(
    [...stage.actors.values()],
    (actor) => {
      const own = plan.steps.filter(({ client }) => client === actor.id)
      return stage.as(
        actor,
        Effect.forEach(own, (step) => take(stage, actor, step, ends.get(step.key), begins.get(step.key)), {
          discard: true,
        }),
      )
    },
    { concurrency: "unbounded", discard: true },
  )
}

/** Runs a plan of steps: the safety phase, then the liveness phase. What it shows is judged from the record. */
export const runSteps = Effect.fnUntraced(function* (
  plan: StepsPlan,
  arena: Arena,
): Effect.fn.Return<void, CheckStop, Scope.Scope> {
  const clock = yield* Clock.Clock
  for (const { key, fault } of plan.faults) {
    const lacks = undeclaredFor(fault.kind, arena.capabilities)
    yield* arena.premise(lacks === undefined, `the provider does not declare "${lacks}", which fault "${key}" needs`)
  }
  const stage = setStage(arena, plan, yield* Interleaving)
  yield* safety(stage)
  stage.current.clear()
  yield* endAllFaults(stage)
  yield* arena.note("phase:liveness")
  yield* liveness(stage, () => clock.currentTimeMillisUnsafe())
  if (plan.leaks === true) yield* countHeld(stage)
})
