import { Effect } from "effect"
import type { Check } from "../harness/check.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

export const pushChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/one",
    clause: "push/one",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 1)
        // That the event is in the log, equal, is read from the record: lost-ack, corrupted.
      }),
  },
  {
    ...base,
    id: "push/stale-parent",
    clause: "push/stale-parent",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 3)
        const settled = yield* b.push(arena.chain(b, 1, 2))
        yield* arena.expectError(settled, ["ServerAhead"], "a push on parent 1 with the head at 3", "stale-parent-accepted")
      }),
  },
]
