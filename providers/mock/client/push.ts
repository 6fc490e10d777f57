import { Effect } from "effect"
import { seamHere } from "../../../chaos/world/seam.ts"
import { InvalidPush, UnknownError, type PushError, type SyncError } from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import type { PushFrame } from "../wire.ts"
import { ask } from "./request.ts"
import { refusalOf, type ClientContext } from "./context.ts"

const pushErrorOf = (error: SyncError): PushError =>
  error._tag === "CursorAhead" ? new UnknownError({ message: "a push was refused with CursorAhead" }) : error

/**
 * Offers a batch once. Where the answer is lost the outcome is not known: it says so with `IsOffline`, and does not
 * send the batch again.
 */
export const push = Effect.fnUntraced(function* (
  context: ClientContext,
  batch: ReadonlyArray<EventEncoded>,
): Effect.fn.Return<void, PushError> {
  const { seams, memory, connection, client, timers } = context
  const { storeId } = client
  if (!Array.isArray(batch)) return yield* new InvalidPush({ message: "the batch is no list of events" })
  const startedAtMs = timers.nowMs()
  const deadlineMs = seams.deadlineMs("push")
  const events = yield* seams.encodeBatch(batch)
  yield* seamHere("encodeBatch")
  const known = yield* seams.known({ memory, storeId })
  yield* seamHere("known")
  const session = yield* connection.ready(deadlineMs)
  const frame = (id: number): PushFrame => ({ t: "push", id, ...(known === undefined ? {} : { known }), events })
  const send = ask(connection, session, frame, startedAtMs + deadlineMs)
  const answer = yield* seams.sendPush({ send, events })
  yield* seamHere("sendPush")
  const refusal = refusalOf(context, answer, "push")
  if (refusal !== undefined) return yield* pushErrorOf(refusal)
  if (answer.t !== "acked") return yield* new UnknownError({ message: `a push was answered with ${answer.t}` })
  const { backendId } = answer
  const remembered = yield* seams.remember({ memory, storeId, backendId })
  // Another operation came to know another life while this one was on its way: the batch is stored, but not there.
  if (remembered !== backendId) return yield* new UnknownError({ message: "the backend's life ended meanwhile" })
})
