import { Effect, Exit } from "effect"
import { seam } from "../../../chaos/world/seam.ts"
import { IsOffline, type PayloadRejected } from "../../../contract/errors.ts"
import { encodeFrame } from "../codec.ts"
import type { UpFrame } from "../wire.ts"
import type { ClientConnection } from "./connection.ts"
import type { Answer, Session } from "./session.ts"

/** Why nothing can be asked now. */
export type Unreachable = IsOffline | PayloadRejected

/** The request was certainly not handled: it may be sent again. Told apart by being this very value. */
export const leftAlone = new IsOffline({ message: "the connection ended before the backend looked at the request" })

export const offline = (message: string): IsOffline => new IsOffline({ message })

/** Goes on in a turn of its own: no chain of wake-ups runs on the stack of who woke. */
export const later = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> => Effect.andThen(seam("wake"), effect)

/**
 * Asks once on this connection and waits for the answer; ends with `IsOffline` at the deadline, and with it the
 * connection, if it has answered nothing since. With `patient` the deadline is counted from the last sign of an
 * answer that is on its way.
 */
export const request = (
  connection: ClientConnection,
  session: Session,
  frame: (id: number) => UpFrame,
  withinMs: number,
  patient = false,
): Effect.Effect<Answer, Unreachable> =>
  Effect.callback<Answer, Unreachable>((resume) => {
    // It ended between the caller's look at it and now: nothing is sent.
    if (session.over) return resume(Effect.fail(leftAlone))
    const { timers } = connection
    const id = session.nextId()
    const sentAtMs = timers.nowMs()
    let cancel = () => {}
    const leave = () => {
      cancel()
      session.pending.delete(id)
    }
    const settle = (outcome: Exit.Exit<Answer, Unreachable>) => {
      leave()
      resume(later(outcome))
    }
    const expire = () => {
      const restMs = session.receivedAtMs + withinMs - timers.nowMs()
      if (patient && session.reader.halfway && restMs > 0) {
        cancel = timers.after(restMs, expire)
        return
      }
      settle(Exit.fail(offline("no answer in time")))
      if (session.reader.halfway || session.isSilentSince(sentAtMs)) connection.lose(session, "it answers no more")
    }
    cancel = timers.after(withinMs, expire)
    const sent = frame(id)
    session.pending.set(id, { settle, sentAtMs, ping: sent.t === "ping" })
    session.socket.send(`${encodeFrame(sent)}\n`)
    return Effect.sync(leave)
  })

/**
 * Asks, and asks again on the next connection where the backend says that it never looked at the request. A request
 * that it may have looked at is never sent twice.
 */
export const ask = (
  connection: ClientConnection,
  session: Session,
  frame: (id: number) => UpFrame,
  deadlineAtMs: number,
): Effect.Effect<Answer, Unreachable> => {
  const restMs = () => Math.max(0, deadlineAtMs - connection.timers.nowMs())
  return Effect.suspend(() => request(connection, session, frame, restMs())).pipe(
    Effect.catchIf(
      (error) => error === leftAlone,
      () => Effect.flatMap(connection.ready(restMs()), (next) => ask(connection, next, frame, deadlineAtMs)),
    ),
  )
}
