import { Effect } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import type { Arena, ArenaClient, CheckStop, Pulled } from "../../harness/arena.ts"

/** The head of a log given as a list. */
export const headOf = (events: ReadonlyArray<EventEncoded>): number => events.at(-1)?.seqNum ?? 0

/** The mark that every event of a check carries. */
export const markOf = (event: EventEncoded): string => String((event.args as { readonly mark?: unknown }).mark)

/** The same events, marks and all, at other positions on another parent: what a rebase does. */
export const renumbered = (
  events: ReadonlyArray<EventEncoded>,
  parent: number,
  seqNums: ReadonlyArray<number> = events.map((_, index) => parent + index + 1),
): ReadonlyArray<EventEncoded> =>
  events.map((event, index) => ({
    ...event,
    seqNum: seqNums[index] ?? Number.NaN,
    parentSeqNum: index === 0 ? parent : (seqNums[index - 1] ?? Number.NaN),
  }))

/** A whole pull that must succeed. */
export const pullAll = (arena: Arena, client: ArenaClient): Effect.Effect<Pulled, CheckStop> =>
  Effect.tap(client.pull(), ({ settled }) => arena.requireOk(settled, `client ${client.id}'s pull of the whole log`))

/** How often the head may move away under `pushOnHead` before it gives up. */
const defaultTries = 5

/**
 * Pulls and pushes new events on the head until they are accepted. The head may move in between, where an
 * indefinite push is still under way: then `ServerAhead` is right, and it begins again. Gives the new head.
 */
export const pushOnHead = (
  arena: Arena,
  client: ArenaClient,
  count: number,
  what: string,
  tries: number = defaultTries,
): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    for (let left = tries; ; left--) {
      const head = headOf((yield* pullAll(arena, client)).events)
      const settled = yield* client.push(arena.chain(client, head, count))
      const moved = settled._tag === "refused" && settled.error._tag === "ServerAhead" && settled.error.head !== head
      if (moved && left > 1) continue
      yield* arena.requireOk(settled, what)
      return head + count
    }
  })

/** Nothing of these batches may stand in the store's final log, at whatever position; they are known by their marks. */
export const expectAbsent = (
  arena: Arena,
  batches: ReadonlyArray<{ readonly batch: ReadonlyArray<EventEncoded>; readonly what: string }>,
): Effect.Effect<void, CheckStop> =>
  Effect.gen(function* () {
    const stored = new Set((yield* arena.truth()).map(markOf))
    for (const { batch, what } of batches) {
      const there = batch.filter((event) => stored.has(markOf(event))).length
      yield* arena.expect(
        there === 0,
        "refused-but-stored",
        `${there} of the ${batch.length} events of ${what} stand in the final log; none of them may`,
      )
    }
  })
