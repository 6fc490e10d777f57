import type { TimersShape } from "../../../chaos/timers.ts"

/** Timers inside an object. What is due at once runs in the same event, so that nothing keeps the object awake. */
export const objectTimers: TimersShape = {
  after: (ms, task) => {
    if (ms > 0) {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    }
    let cancelled = false
    queueMicrotask(() => {
      if (!cancelled) task()
    })
    return () => void (cancelled = true)
  },
  nowMs: () => performance.now(),
}
