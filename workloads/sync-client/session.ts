import { Effect, Latch, type Scope } from "effect"
import { turn } from "../../chaos/world/seam.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { Leader } from "./leader.ts"
import type { News } from "./process.ts"
import { rebased, standsOn } from "./rebase.ts"
import { sameEvent } from "./same-event.ts"

/** One session of a client: a tab. It shows the leader's log and, on top of it, what the leader has not taken yet. */
export interface Session {
  readonly id: string
  /** Adds events on top of what the session shows and gives them back as numbered; the leader takes them later. */
  readonly commit: (events: ReadonlyArray<EventEncoded>) => ReadonlyArray<EventEncoded>
  /** What the leader has, as far as the session has heard. */
  readonly log: () => ReadonlyArray<EventEncoded>
  /** What the leader has not taken yet. */
  readonly pending: () => ReadonlyArray<EventEncoded>
}

/** A session's loop: hears what came and offers what is pending, then waits to be stirred unless more came meanwhile. */
function* inTouch(
  stirred: Latch.Latch,
  exchange: () => Effect.Effect<unknown> | undefined,
  hasNews: () => boolean,
): Effect.fn.Return<never> {
  for (;;) {
    stirred.closeUnsafe()
    const offering = exchange()
    if (offering !== undefined) yield* offering
    if (!hasNews()) yield* stirred.await
    yield* turn
  }
}

/** Opens a session of a running client; it ends with the scope. */
export const openSession = Effect.fnUntraced(function* <State>(
  leader: Leader<State>,
  sessionId: string,
): Effect.fn.Return<Session, never, Scope.Scope> {
  const inbox: Array<News> = []
  const stirred = Latch.makeUnsafe(false)
  const joined = leader.join(sessionId, (news) => {
    inbox.push(news)
    stirred.openUnsafe()
  })
  let { generation } = joined
  let log: ReadonlyArray<EventEncoded> = joined.events
  let pending: ReadonlyArray<EventEncoded> = []
  const head = () => log.at(-1)?.seqNum ?? 0

  const hear = (news: News): void => {
    generation = news.generation
    const kept = news.keepUpTo === Infinity ? log : log.filter(({ seqNum }) => seqNum <= news.keepUpTo)
    for (const event of news.events) {
      if (pending[0] !== undefined && sameEvent(pending[0], event)) pending = pending.slice(1)
    }
    log = [...kept, ...news.events]
    if (!standsOn(pending, head())) pending = rebased(pending, head())
  }
  const loop = Effect.gen(() =>
    inTouch(
      stirred,
      () => {
        for (const news of inbox.splice(0)) hear(news)
        // What the leader takes comes back as news, and so does whatever put it ahead.
        return pending.length > 0 ? leader.submit(sessionId, pending, generation) : undefined
      },
      () => inbox.length > 0,
    ),
  )
  yield* Effect.forkScoped(loop)

  return {
    id: sessionId,
    commit: (events) => {
      const numbered = rebased(
        events.map((event) => ({ ...event, sessionId })),
        pending.at(-1)?.seqNum ?? head(),
      )
      pending = [...pending, ...numbered]
      stirred.openUnsafe()
      return numbered
    },
    log: () => log,
    pending: () => pending,
  }
})
