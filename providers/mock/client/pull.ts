import { Cause, Effect, type Option, type Pull } from "effect"
import { seam, seamHere } from "../../../chaos/world/seam.ts"
import { UnknownError, type PullError } from "../../../contract/errors.ts"
import type { Cursor, PullItem } from "../../../contract/event.ts"
import type { PageFrame, PullFrame } from "../wire.ts"
import { checkIdentity, pullErrorOf, refusalOf, type ClientContext } from "./context.ts"
import { itemOf, positionAfter } from "./pages.ts"
import { ask } from "./request.ts"
import type { Position } from "./seams.ts"
import type { Answer } from "./session.ts"

/** What a page request says beyond its id. */
export type PageRequest = Omit<PullFrame, "id" | "known" | "after" | "at"> & { readonly position: Position }

/** What a page request is on the wire. */
export const pageFrame = Effect.fnUntraced(function* (
  context: ClientContext,
  { position, ...request }: PageRequest,
): Effect.fn.Return<(id: number) => PullFrame> {
  const known = yield* context.seams.known({ memory: context.memory, storeId: context.client.storeId })
  yield* seamHere("known")
  const { t, ...rest } = { ...request, ...position, ...(known === undefined ? {} : { known }) }
  // `t` and `id` first: links read what a frame is from its beginning.
  return (id) => ({ t, id, ...rest })
})

/** Takes over what a page request was answered with. */
export const takePage = (
  context: ClientContext,
  answer: Answer,
  t: PullFrame["t"],
): Effect.Effect<PageFrame, PullError> =>
  Effect.suspend(() => {
    const refusal = refusalOf(context, answer, t)
    if (refusal !== undefined) return Effect.fail(pullErrorOf(refusal))
    if (answer.t !== "page") return Effect.fail(new UnknownError({ message: `a pull was answered with ${answer.t}` }))
    return checkIdentity(context, answer).pipe(Effect.andThen(seam("remember")), Effect.as(answer))
  })

/** How far a finite pull is. */
interface PullState {
  position: Position
  /** The cut, once the first page has fixed it. */
  until: number | undefined
  first: boolean
  done: boolean
}

/** Asks for the next page of a finite pull and takes it over. */
const nextPage = Effect.fnUntraced(function* (
  context: ClientContext,
  at: PullState,
): Effect.fn.Return<ReadonlyArray<PullItem>, PullError> {
  const { seams, connection, client, timers, pace } = context
  const { first, until, position } = at
  const deadlineAtMs = timers.nowMs() + seams.deadlineMs("pull")
  if (first) yield* pace.turn
  const session = yield* connection.ready(deadlineAtMs - timers.nowMs())
  const cut = until === undefined ? {} : { until }
  const frame = yield* pageFrame(context, { t: "pull", first, position, ...cut })
  const answer = yield* ask(connection, session, frame, deadlineAtMs)
  const page = yield* takePage(context, answer, "pull")
  pace.succeeded()
  at.first = false
  at.position = positionAfter(page, position)
  at.until = page.until
  at.done = page.remaining === 0
  return seams.deliver({ item: itemOf(seams, page), live: false, client })
})

/** A finite pull: page by page, each asked for when the caller wants it, up to the cut that the first one fixes. */
export const finitePull = (
  context: ClientContext,
  cursor: Option.Option<Cursor>,
): Pull.Pull<readonly [PullItem, ...Array<PullItem>], PullError> => {
  const at: PullState = { position: context.seams.position(cursor), until: undefined, first: true, done: false }
  const next = Effect.tapError(nextPage(context, at), (error) =>
    Effect.sync(() => void (error._tag === "IsOffline" && context.pace.failed())),
  )

  const pulled: Pull.Pull<readonly [PullItem, ...Array<PullItem>], PullError> = Effect.suspend(() =>
    at.done
      ? Cause.done()
      : Effect.flatMap(next, (items) =>
          items.length > 0 ? Effect.succeed(items as [PullItem, ...Array<PullItem>]) : pulled,
        ),
  )
  return pulled
}
