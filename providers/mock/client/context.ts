import { Effect } from "effect"
import type { TimersShape } from "../../../chaos/timers.ts"
import type { ClientMemory } from "../../../contract/client-memory.ts"
import { BackendIdMismatch, IsOffline, UnknownError, type SyncError } from "../../../contract/errors.ts"
import { mockTimes } from "../capabilities.ts"
import type { PageFrame } from "../wire.ts"
import type { ClientConnection } from "./connection.ts"
import type { ClientIdentity, ClientSeams, TimedOperation } from "./seams.ts"
import type { Answer } from "./session.ts"

/** What the operations of one client share. */
export interface ClientContext {
  readonly client: ClientIdentity
  readonly seams: ClientSeams
  readonly memory: ClientMemory
  readonly connection: ClientConnection
  readonly timers: TimersShape
  readonly pace: PullPace
}

/**
 * Keeps pulls that are retried at once from hammering a backend that fails them: after a failure the next ones
 * take turns at a fixed distance, until one succeeds.
 */
export class PullPace {
  private readonly timers: TimersShape
  private failing = false
  private nextMs = 0

  constructor(timers: TimersShape) {
    this.timers = timers
  }

  /** Waits for this pull's turn; `IsOffline` when that would take too long. */
  readonly turn: Effect.Effect<void, IsOffline> = Effect.suspend((): Effect.Effect<void, IsOffline> => {
    if (!this.failing) return Effect.void
    const nowMs = this.timers.nowMs()
    const waitMs = this.nextMs - nowMs
    const longestMs = mockTimes.pullPaceMs * 8
    if (waitMs > longestMs) {
      const message = "too many pulls wait for a backend that fails them"
      return Effect.andThen(Effect.sleep(longestMs), Effect.fail(new IsOffline({ message })))
    }
    this.nextMs = Math.max(nowMs, this.nextMs) + mockTimes.pullPaceMs
    return waitMs > 0 ? Effect.sleep(waitMs) : Effect.void
  })

  succeeded(): void {
    this.failing = false
  }

  failed(): void {
    this.failing = true
    this.nextMs = Math.max(this.nextMs, this.timers.nowMs() + mockTimes.pullPaceMs)
  }
}

/** The error that an answer stands for; undefined for one that is none. Takes over what it says about the backend. */
export const refusalOf = (context: ClientContext, answer: Answer, operation: TimedOperation): SyncError | undefined => {
  const { connection, seams } = context
  if (answer.t !== "refused") {
    connection.believe(true)
    return undefined
  }
  const error = seams.mapError(answer.error, operation)
  connection.believe(error._tag !== "IsOffline")
  if (error._tag === "PayloadRejected") connection.reject(error)
  if (error._tag === "ServerAhead") connection.heard(error.head)
  return error
}

/** The errors that a pull may end with; what does not belong there is an unknown one. */
export const pullErrorOf = (error: SyncError) => {
  switch (error._tag) {
    case "IsOffline":
    case "PayloadRejected":
    case "BackendIdMismatch":
    case "CursorAhead":
    case "UnknownError":
      return error
    default:
      return new UnknownError({ message: `a pull was refused with ${error._tag}` })
  }
}

/** Takes a page's backendId as the one this client knows, unless it knows another. */
export const checkIdentity = (context: ClientContext, page: PageFrame): Effect.Effect<void, BackendIdMismatch> => {
  const { seams, memory, client } = context
  const { backendId } = page
  return Effect.flatMap(seams.remember({ memory, storeId: client.storeId, backendId }), (known) =>
    known === backendId ? Effect.void : Effect.fail(new BackendIdMismatch({ expected: known, received: backendId })),
  )
}
