import { Effect } from "effect"
import type { Dialer, NoLink } from "../../cloudflare/client/dialer.ts"
import type { ClientOptions } from "../../cloudflare/client/options.ts"
import { patientTimer } from "../../cloudflare/client/patient-timer.ts"
import { currentTrace } from "../../cloudflare/tracing.ts"
import { IsOffline, type SyncError } from "../../../contract/errors.ts"
import type { HeadAnswer, Route } from "../wire.ts"
import type { ElectricLink } from "./link.ts"

/** What was answered, and over which link. */
export interface Told {
  readonly link: ElectricLink
  readonly head: HeadAnswer
}

/** How a request ended otherwise. `sent` tells whether the backend may have seen it. */
export interface NotTold {
  readonly _tag: "NotTold"
  readonly sent: boolean
  readonly error: SyncError
}

/**
 * Waits for a connection, sends one request over it, once, and waits for the answer. A connection that owes one for
 * longer than `answerTimeoutMs` is given up. Interruption is immediate.
 */
export const ask = (parts: {
  readonly dialer: Dialer<ElectricLink>
  readonly options: ClientOptions
  readonly route: Route
  readonly body: unknown
  /** The whole of it, in milliseconds, and how much of it may pass until there is a connection. */
  readonly withinMs: number
  readonly connectWithinMs: number
}): Effect.Effect<Told, NotTold> =>
  Effect.flatMap(currentTrace, (trace) =>
    Effect.callback((resume) => {
      const { clock, answerTimeoutMs } = parts.options
      const startedAtMs = clock.nowMs()
      const cleanups: Array<() => void> = []
      const clean = (): void => {
        for (const cleanup of cleanups) cleanup()
      }
      const fail = (sent: boolean, error: SyncError): void => {
        clean()
        resume(Effect.fail({ _tag: "NotTold", sent, error }))
      }
      const use = (link: ElectricLink): void => {
        const leftMs = Math.max(0, Math.min(answerTimeoutMs, parts.withinMs - (clock.nowMs() - startedAtMs)))
        cleanups.push(patientTimer(clock, leftMs, () => link.drop("the backend owes an answer")))
        cleanups.push(
          link.ask(parts.route, parts.body, (answer) => {
            if (answer._tag === "Head") {
              clean()
              return resume(Effect.succeed({ link, head: answer.head }))
            }
            if (answer._tag === "Refused" || answer._tag === "Rejected") return fail(true, answer.error)
            fail(true, new IsOffline({ message: `no answer: ${answer.message}` }))
          }),
        )
      }
      cleanups.push(
        parts.dialer.acquire(
          parts.connectWithinMs,
          (outcome: ElectricLink | NoLink) => {
            if ("_tag" in outcome) fail(false, outcome)
            else use(outcome)
          },
          trace,
        ),
      )
      return Effect.sync(clean)
    }),
  )
