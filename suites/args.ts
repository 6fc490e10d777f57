import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectReaches, openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"
import { expectFailed, requireSettled } from "./support/expect-failed.ts"
import { awkwardStrings, faithfulArgs, unserialisableArgs } from "./support/faithful-args.ts"
import { pullAll } from "./support/log.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** A chain of events with just these arguments; an event has none where they are undefined. */
const chainWith = (
  arena: Arena,
  client: ArenaClient,
  parent: number,
  list: ReadonlyArray<unknown>,
): ReadonlyArray<EventEncoded> =>
  arena.chain(client, parent, list.length).map((event, index) => {
    const { args: _, ...bare } = event
    return list[index] === undefined ? bare : { ...bare, args: list[index] }
  })

/** A batch of three in which the event at `at` has these arguments. */
const batchAround = (arena: Arena, client: ArenaClient, parent: number, at: number, args: unknown) =>
  arena.chain(client, parent, 3).map((event, index) => (index === at ? { ...event, args } : event))

export const argsChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "args/fidelity",
    clause: "args/fidelity",
    run: (arena) =>
      Effect.gen(function* () {
        // What was pushed is compared with every page, live or not, and with storage: by the record.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = [yield* openLive(arena, a), yield* openLive(arena, b)]
        const all = [...faithfulArgs, ["absent args", undefined] as const]
        for (const [n, [what, args]] of all.entries()) {
          const settled = yield* a.push(chainWith(arena, a, n, [args]))
          yield* arena.requireOk(settled, `a push of an event with ${what}`)
        }
        // Once more side by side in one batch: what one event's arguments do to the next shows.
        const together = chainWith(
          arena,
          b,
          all.length,
          all.map(([, args]) => args),
        )
        yield* arena.requireOk(yield* b.push(together), "a push of all of them in one batch")
        for (const pull of live) {
          yield* expectReaches(arena, pull, 2 * all.length, "a live pull")
          yield* pull.interrupt()
        }
        for (const client of [a, b]) yield* pullAll(arena, client)
      }),
  },
  {
    ...base,
    id: "args/fidelity#surrogates",
    clause: "args/fidelity",
    run: (arena) =>
      Effect.gen(function* () {
        // Equal or refused whole, never altered: alteration and torn batches are read from the record.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* openLive(arena, b)
        let head = 0
        for (const [what, text] of awkwardStrings) {
          for (const args of [{ text }, { [text]: 1 }]) {
            const settled = yield* a.push(batchAround(arena, a, head, 1, args))
            yield* requireSettled(arena, settled, `a push of an event with ${what}`)
            if (settled._tag === "ok") head += 3
            const { events } = yield* pullAll(arena, a)
            yield* arena.require(
              events.length === head,
              settled._tag === "ok" ? "lost-ack" : "refused-but-stored",
              `after a push with ${what} that ended ${settled._tag} the log has ${positions(events)}; it had to have ${head} events`,
              [settled.op],
            )
            yield* arena.requireOk(yield* a.push(arena.chain(a, head, 1)), `the push after one with ${what}`)
            head++
          }
        }
        yield* expectReaches(arena, live, head, "a live pull")
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "args/invalid",
    clause: "args/invalid",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        let head = 0
        for (const [what, args] of unserialisableArgs) {
          for (const at of [0, 1, 2]) {
            const push = `a push of three events of which number ${at + 1} holds ${what}`
            const settled = yield* a.push(batchAround(arena, a, head, at, args))
            yield* requireSettled(arena, settled, push)
            if (arena.capabilities.errors === "full") {
              yield* arena.expectError(settled, ["InvalidPush"], push, "corrupted")
            } else yield* expectFailed(arena, settled, push, "corrupted")
            const { events } = yield* pullAll(arena, a)
            yield* arena.require(
              events.length === head,
              "refused-but-stored",
              `after ${push} the log has ${positions(events)}; it had to have ${head} events`,
              [settled.op],
            )
          }
          yield* arena.requireOk(yield* a.push(arena.chain(a, head, 1)), `the good push after one with ${what}`)
          head++
        }
      }),
  },
]
