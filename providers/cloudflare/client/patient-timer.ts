/** A timer that comes later than this found its process standing still. */
const stoodStillMs = 100
const longestExtensionMs = 3_000

/**
 * Like `setTimeout`, for deadlines of others: when this process itself stood still, what it waits for may lie unread
 * in a socket, so it looks again a little later. The result cancels it.
 */
export const patientTimer = (ms: number, fire: () => void): (() => void) => {
  let dueAtMs = performance.now() + ms
  const look = (): void => {
    const lateMs = performance.now() - dueAtMs
    if (lateMs <= stoodStillMs) return fire()
    const extensionMs = Math.min(lateMs, longestExtensionMs)
    dueAtMs = performance.now() + extensionMs
    timer = setTimeout(look, extensionMs)
  }
  let timer = setTimeout(look, ms)
  return () => clearTimeout(timer)
}
