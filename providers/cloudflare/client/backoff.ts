/** When the next attempt to connect may be made. */
export interface Backoff {
  /** Milliseconds until then, 0 when it may be now. */
  readonly waitMs: () => number
  /** An attempt failed, or gave a connection that never worked. The server may have asked for a longer pause. */
  readonly failed: (retryAfterMs?: number) => void
  /** A connection that worked was lost: pauses start afresh. */
  readonly lost: () => void
}

/** Share of a pause by which it is drawn out at random, so that clients do not return in step. */
const jitter = 0.1
/** A connection that worked is dialled again after up to this long, for the same reason. */
const afterLossMs = 50

/**
 * Pauses that double from `firstPauseMs` up to `longestPauseMs`. With 300 ms and 4 s there are at most 19 attempts
 * in a minute: five in the first 4.5 s, then one in 4 s.
 */
export const makeBackoff = (options: {
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  readonly nowMs: () => number
  /** From 0 to 1. */
  readonly random: () => number
}): Backoff => {
  let failures = 0
  let readyAtMs = 0
  return {
    waitMs: () => Math.max(0, readyAtMs - options.nowMs()),
    failed: (retryAfterMs = 0) => {
      const pauseMs = Math.min(options.longestPauseMs, options.firstPauseMs * 2 ** Math.min(failures, 30))
      failures += 1
      readyAtMs = options.nowMs() + Math.max(retryAfterMs, pauseMs * (1 + jitter * options.random()))
    },
    lost: () => {
      failures = 0
      readyAtMs = options.nowMs() + afterLossMs * options.random()
    },
  }
}
