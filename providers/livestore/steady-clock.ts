import { Clock, Duration, Effect } from "effect"

const system = Clock.make()

/**
 * A clock whose sleeps are never shorter than asked for, as timers of a browser are. Node counts a timer from the
 * beginning of the turn in which it is set, so it fires early by as long as that turn has lasted.
 */
export const steadyClock: Clock.Clock = {
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  unsafeCurrentTimeMillis: () => system.unsafeCurrentTimeMillis(),
  unsafeCurrentTimeNanos: () => system.unsafeCurrentTimeNanos(),
  currentTimeMillis: system.currentTimeMillis,
  currentTimeNanos: system.currentTimeNanos,
  sleep: (duration) => {
    const ms = Duration.toMillis(duration)
    // What is too long for a timer is for ever; zero is left to the system.
    if (ms <= 0 || ms > 2 ** 31 - 1) return system.sleep(duration)
    return Effect.async<void>((resume) => {
      const dueMs = Date.now() + ms
      let timer = setTimeout(look, ms)
      function look() {
        const leftMs = dueMs - Date.now()
        if (leftMs <= 0) resume(Effect.void)
        else timer = setTimeout(look, leftMs)
      }
      return Effect.sync(() => clearTimeout(timer))
    })
  },
}
