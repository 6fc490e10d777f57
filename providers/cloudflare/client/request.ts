import { Effect } from "effect"
import { IsOffline } from "../../../contract/errors.ts"
import type { Dialer, NoLink } from "./dialer.ts"
import type { Answer, Asked, Link } from "./link.ts"
import type { ClientOptions } from "./options.ts"

/** How a request ended without an answer. `sent` tells whether the backend may have seen it. */
export interface Unanswered {
  readonly _tag: "Unanswered"
  readonly sent: boolean
  readonly error: NoLink
}

/**
 * Waits for a connection, sends one request over it, once, and waits for the answer, at most `withinMs` in all.
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
}): Effect.Effect<Answer, Unanswered> =>
  Effect.callback((resume) => {
    const startedAtMs = performance.now()
    let timer: NodeJS.Timeout | undefined
    let asked: Asked | undefined

    const fail = (sent: boolean, error: NoLink): void => {
      clearTimeout(timer)
      resume(Effect.fail({ _tag: "Unanswered", sent, error }))
    }
    const ask = (link: Link): void => {
      const leftMs = parts.withinMs - (performance.now() - startedAtMs)
      const answerMs = Math.max(0, Math.min(parts.options.answerTimeoutMs, leftMs))
      timer = setTimeout(() => link.drop("the backend owes an answer"), answerMs)
      asked = link.ask(parts.frames, (answer) => {
        clearTimeout(timer)
        if (answer === undefined) fail(true, new IsOffline({ message: "the connection ended before the answer" }))
        else resume(Effect.succeed(answer))
      })
    }
    const giveUp = parts.dialer.acquire(parts.connectWithinMs, (outcome) => {
      if ("_tag" in outcome) fail(false, outcome)
      else ask(outcome)
    })
    return Effect.sync(() => {
      giveUp()
      clearTimeout(timer)
      asked?.cancel(parts.tellCancel)
    })
  })
