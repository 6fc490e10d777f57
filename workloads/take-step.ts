import { Clock, Effect, type Scope } from "effect"
import type { Step } from "../contract/scenario.ts"
import type { CheckStop } from "../harness/arena.ts"
import { takeClientStep } from "./client-steps.ts"
import { takeLeaderStep } from "./leader-steps.ts"
import type { Actor, Stage } from "./stage.ts"

/** Takes one step of a client, whole or of single operations, as often and as long as the step says. */
export const takeStep = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  step: Step,
): Effect.fn.Return<void, CheckStop, Scope.Scope> {
  const { leader } = actor
  const clock = yield* Clock.Clock
  const untilMs = step.forMs === undefined ? Infinity : clock.currentTimeMillisUnsafe() + step.forMs
  for (let nth = 0; nth < (step.times ?? 1); nth++) {
    if (clock.currentTimeMillisUnsafe() > untilMs) return
    yield* leader === undefined ? takeClientStep(stage, actor, step) : takeLeaderStep(stage, actor, leader, step)
  }
})
