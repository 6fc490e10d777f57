import { Exit } from "effect"
import type { TimersShape } from "../../../chaos/timers.ts"
import { encodeFrame } from "../codec.ts"
import type { PongFrame } from "../wire.ts"
import type { Pending, Session } from "./session.ts"

/** What watches over a connection. */
export interface Heartbeat {
  readonly timers: TimersShape
  readonly beat: { readonly pingAfterMs: number; readonly lostAfterMs: number }
  readonly ponged: (pong: PongFrame) => void
  /** Nothing has arrived for `lostAfterMs`. */
  readonly lost: () => void
}

/**
 * Sends a ping some time after each pong, and gives up a connection on which nothing arrives any more. It uses
 * timers alone, so that an idle hour costs a few thousand callbacks and no fiber. A pong that is lost while other
 * frames arrive is asked for again.
 */
export const watchSession = (session: Session, { timers, beat, ponged, lost }: Heartbeat): void => {
  let asked: number | undefined
  const after = (ms: number, task: () => void): void => {
    session.cancelWatch = Number.isFinite(ms) ? timers.after(ms, task) : () => {}
  }
  const restMs = () => session.receivedAtMs + beat.lostAfterMs - timers.nowMs()

  const tick = (): void => {
    if (session.over) return
    if (restMs() <= 0) return lost()
    if (asked !== undefined) session.pending.delete(asked)
    const id = session.nextId()
    asked = id
    const gone = [...session.gone]
    const settle: Pending["settle"] = (outcome) => {
      session.pending.delete(id)
      if (!Exit.isSuccess(outcome)) return
      asked = undefined
      for (const sub of gone) session.gone.delete(sub)
      session.cancelWatch()
      after(beat.pingAfterMs, tick)
      if (outcome.value.t === "pong") ponged(outcome.value)
    }
    session.pending.set(id, { settle, sentAtMs: timers.nowMs(), ping: true })
    session.socket.send(`${encodeFrame(gone.length === 0 ? { t: "ping", id } : { t: "ping", id, gone })}\n`)
    after(restMs(), tick)
  }
  after(beat.pingAfterMs, tick)
}
