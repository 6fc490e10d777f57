import type { ClientClock } from "./clock.ts"

/** A timer that comes later than this found its process standing still. */
const stoodStillMs = 100
const longestExtensionMs = 3_000

/**
 * A timer for deadlines of others: when this process itself stood still, what it waits for may lie unread in a
 * socket, so it looks again a little later. The result cancels it.
 */
export const patientTimer = (clock: ClientClock, ms: number, fire: () => void): (() => void) => {
  let dueAtMs = clock.nowMs() + ms
  const look = (): void => {
    const lateMs = clock.nowMs() - dueAtMs
    if (lateMs <= stoodStillMs) return fire()
    const extensionMs = Math.min(lateMs, longestExtensionMs)
    dueAtMs = clock.nowMs() + extensionMs
    cancel = clock.after(extensionMs, look)
  }
  let cancel = clock.after(ms, look)
  return () => cancel()
}
