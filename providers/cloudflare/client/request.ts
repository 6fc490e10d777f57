import { Effect } from "effect"
import { IsOffline } from "../../../contract/errors.ts"
import { currentTrace, withTrace } from "../tracing.ts"
import type { Dialer, NoLink } from "./dialer.ts"
import type { Answer, Asked, Link, LinkEnd } from "./link.ts"
import type { ClientOptions } from "./options.ts"
import { patientTimer } from "./patient-timer.ts"

const repeatsAtMost = 2

/** How a request ended without an answer. `sent` tells whether the backend may have seen it. */
export interface Unanswered {
  readonly _tag: "Unanswered"
  readonly sent: boolean
  readonly error: NoLink
}

/**
 * Waits for a connection, sends one request over it and waits for the answer, at most `withinMs` in all. It is sent
 * once; with `repeatMs`, which is for reads, again where the answer may have been lost.
 * A connection that owes an answer for longer than `answerTimeoutMs` is given up. Interruption is immediate; with
 * `tellCancel` the backend hears of it.
 */
export const request = (parts: {
  readonly dialer: Dialer
  readonly options: ClientOptions
  readonly frames: (id: number) => ReadonlyArray<string>
  readonly tellCancel: boolean
  readonly withinMs: number
  /** How much of it may pass until there is a connection. */
  readonly connectWithinMs: number
  /** For reads: asked again after this long without an answer. */
  readonly repeatMs?: number
}): Effect.Effect<Answer, Unanswered> => Effect.flatMap(currentTrace, (trace) => exchange(parts, trace))

const exchange = (parts: Parameters<typeof request>[0], trace: string | undefined): Effect.Effect<Answer, Unanswered> =>
  Effect.callback((resume) => {
    const { clock } = parts.options
    const frames = (id: number) => parts.frames(id).map((frame) => withTrace(frame, trace))
    const startedAtMs = clock.nowMs()
    const cleanups: Array<() => void> = []
    const asked: Array<Asked> = []
    const clean = (tellCancel: boolean): void => {
      for (const cleanup of cleanups) cleanup()
      for (const each of asked) each.cancel(tellCancel)
    }
    const fail = (sent: boolean, error: NoLink): void => {
      clean(false)
      resume(Effect.fail({ _tag: "Unanswered", sent, error }))
    }
    const ask = (link: Link): void => {
      asked.push(
        link.ask(frames, (answer) => {
          if ("_tag" in answer) return fail(true, new IsOffline({ message: `no answer: ${endedBecause(answer)}` }))
          clean(false)
          resume(Effect.succeed(answer))
        }),
      )
    }
    const use = (link: Link): void => {
      const leftMs = parts.withinMs - (clock.nowMs() - startedAtMs)
      const answerMs = Math.max(0, Math.min(parts.options.answerTimeoutMs, leftMs))
      cleanups.push(patientTimer(clock, answerMs, () => link.drop("the backend owes an answer")))
      const repeatMs = parts.repeatMs ?? Number.POSITIVE_INFINITY
      for (let repeat = 1; repeat <= repeatsAtMost && repeat * repeatMs < answerMs; repeat++) {
        cleanups.push(patientTimer(clock, repeat * repeatMs, () => ask(link)))
      }
      ask(link)
    }
    cleanups.push(
      parts.dialer.acquire(
        parts.connectWithinMs,
        (outcome) => {
          if ("_tag" in outcome) fail(false, outcome)
          else use(outcome)
        },
        trace,
      ),
    )
    return Effect.sync(() => clean(parts.tellCancel))
  })

const endedBecause = (end: LinkEnd): string => (end._tag === "Rejected" ? "the payload was rejected" : end.message)
