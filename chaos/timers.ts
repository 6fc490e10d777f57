import { Context } from "effect"

/**
 * Timers for code that is not an effect (links, sockets): in the virtual world they are the world's own, so that
 * nothing there waits for a real clock.
 */
export interface TimersShape {
  /** Runs `task` once after `ms` milliseconds; 0 is as soon as the scheduler comes to it. The result cancels it. */
  readonly after: (ms: number, task: () => void) => () => void
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
}

const realTimers: TimersShape = {
  after: (ms, task) => {
    if (ms <= 0) {
      const immediate = setImmediate(task)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
  nowMs: () => performance.now(),
}

/** The timers of the world that this effect runs in; real ones by default. */
export const Timers = Context.Reference<TimersShape>("sync-gauntlet/chaos/Timers", {
  defaultValue: () => realTimers,
})
