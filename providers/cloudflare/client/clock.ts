/** Where a client has its time and its chance from. A simulation gives its own. */
export interface ClientClock {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** Runs `task` once after `ms` milliseconds. The result cancels it. */
  readonly after: (ms: number, task: () => void) => () => void
  /** From 0 to 1. */
  readonly random: () => number
  /** What the wall clock shows, in milliseconds since 1970: only dates in headers are measured by it. */
  readonly wallMs: () => number
}

/** The clock of this process. */
export const realClock: ClientClock = {
  nowMs: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  wallMs: () => Date.now(),
}
