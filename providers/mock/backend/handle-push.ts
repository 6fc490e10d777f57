import { Effect } from "effect"
import type { BackendIdMismatch, InvalidPush, PushError, ServerAhead } from "../../../contract/errors.ts"
import { StorageFailure } from "../storage.ts"
import type { PushFrame } from "../wire.ts"
import type { Handling } from "./handle.ts"
import type { RequestContext } from "./seams.ts"
import { statement } from "./statement.ts"

/** The head as it is at this instant, and whose it is. */
const headOf = ({ storage, storeId }: RequestContext) => {
  const { head, backendId } = storage.read(storeId)
  return { head, backendId }
}

/** Lives that may end beneath one push before it gives up. */
const mostRounds = 8

/**
 * Check and append, while no other push of the store is in there. The identity is read again: the life may have
 * ended while the application made up its mind, and once more if it ends before the write.
 */
const admission = Effect.fnUntraced(function* (
  { parts: { seams }, incarnation }: Handling,
  context: RequestContext,
  { known, events }: PushFrame,
): Effect.fn.Return<
  { readonly backendId: string; readonly head: number },
  BackendIdMismatch | InvalidPush | ServerAhead | StorageFailure
> {
  yield* incarnation.stepHere("exclusive")
  for (let round = 0; round < mostRounds; round++) {
    const backendId = yield* seams.identity({ context, known, at: undefined })
    yield* incarnation.stepHere("identity")
    yield* seams.takeOver({ context })
    yield* incarnation.stepHere("takeOver")
    // A head is named to whoever stands behind it: it has to last, whatever became of the push that wrote it.
    yield* seams.sync({ context, why: "admit" })
    yield* incarnation.stepHere("sync")
    const stands = yield* statement(context, () => headOf(context))
    yield* incarnation.stepHere("head")
    if (stands.backendId !== backendId) continue
    const { head } = stands
    yield* seams.admit({ context, events, head })
    yield* incarnation.stepHere("admit")
    const newHead = yield* seams.setHead({ context, events, head })
    yield* incarnation.stepHere("setHead")
    const stored = yield* seams.append({ context, backendId, events, head: newHead })
    yield* incarnation.stepHere("append")
    if (!stored) continue
    yield* seams.sync({ context, why: "acknowledge" })
    yield* incarnation.stepHere("sync")
    return { backendId, head: newHead }
  }
  return yield* Effect.fail(new StorageFailure("the store's life ended again and again"))
})

/** Takes a batch, or says why not. An empty one changes nothing, but is for accepted clients only. */
export const handlePush = Effect.fnUntraced(function* (
  handling: Handling,
  context: RequestContext,
  frame: PushFrame,
): Effect.fn.Return<void, PushError | StorageFailure> {
  const { parts, incarnation } = handling
  const { seams } = parts
  const { id, known, events } = frame
  yield* seams.authorise({ context, hook: "push", record: true })
  yield* incarnation.stepHere("authorise")
  if (events.length === 0) {
    const backendId = yield* seams.identity({ context, known, at: undefined })
    yield* incarnation.stepHere("identity")
    return yield* seams.acknowledge({ context, frame: { t: "acked", id, backendId } })
  }
  yield* seams.rejectEvents({ context, events })
  yield* incarnation.stepHere("rejectEvents")
  const { backendId, head } = yield* seams.exclusive(context, admission(handling, context, frame))
  yield* incarnation.stepHere("released")
  yield* seams.acknowledge({ context, frame: { t: "acked", id, backendId } })
  yield* incarnation.stepHere("acknowledge")
  yield* seams.publish({ context, head })
})
