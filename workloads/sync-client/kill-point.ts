import { Effect } from "effect"
import { seamHere } from "../../chaos/world/seam.ts"

/** Places between two steps of a client, where it can be killed. */
export const killPoints = [
  /** A session's events are on the disk; no session has heard of it, nothing is pushed. */
  "committed",
  /** An item came; nothing of it was applied. */
  "received",
  /** One event of an item was applied and is in the log; the cursor stands before the item. */
  "applied",
  /** All of an item is applied and pending events stand on it; the cursor stands before the item. */
  "rebased",
  /** The cursor stands behind the item; sessions have not heard of it and pushing has not begun again. */
  "cursor-saved",
  /** A batch is about to be pushed. */
  "pushing",
  /** A batch was acknowledged; nothing on the disk says so. */
  "pushed",
] as const
export type KillPoint = (typeof killPoints)[number]

/** The steps of one process of a client. */
export interface Steps {
  /** Passes a place, for a fiber that waits for it at once; a process that is dead, or dies here, never gets past it. */
  readonly at: (point: KillPoint) => Effect.Effect<void>
  /** Ends the process here and now. */
  readonly die: () => void
  readonly isDead: () => boolean
}

/** Steps that a process passes until `kills` says that it dies; `onDeath` runs in that very instant. */
export const makeSteps = (kills: (point: KillPoint) => boolean, onDeath: () => void): Steps => {
  let dead = false
  const die = (): void => {
    if (dead) return
    dead = true
    onDeath()
  }
  const unlessDead = Effect.suspend(() => (dead ? Effect.never : Effect.void))
  return {
    at: (point) => {
      if (!dead && kills(point)) die()
      if (dead) return Effect.never
      const passed = seamHere(point)
      return passed === Effect.void ? passed : Effect.andThen(passed, unlessDead)
    },
    die,
    isDead: () => dead,
  }
}
