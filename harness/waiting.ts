import { type Deferred, Effect } from "effect"
import { Timers, type TimersShape } from "../chaos/timers.ts"
import { turn } from "../chaos/world/seam.ts"

/** Waits for conditions over what was recorded, without sleeping. */
export interface Waiting {
  /** Something changed: conditions are looked at again, in a task of their own. */
  readonly notify: () => void
  /**
   * Waits until the condition holds; false when `withinMs` passed first. Looks again after every `notify`, and now
   * and then by itself for conditions that no record shows.
   */
  readonly until: (condition: () => boolean, withinMs: number) => Effect.Effect<boolean>
}

interface Waiter {
  readonly condition: () => boolean
  readonly resume: (held: boolean) => void
}

/** How often a condition is looked at without a notification: 500 looks a wait, between 2 and 50 ms apart. */
const pollMs = (withinMs: number): number => Math.min(50, Math.max(2, withinMs / 500))

/** Makes the waiting room of one check. */
export const makeWaiting = (timers: TimersShape): Waiting => {
  const waiters = new Set<Waiter>()
  let sweeping = false

  const sweep = (): void => {
    sweeping = false
    for (const waiter of [...waiters]) {
      if (waiters.has(waiter) && waiter.condition()) waiter.resume(true)
    }
  }

  const until: Waiting["until"] = (condition, withinMs) =>
    Effect.callback<boolean>((resume) => {
      if (condition()) {
        resume(Effect.as(turn, true))
        return
      }
      let cancelPoll = () => {}
      const leave = () => {
        waiters.delete(waiter)
        cancelTimeout()
        cancelPoll()
      }
      const waiter: Waiter = {
        condition,
        resume: (held) => {
          leave()
          resume(Effect.succeed(held))
        },
      }
      const cancelTimeout = timers.after(withinMs, () => waiter.resume(condition()))
      const everyMs = pollMs(withinMs)
      const poll = () => {
        cancelPoll = timers.after(everyMs, () => {
          if (condition()) waiter.resume(true)
          else poll()
        })
      }
      poll()
      waiters.add(waiter)
      return Effect.sync(leave)
    })

  return {
    notify: () => {
      if (sweeping || waiters.size === 0) return
      sweeping = true
      timers.after(0, sweep)
    },
    until,
  }
}

/**
 * Waits for a deferred at most `withinMs`; undefined when time ran out. Never interrupts what it waits for. One timer
 * and one listener: a race with a sleep would start two fibers and interrupt one of them, some thirty times a seed.
 */
export const awaitWithin = <A>(deferred: Deferred.Deferred<A>, withinMs: number): Effect.Effect<A | undefined> =>
  Effect.flatMap(Timers, (timers) =>
    Effect.callback<A | undefined>((resume) => {
      if (deferred.effect !== undefined) return resume(deferred.effect)
      const cancel = Number.isFinite(withinMs) ? timers.after(withinMs, () => end(Effect.succeed(undefined))) : () => {}
      const leave = () => {
        cancel()
        const at = deferred.resumes?.indexOf(end) ?? -1
        if (at >= 0) deferred.resumes!.splice(at, 1)
      }
      const end = (how: Effect.Effect<A | undefined>) => {
        leave()
        resume(how)
      }
      ;(deferred.resumes ??= []).push(end)
      return Effect.sync(leave)
    }),
  )
