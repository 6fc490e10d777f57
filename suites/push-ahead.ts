import { Effect } from "effect"
import type { LinkFault } from "../contract/fault.ts"
import type { Arena, ArenaClient, RunningPull, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { headOf, pullAll } from "./support/log.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Everything that tells a client's live pulls of new events, until healed. */
const dropNews: LinkFault = {
  kind: "drop",
  match: { operation: "live", role: ["page", "poke"], direction: "down", times: Infinity },
}

/** The head that a refusal named; the check ends where the push was not refused with `ServerAhead`. */
const refusedHead = (arena: Arena, settled: Settled, what: string) =>
  Effect.gen(function* () {
    yield* arena.expectError(settled, ["ServerAhead"], what, "stale-parent-accepted")
    const ahead = settled._tag === "refused" && settled.error._tag === "ServerAhead" ? settled.error.head : undefined
    yield* arena.premise(ahead !== undefined, `${what} was not answered with ServerAhead`)
    return ahead ?? 0
  })

/** Each live pull gets to the refused head within the delivery time, or has failed with `IsOffline`. Nothing is pushed meanwhile. */
const expectUpTo = (arena: Arena, live: ReadonlyArray<RunningPull>, head: number, refused: Settled) =>
  Effect.forEach(
    live,
    (pull) =>
      Effect.gen(function* () {
        const reached = yield* pull.reaches(head)
        const end = pull.now()
        const offline = end?._tag === "indefinite" && end.error._tag === "IsOffline"
        yield* arena.expect(
          reached || offline,
          "silent-live",
          `the push was refused with the head ${head}, and its live pull stood at ${headOf(pull.events())} ` +
            `after ${arena.capabilities.times.deliveryMs} ms, neither there nor failed with IsOffline`,
          [refused.op, pull.op],
        )
        yield* pull.interrupt()
      }),
    { concurrency: "unbounded", discard: true },
  )

/** Two live pulls of one client, both caught up: one from the beginning, one from where a pull of its own ended. */
const openLive = (arena: Arena, client: ArenaClient) =>
  Effect.gen(function* () {
    const { cursor } = yield* pullAll(arena, client)
    const live = [yield* client.live(), yield* client.live(cursor)]
    for (const pull of live) yield* pull.caughtUp()
    return live
  })

export const pushAheadChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/ahead-then-pull",
    clause: "push/ahead-then-pull",
    premises: ["the stale push is answered with ServerAhead"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        const live = yield* openLive(arena, b)
        // At once with the winner, then right after it, before anything was waited for.
        const [won, lost] = yield* arena.together([a.push(arena.chain(a, 2, 3)), b.push(arena.chain(b, 1, 1))])
        yield* arena.requireOk(won!, "the push on the head")
        const raced = yield* refusedHead(arena, lost!, "a stale push beside another's push")
        yield* arena.fill(a, 5, 3)
        const late = yield* b.push(arena.chain(b, 5, 2))
        const head = yield* refusedHead(arena, late, "a stale push right after another's push")
        yield* expectUpTo(arena, live, Math.max(raced, head), late)
      }),
  },
  {
    ...base,
    id: "push/ahead-then-pull#lost-news",
    clause: "push/ahead-then-pull",
    needs: ["endpoint", "classify"],
    premises: ["the news of another's events was lost on the link", "the stale push is answered with ServerAhead"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        const live = yield* openLive(arena, b)
        const fault = yield* b.link.fault(dropNews)
        yield* arena.fill(a, 2, 3)
        yield* arena.premise(yield* fault.bites(), "no page or poke of a live pull came that could be lost")
        yield* fault.heal
        const refused = yield* b.push(arena.chain(b, 2, 1))
        const head = yield* refusedHead(arena, refused, "a push on the last position that its client saw")
        yield* expectUpTo(arena, live, head, refused)
      }),
  },
  {
    ...base,
    id: "push/ahead-then-pull#lost-echo",
    clause: "push/ahead-then-pull",
    needs: ["endpoint", "classify"],
    premises: ["a push's own live echo was lost on the link", "the stale push is answered with ServerAhead"],
    run: (arena) =>
      Effect.gen(function* () {
        const b = yield* arena.open("b")
        yield* arena.fill(b, 0, 2)
        const live = yield* openLive(arena, b)
        const fault = yield* b.link.fault(dropNews)
        yield* arena.requireOk(yield* b.push(arena.chain(b, 2, 2)), "a push whose live echo gets lost")
        yield* arena.premise(yield* fault.bites(), "no live echo came that could be lost")
        yield* fault.heal
        const refused = yield* b.push(arena.chain(b, 2, 1))
        const head = yield* refusedHead(arena, refused, "a push on the last position that its live pull gave")
        yield* expectUpTo(arena, live, head, refused)
      }),
  },
]
