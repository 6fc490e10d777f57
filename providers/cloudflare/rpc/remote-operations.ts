import { Effect } from "effect"
import { currentTrace } from "../tracing.ts"
import type { ControlSocket } from "./control-socket.ts"
import type { ControlEvent, OperationCommand } from "./control-wire.ts"

/** How a question to the client object ended, beside its answer. */
export type NoAnswer =
  /** The object's process could not be reached: nothing was asked. */
  | "unreachable"
  /** It was reached and has gone since. */
  | "lost"
  /** It did not answer in time. */
  | "late"

export interface Asking {
  /** The operation that this goes on with; absent for a new one. */
  readonly op?: number | undefined
  readonly withinMs: number
  /** How much of it may pass until the object is reached. */
  readonly upWithinMs: number
  readonly onSent?: (op: number) => void
}

/** Operations that run in the client object. */
export interface RemoteOperations {
  /** Asks and waits for what comes back for this operation. Interruption settles at once. */
  readonly ask: (make: (op: number) => OperationCommand, how: Asking) => Effect.Effect<ControlEvent | NoAnswer>
  readonly interrupt: (op: number) => void
  /** What came back; false when nobody waits for it. */
  readonly onEvent: (event: ControlEvent & { readonly op: number }) => void
  /** The object's process is gone, with all that was asked of it. */
  readonly onDown: () => void
}

export const remoteOperations = (control: () => ControlSocket): RemoteOperations => {
  const pending = new Map<number, (end: ControlEvent | NoAnswer) => void>()
  let lastOp = 0

  const interrupt = (op: number): void => {
    pending.delete(op)
    control().send({ c: "interrupt", op })
  }

  const ask: RemoteOperations["ask"] = (make, how) =>
    Effect.callback((resume) => {
      const op = how.op ?? ++lastOp
      let sent = false
      const settle = (end: ControlEvent | NoAnswer): void => {
        clearTimeout(timer)
        stopWaiting()
        pending.delete(op)
        resume(Effect.succeed(end))
      }
      const timer = Number.isFinite(how.withinMs)
        ? setTimeout(() => {
            settle(sent ? "late" : "unreachable")
            // An object that owes an answer for so long stands still: its own clients end in less.
            if (sent) control().suspect()
          }, how.withinMs)
        : undefined
      let stopWaiting = (): void => undefined
      const send = (up: boolean): void => {
        if (!up) return settle("unreachable")
        sent = true
        pending.set(op, settle)
        how.onSent?.(op)
        control().send(make(op))
      }
      // What goes on with an operation of a process that is gone has to begin anew.
      if (how.op !== undefined && !control().isUp()) settle("lost")
      else stopWaiting = control().whenUp(how.upWithinMs, send)
      return Effect.sync(() => {
        clearTimeout(timer)
        stopWaiting()
        if (sent) interrupt(op)
      })
    })

  return {
    interrupt,
    ask: (make, how) =>
      Effect.flatMap(currentTrace, (trace) =>
        ask((op) => ({ ...make(op), ...(trace === undefined ? {} : { trace }) }), how),
      ),
    onEvent: (event) => pending.get(event.op)?.(event),
    onDown: () => {
      for (const settle of [...pending.values()]) settle("lost")
    },
  }
}
