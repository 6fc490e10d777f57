import { Effect } from "effect"
import type { Check } from "../harness/check.ts"
import { pullsAgain } from "./support/again.ts"
import { requireSettled } from "./support/expect-failed.ts"

/** Checks of answers that are well-formed and lack what belongs in them. */
export const connStrippedChecks: ReadonlyArray<Check> = [
  {
    cost: "quick",
    isolation: "store",
    id: "conn/garbage#stripped",
    waits: true,
    clause: "conn/garbage",
    needs: ["endpoint", "classify"],
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const events = yield* arena.fill(a, 0, 6)
        for (const members of [0, 1, 2, 3]) {
          const b = yield* arena.open(`b${members}`)
          yield* b.connect
          const strip = yield* b.link.fault({
            kind: "strip",
            members,
            match: { direction: "down", operation: "pull", role: ["page", "answer"] },
          })
          const pulled = yield* b.pull()
          yield* arena.premise(strip.bit() > 0, "no page was stripped")
          yield* requireSettled(arena, pulled.settled, `a pull whose page had its first ${members} members alone`)
          yield* arena.expect(
            pulled.settled._tag !== "ok" || pulled.events.length === events.length,
            "gap",
            `a pull whose page had its first ${members} members alone succeeded with ${pulled.events.length} of ${events.length} events`,
            [pulled.settled.op],
          )
          yield* strip.heal
          yield* pullsAgain(arena, b, "after a page came without its members", [pulled.settled.op])
          yield* b.close
        }
      }),
  },
]
