import { Effect } from "effect"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { bareCursor, positions, samePositions } from "./support/cursor.ts"
import { headOf, renumbered } from "./support/log.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Pushes events at these positions on the head and requires that they are taken. */
const pushAt = (arena: Arena, client: ArenaClient, head: number, seqNums: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const batch = renumbered(arena.chain(client, head, seqNums.length), head, seqNums)
    yield* arena.requireOk(yield* client.push(batch), `a push of ${positions(batch)} on the head ${head}`)
    return batch
  })

export const pushSparseChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/sparse",
    clause: "push/sparse",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* b.live()
        yield* live.caughtUp()
        const log: Array<ReturnType<typeof renumbered>[number]> = []
        for (const seqNums of [[100], [101, 5_000, 5_001], [2 ** 32 + 1, 2 ** 40], [2 ** 53 - 2], [2 ** 53 - 1]]) {
          const head = headOf(log)
          log.push(...(yield* pushAt(arena, a, head, seqNums)))
          // The head is the last number, not the count: what stands on it is taken, what is behind it is told it.
          const stale = yield* b.push(arena.chain(b, log.length + 1, 1))
          yield* arena.expectError(
            stale,
            ["ServerAhead"],
            `a push on parent ${log.length + 1} with the head at ${headOf(log)}`,
            "stale-parent-accepted",
          )
        }
        for (const from of log) {
          const wanted = log.filter(({ seqNum }) => seqNum > from.seqNum)
          const pulled = yield* b.pull(bareCursor(from.seqNum))
          yield* arena.expect(
            pulled.settled._tag === "ok" && samePositions(pulled.events, wanted),
            "cursor-skip",
            `a pull after ${from.seqNum} gave ${positions(pulled.events)}; it had to give ${positions(wanted)}`,
            [pulled.settled.op],
          )
        }
        yield* arena.expect(
          yield* live.reaches(2 ** 53 - 1),
          "silent-live",
          "a live pull did not follow numbers that jump",
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "push/sparse#pages",
    clause: "push/sparse",
    run: (arena) =>
      Effect.gen(function* () {
        // More than one page of numbers that jump by 10: `remaining` counts events, and the record holds it to that.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const count = Math.min(arena.capabilities.limits.pageEvents, 1_000) + 30
        for (let from = 0; from < count; from += 100) {
          const size = Math.min(100, count - from)
          yield* pushAt(
            arena,
            a,
            from * 10,
            Array.from({ length: size }, (_, index) => (from + index + 1) * 10),
          )
        }
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, `a pull of ${count} events whose numbers jump`)
        yield* arena.expect(
          pulled.events.length === count && headOf(pulled.events) === count * 10,
          "cursor-skip",
          `a pull of ${count} events whose numbers jump by 10 gave ${positions(pulled.events)}`,
          [pulled.settled.op],
        )
      }),
  },
]
