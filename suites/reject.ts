import { Effect } from "effect"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { positions } from "./support/cursor.ts"

const base = { cost: "quick", isolation: "store", needs: ["app"], premises: [] } as const

/** A batch of which one event, at `at`, is one that the application does not take. */
const batchWith = (arena: Arena, client: ArenaClient, parent: number, count: number, at: number, name: string, args: Record<string, unknown>) =>
  arena.chain(client, parent, count).map((event, index) =>
    index === at ? { ...event, name, args: { ...(event.args as Record<string, unknown>), ...args } } : event,
  )

/** Nothing of a rejected push is stored and the next good one succeeds. */
const expectNothingStored = (arena: Arena, client: ArenaClient, head: number, what: string) =>
  Effect.gen(function* () {
    const pulled = yield* client.pull()
    yield* arena.expect(
      pulled.events.length === head,
      "refused-but-stored",
      `after ${what} the log has ${positions(pulled.events)}; it had to have ${head} events`,
      [pulled.settled.op],
    )
    yield* arena.requireOk(yield* client.push(arena.chain(client, head, 1)), `the good push after ${what}`)
  })

export const rejectChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "reject/nothing-stored",
    clause: "reject/nothing-stored",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        let head = 0
        for (const [count, at] of [
          [1, 0],
          [5, 0],
          [5, 2],
          [5, 4],
          [100, 99],
        ] as const) {
          const what = `a push of ${count} events of which the application rejects number ${at + 1}`
          const settled = yield* a.push(batchWith(arena, a, head, count, at, "gauntlet.reject", { reason: "no" }))
          yield* arena.expect(settled._tag !== "ok", "wrong-refusal", `${what} was acknowledged`, [settled.op])
          yield* expectNothingStored(arena, a, head, what)
          head++
        }
      }),
  },
  {
    ...base,
    id: "reject/typed",
    clause: "reject/typed",
    unsupported: ({ errors }) => (errors === "livestore" ? "this provider's error type has no PushRejected" : undefined),
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        for (const reason of ["quota exceeded", "später \"vielleicht\" 🦀"]) {
          const settled = yield* a.push(batchWith(arena, a, 0, 3, 1, "gauntlet.reject", { reason }))
          yield* arena.expectError(settled, ["PushRejected"], "a push that the application rejects", "wrong-refusal")
          const said = "error" in settled && settled.error._tag === "PushRejected" ? settled.error.reason : undefined
          yield* arena.expect(said === reason, "wrong-refusal", `the application's reason was "${reason}" and the push failed with "${said}"`, [settled.op])
        }
      }),
  },
  {
    ...base,
    id: "reject/async",
    clause: "reject/async",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const slowly = arena.chain(a, 0, 3).map((event, index) => {
          const args = event.args as Record<string, unknown>
          if (index === 0) return { ...event, name: "gauntlet.slow", args: { ...args, ms: 60 } }
          return index === 2 ? { ...event, name: "gauntlet.reject", args: { ...args, reason: "late" } } : event
        })
        const late = yield* a.push(slowly)
        yield* arena.expect(late._tag !== "ok", "wrong-refusal", "a push that the application rejects after a wait was acknowledged", [late.op])
        if (arena.capabilities.errors === "full") {
          yield* arena.expectError(late, ["PushRejected"], "a push that the application rejects after a wait", "wrong-refusal")
        }
        yield* expectNothingStored(arena, a, 0, "a push rejected after a wait")
        const accepted = yield* a.push(batchWith(arena, a, 1, 2, 0, "gauntlet.slow", { ms: 60 }))
        yield* arena.requireOk(accepted, "a push that the application accepts after a wait")
      }),
  },
  {
    ...base,
    id: "reject/async#throws",
    clause: "reject/async",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        let head = 0
        for (const at of [0, 2]) {
          const settled = yield* a.push(batchWith(arena, a, head, 3, at, "gauntlet.throw", {}))
          yield* arena.expect(settled._tag !== "ok", "wrong-refusal", "a push whose hook throws was acknowledged", [settled.op])
          if (arena.capabilities.errors === "full") {
            yield* arena.expectError(settled, ["PushRejected"], "a push whose hook throws", "wrong-refusal")
          }
          yield* expectNothingStored(arena, a, head, "a push whose hook threw")
          head++
        }
      }),
  },
]
