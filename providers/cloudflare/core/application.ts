import { Effect } from "effect"
import { PayloadRejected, PushRejected } from "../../../contract/errors.ts"
import { judgeEvent, judgePayload, type Hook } from "../../../contract/test-application.ts"
import type { LogEvent } from "./log-store.ts"

/** Who stands behind a connection: what its `hello` said. `payload` is absent where none was handed over. */
export interface Session {
  readonly storeId: string
  readonly clientId: string
  readonly payload?: unknown
}

/** The application behind a backend: it decides who may do what. */
export interface Application {
  /** Asked before each operation. */
  readonly authorise: (hook: Hook, session: Session) => PayloadRejected | undefined
  /** Whether a payload that was accepted before still is; not counted as a call of a hook. */
  readonly stillAccepts: (session: Session) => PayloadRejected | undefined
  /** Asked before a batch is committed. It may take its time: nothing is locked meanwhile. */
  readonly judge: (batch: ReadonlyArray<LogEvent>) => Effect.Effect<void, PushRejected>
}

/** The contract's test application. `saw` is told of each call of a hook. */
export const testApplication = (options: {
  readonly revoked: ReadonlySet<string>
  readonly saw: (hook: Hook, session: Session) => void
}): Application => {
  const stillAccepts = (session: Session): PayloadRejected | undefined => {
    const verdict = judgePayload(session.payload, options.revoked)
    return verdict.ok ? undefined : new PayloadRejected({ message: verdict.reason })
  }
  return {
    stillAccepts,
    authorise: (hook, session) => {
      options.saw(hook, session)
      return stillAccepts(session)
    },
    judge: (batch) => Effect.forEach(batch, judgeOne, { discard: true }),
  }
}

const judgeOne = (event: LogEvent): Effect.Effect<void, PushRejected> => {
  const verdict = judgeEvent({
    name: event.name,
    // Parsed only when the application looks.
    get args() {
      return event.args === undefined ? undefined : (JSON.parse(event.args) as unknown)
    },
  })
  if (verdict === "throw") return Effect.fail(new PushRejected({ reason: "the application's push hook threw" }))
  if ("waitMs" in verdict) return Effect.sleep(verdict.waitMs)
  return verdict.ok ? Effect.void : Effect.fail(new PushRejected({ reason: verdict.reason }))
}
