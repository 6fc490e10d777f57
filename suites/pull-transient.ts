import { Effect } from "effect"
import type { Arena, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectOfflineOrOn, severalPages } from "./pull-faults.ts"
import { pullsAgain } from "./support/again.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: ["the log's events were acknowledged"] } as const

/** What passes by itself fails a pull with `IsOffline`, or the pull goes on. */
const checksOf = (): ReadonlyArray<Check> => {
  const link: Check = {
    ...base,
    id: "pull/transient-is-offline",
    waits: true,
    clause: "pull/transient-is-offline",
    needs: ["endpoint", "classify"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 20)
        const lost = yield* arena.open("lost")
        yield* lost.connect
        const reset = yield* lost.link.fault({
          kind: "close",
          code: 1006,
          match: { direction: "up", operation: "pull", role: "request" },
        })
        yield* expectOfflineOrOn(arena, yield* lost.pull(), "a pull whose link was lost")
        yield* arena.premise(reset.bit() > 0, "the loss of the link did not bite")
        const refused = yield* arena.open("refused")
        const refuse = yield* refused.link.fault({ kind: "refuse" })
        yield* expectOfflineOrOn(arena, yield* refused.pull(), "a pull while connections were refused")
        yield* arena.premise(refuse.bit() > 0, "no connection was refused")
        for (const code of [1001, 1011, 1012]) {
          const closed = yield* arena.open(`closed-${code}`)
          yield* closed.connect
          const close = yield* closed.link.fault({
            kind: "close",
            code,
            match: { direction: "up", operation: "pull", role: "request" },
          })
          yield* expectOfflineOrOn(arena, yield* closed.pull(), `a pull whose connection was closed with ${code}`)
          yield* arena.premise(close.bit() > 0, `the close with ${code} did not bite`)
        }
        const failing = yield* arena.open("failing")
        const answer = yield* failing.link.fault({ kind: "http-answer", status: 503, headers: {}, body: "unavailable" })
        yield* expectOfflineOrOn(arena, yield* failing.pull(), "a pull that met a 503")
        yield* arena.premise(answer.bit() > 0, "the 503 did not bite")
      }),
  }
  const backend = (
    word: "restart" | "evict",
    check: Partial<Check>,
    act: (arena: Arena) => Effect.Effect<void, CheckStop>,
  ): Check => ({
    ...base,
    id: `pull/transient-is-offline#${word}`,
    clause: "pull/transient-is-offline",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const { count, sizeBytes } = severalPages(arena)
        yield* arena.fill(a, 0, count, { sizeBytes })
        const pull = yield* b.startPull()
        yield* pull.pause
        yield* arena.eventually(
          () => pull.items().length > 0 || pull.now() !== undefined,
          arena.capabilities.times.deadlineMs,
        )
        yield* act(arena)
        yield* pull.resume
        yield* expectOfflineOrOn(arena, { settled: yield* pull.settled }, `a pull across a ${word}`)
        yield* pullsAgain(arena, b, `after a ${word}`)
      }),
    ...check,
  })
  const outage: Check = {
    ...base,
    id: "pull/transient-is-offline#storage",
    clause: "pull/transient-is-offline",
    needs: ["storage.outage"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 20)
        const end = yield* arena.backend.outage()
        yield* expectOfflineOrOn(arena, yield* a.pull(), "a pull during a storage outage")
        yield* arena.premise((yield* arena.backend.storageBit()) > 0, "the storage outage did not bite")
        yield* end
        yield* pullsAgain(arena, a, "after a storage outage")
      }),
  }
  return [
    link,
    backend("restart", { isolation: "host", needs: ["process.restart"] }, (arena) => arena.backend.restart),
    backend("evict", { waits: true, needs: ["process.evict"] }, (arena) => arena.backend.evict("close")),
    outage,
  ]
}

export const pullTransientChecks: ReadonlyArray<Check> = checksOf()
