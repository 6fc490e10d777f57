import { Effect, type Scope } from "effect"
import type { TimersShape } from "../chaos/timers.ts"
import type { Recorder } from "../history/recorder.ts"

/** The heartbeat's period, and the lag from which on it is worth a record, in milliseconds. */
const periodMs = 100
const worthRecordingMs = 50

/** Records how late the harness itself runs: a verdict on time is worth nothing while its own clock stands still. */
export const watchLag = (recorder: Recorder, timers: TimersShape): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => {
        let cancel = () => {}
        const beat = (dueMs: number): void => {
          cancel = timers.after(periodMs, () => {
            const lagMs = timers.nowMs() - dueMs
            if (lagMs > worthRecordingMs) recorder.lag(Math.round(lagMs))
            beat(timers.nowMs() + periodMs)
          })
        }
        beat(timers.nowMs() + periodMs)
        return () => cancel()
      }),
      (stop) => Effect.sync(stop),
    ),
  )
