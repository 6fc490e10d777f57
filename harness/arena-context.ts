import { Effect, type Scope } from "effect"
import type { TimersShape } from "../chaos/timers.ts"
import type { Provider, ProviderHostShape } from "../contract/provider.ts"
import type { Recorder } from "../history/recorder.ts"
import { CheckStop } from "./arena.ts"
import type { OpenedClient } from "./open-client.ts"
import type { Waiting } from "./waiting.ts"

/** What all parts of one check's arena share. */
export interface ArenaContext {
  readonly provider: Provider
  readonly host: ProviderHostShape
  readonly seed: number
  /** What the names of its stores and of its clients' processes begin with, unlike those of every other check and run. */
  readonly prefix: string
  readonly recorder: Recorder
  readonly timers: TimersShape
  readonly waiting: Waiting
  /** Ends with the check: links and what else the harness itself opened. */
  readonly scope: Scope.Scope
  readonly clients: Array<OpenedClient>
  /** Operations that have not ended yet, by their number, as words for a report of a stuck one. */
  readonly outstanding: Map<number, string>
  /** Brings the backend back to health, one entry for each thing that was done to it and not undone. */
  readonly undo: Map<string, Effect.Effect<void, CheckStop>>
  /** Names of all stores that this check touched, in order. */
  readonly stores: Set<string>
  /** Client memories by store and clientId: they outlive the clients. */
  readonly memories: Map<string, Map<string, string>>
}

/** Ends the check because the harness cannot use something that the host declares. */
export const notTestable = (context: ArenaContext, what: string): Effect.Effect<never, CheckStop> =>
  Effect.suspend(() => {
    context.recorder.note(`not testable: ${what}`)
    return Effect.fail(new CheckStop({ kind: "not-testable", message: what }))
  })

/** Ends the check as unjudged. */
export const unjudged = (context: ArenaContext, reason: string): Effect.Effect<never, CheckStop> =>
  Effect.suspend(() => {
    context.recorder.unjudged(reason)
    return Effect.fail(new CheckStop({ kind: "unjudged", message: reason }))
  })
