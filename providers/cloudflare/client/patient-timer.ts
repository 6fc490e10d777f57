import type { ClientClock } from "./clock.ts"

/** A timer that comes later than this found its process standing still. */
const stoodStillMs = 100
const longestExtensionMs = 3_000

/**
 * A timer for deadlines of others: when this process itself stood still, what it waits for may lie unread in a
 * socket, so it looks again a little later. It waits on only for what it is later than before: a process that is
 * late each time is busy, and would wait for ever. The result cancels it.
 */
export const patientTimer = (clock: ClientClock, ms: number, fire: () => void): (() => void) => {
  let dueAtMs = clock.nowMs() + ms
  let usualMs = stoodStillMs
  const look = (): void => {
    const lateMs = clock.nowMs() - dueAtMs
    if (lateMs <= usualMs) return fire()
    usualMs = lateMs
    const extensionMs = Math.min(lateMs, longestExtensionMs)
    dueAtMs = clock.nowMs() + extensionMs
    cancel = clock.after(extensionMs, look)
  }
  let cancel = clock.after(ms, look)
  return () => cancel()
}
