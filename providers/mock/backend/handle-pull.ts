import { Effect } from "effect"
import type { PullError } from "../../../contract/errors.ts"
import type { StorageFailure } from "../storage.ts"
import type { PullFrame } from "../wire.ts"
import type { Handling } from "./handle.ts"
import type { RequestContext } from "./seams.ts"

/**
 * Answers one page. What was read is sent only if it will last, and if payload and life are still the same after the
 * reading, so that nothing of another life, and nothing pushed after a revocation, gets through.
 */
const answerPage = Effect.fnUntraced(function* (
  handling: Handling,
  context: RequestContext,
  frame: PullFrame,
): Effect.fn.Return<void, PullError | StorageFailure> {
  const { parts, incarnation } = handling
  const { seams } = parts
  const { t, id, sub, known, after, at, until, first } = frame
  yield* seams.authorise({ context, hook: t, record: first })
  yield* incarnation.stepHere("authorise")
  const backendId = yield* seams.identity({ context, known, at })
  yield* incarnation.stepHere("identity")
  yield* seams.takeOver({ context })
  yield* incarnation.stepHere("takeOver")
  const position = yield* seams.locate({ context, backendId, after, at })
  yield* incarnation.stepHere("locate")
  if (sub !== undefined) {
    yield* seams.subscribe({ context, sub })
    yield* incarnation.stepHere("subscribe")
  }
  const read = yield* seams.readPage({ context, position, until })
  yield* incarnation.stepHere("readPage")
  const info = yield* seams.pageInfo({ context, read, after: after ?? 0 })
  yield* incarnation.stepHere("pageInfo")
  yield* seams.sync({ context, why: "show" })
  yield* incarnation.stepHere("sync")
  yield* seams.authorise({ context, hook: t, record: false })
  yield* incarnation.stepHere("authorise again")
  yield* seams.identity({ context, known: backendId, at: undefined })
  yield* incarnation.stepHere("identity again")
  context.connection.send(seams.encodePage({ t: "page", id, backendId, ...info, rows: read.rows }))
})

/** Handles a page request. A live pull that was withdrawn meanwhile, or is refused, leaves no subscription. */
export const handlePull = (
  handling: Handling,
  context: RequestContext,
  frame: PullFrame,
): Effect.Effect<void, PullError | StorageFailure> => {
  const { sub } = frame
  if (sub === undefined) return answerPage(handling, context, frame)
  const { connection } = context
  const unsubscribe = Effect.suspend(() => handling.parts.seams.unsubscribe({ context, sub }))
  return answerPage(handling, context, frame).pipe(
    Effect.tapError(() => unsubscribe),
    Effect.ensuring(Effect.suspend(() => (connection.endLive(sub) ? unsubscribe : Effect.void))),
  )
}
