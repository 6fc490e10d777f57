import { Cause, Deferred, Effect, Exit, Fiber } from "effect"
import { turn } from "../chaos/world/seam.ts"
import type { SyncError } from "../contract/errors.ts"
import { isDefiniteRefusal } from "../contract/errors.ts"
import type { Invocation } from "../history/recorder.ts"
import type { Running, Settled } from "./arena.ts"
import type { ArenaContext } from "./arena-context.ts"
import { awaitWithin } from "./waiting.ts"

/** What an operation runs with: its number, and a way to say that it made progress. */
export interface OperationControl {
  readonly op: number
  /** Starts the deadline afresh: an item of a pull arrived. */
  readonly progress: () => void
  /** Takes the deadline off: a live pull that has caught up may stay open. */
  readonly withoutDeadline: () => void
}

/** A running operation and what only the harness's own parts use. */
export interface StartedOperation extends Running {
  /** Ends when it really ends, however late. */
  readonly ended: Deferred.Deferred<Settled>
  /** When it ran into its deadline, on the clock of the timers; undefined for one that did not. */
  readonly stuckAtMs: () => number | undefined
}

const errorOf = (value: unknown): SyncError => value as SyncError

const isRefusal = (error: unknown): boolean => {
  const tag = (error as { _tag?: unknown } | null)?._tag
  return typeof tag === "string" && (isDefiniteRefusal(tag) || tag === "CursorAhead")
}

/** Writes down how an operation ended and says it in the caller's terms. */
const settle = (context: ArenaContext, op: number, exit: Exit.Exit<void, SyncError>): Settled => {
  const { recorder } = context
  if (Exit.isSuccess(exit)) {
    recorder.ok(op)
    return { _tag: "ok", op }
  }
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure !== undefined) {
    recorder.failed(op, failure.error)
    return { _tag: isRefusal(failure.error) ? "refused" : "indefinite", op, error: errorOf(failure.error) }
  }
  const defect = exit.cause.reasons.find(Cause.isDieReason)
  if (defect !== undefined) {
    recorder.defect(defect.defect, { op })
    return {
      _tag: "defect",
      op,
      message: defect.defect instanceof Error ? defect.defect.message : String(defect.defect),
    }
  }
  recorder.interrupted(op)
  return { _tag: "interrupted", op }
}

/**
 * Runs an operation detached and races it with its deadline. At the deadline it is recorded as stuck and the caller
 * goes on; the operation stays recorded and a late end is still judged. Its interruption is never awaited.
 */
export const startOperation = Effect.fnUntraced(function* (
  context: ArenaContext,
  invocation: Invocation,
  describe: string,
  deadlineMs: number,
  lastFrames: () => ReadonlyArray<string>,
  run: (control: OperationControl) => Effect.Effect<void, SyncError>,
): Effect.fn.Return<StartedOperation> {
  const { recorder, timers, waiting, outstanding } = context
  const op = recorder.invoke(invocation)
  outstanding.set(op, `${invocation.client} ${describe}`)
  const ended = Deferred.makeUnsafe<Settled>()
  const answered = Deferred.makeUnsafe<Settled>()
  let now: Settled | undefined
  let stuckAtMs: number | undefined
  let cancelDeadline = () => {}

  const answer = (settled: Settled): void => {
    cancelDeadline()
    now ??= settled
    Deferred.doneUnsafe(answered, Exit.succeed(settled))
    waiting.notify()
  }
  const startDeadline = (): void => {
    cancelDeadline()
    cancelDeadline = timers.after(deadlineMs, () => {
      if (now !== undefined) return
      stuckAtMs = timers.nowMs()
      recorder.stuck({
        op,
        afterMs: deadlineMs,
        outstanding: [...outstanding.values()].slice(0, 8),
        frames: lastFrames(),
      })
      answer({ _tag: "stuck", op })
    })
  }
  startDeadline()

  const progress = () => {
    if (now === undefined) startDeadline()
  }
  const fiber = yield* Effect.forkDetach(
    Effect.suspend(() => run({ op, progress, withoutDeadline: () => cancelDeadline() })),
  )
  fiber.addObserver((exit) => {
    outstanding.delete(op)
    const settled = settle(context, op, exit)
    answer(settled)
    Deferred.doneUnsafe(ended, Exit.succeed(settled))
  })

  const interrupt: Running["interrupt"] = (withinMs = 100) =>
    Effect.suspend(() => {
      if (Deferred.isDoneUnsafe(ended)) return Effect.succeed(0)
      const fromMs = timers.nowMs()
      recorder.interrupt(op)
      return Effect.andThen(
        Effect.forkDetach(Fiber.interrupt(fiber)),
        Effect.map(awaitWithin(ended, withinMs), (settled) =>
          settled === undefined ? undefined : timers.nowMs() - fromMs,
        ),
      )
    })

  return {
    op,
    settled: Effect.andThen(turn, Deferred.await(answered)),
    now: () => now,
    interrupt,
    ended,
    stuckAtMs: () => stuckAtMs,
  }
})
