import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectReaches, openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((inner) => [inner], "deep" as unknown)

/** Arguments that JSON carries and that careless code changes. The record compares each with what comes back. */
const faithful: ReadonlyArray<readonly [string, unknown]> = [
  ["unicode", { text: "Grüße 你好 🦀 e\u0301 \u00e9 \u200b \ufeff \u2028\u2029\u0085" }],
  ["strings that look like something else", { a: "NULL", b: "undefined", c: "2026-01-01T00:00:00Z", d: "1e3", e: "  padded  ", f: "\r\n" }],
  ["escapes", { text: "\" \\ / \b \f \n \r \t \u0001 \u001f '; DROP TABLE events; --" }],
  ["numbers at their limits", { max: 2 ** 53 - 1, min: -(2 ** 53 - 1), tiny: 5e-324, huge: 1.7976931348623157e308, zero: 0, fraction: 0.1, exponent: 1e21 }],
  ["empty values", { object: {}, array: [], string: "", nothing: null, no: false }],
  ["undefined members", { kept: 1, dropped: undefined, list: [undefined, 1] }],
  ["keys that are traps", JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x","":"empty key"}')],
  ["a bare string", "text"],
  ["a bare number", 42],
  ["null", null],
  ["false", false],
  ["an empty array", []],
  ["deep nesting", deep(100)],
  ["many keys", Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${299 - index}`, index]))],
  ["a value with a toJSON of its own", { at: { toJSON: () => "as text" } }],
]

/** Pushes one event whose arguments are exactly these; absent when `args` is undefined. */
const eventWith = (arena: Arena, client: ArenaClient, parent: number, args: unknown): EventEncoded => {
  const [event] = arena.chain(client, parent, 1)
  const { args: _, ...bare } = event!
  return args === undefined ? bare : { ...bare, args }
}

const cyclic = (): unknown => {
  const value: Record<string, unknown> = {}
  value["self"] = value
  return value
}

export const argsChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "args/fidelity",
    clause: "args/fidelity",
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* openLive(arena, b)
        let head = 0
        for (const [what, args] of [...faithful, ["absent args", undefined] as const]) {
          yield* arena.requireOk(yield* a.push([eventWith(arena, a, head, args)]), `a push of an event with ${what}`)
          head++
        }
        yield* expectReaches(arena, live, head, "a live pull")
        yield* arena.requireOk((yield* b.pull()).settled, "a pull of the whole log")
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "args/fidelity#surrogates",
    clause: "args/fidelity",
    run: (arena) =>
      Effect.gen(function* () {
        // Equal or refused whole, never altered: alteration is read from the record.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* openLive(arena, b)
        let head = 0
        for (const [what, text] of [
          ["a lone high surrogate", "a\ud83d b"],
          ["a lone low surrogate", "a\udc00 b"],
          ["a NUL", "a\u0000b"],
        ] as const) {
          const settled = yield* a.push([eventWith(arena, a, head, { text })])
          yield* arena.expectSettled(settled, `a push of an event with ${what}`)
          if (settled._tag === "ok") head++
          yield* arena.requireOk(yield* a.push(arena.chain(a, head, 1)), `the push after one with ${what}`)
          head++
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
        const throwing = {
          toJSON: () => {
            throw new Error("this value has no JSON")
          },
        }
        let head = 0
        for (const [what, args] of [
          ["a cycle", cyclic()],
          ["a bigint", { n: 1n }],
          ["a toJSON that throws", throwing],
        ] as const) {
          const settled = yield* a.push([...arena.chain(a, head, 1), eventWith(arena, a, head + 1, args)])
          yield* arena.expect(settled._tag !== "ok", "corrupted", `a push of an event whose arguments hold ${what} was acknowledged`, [settled.op])
          if (arena.capabilities.errors === "full") {
            yield* arena.expectError(settled, ["InvalidPush"], `a push of an event whose arguments hold ${what}`, "corrupted")
          }
          const pulled = yield* a.pull()
          yield* arena.expect(pulled.events.length === head, "refused-but-stored", `after a push whose arguments hold ${what} the log has ${positions(pulled.events)}`, [settled.op])
          yield* arena.requireOk(yield* a.push(arena.chain(a, head, 1)), `the good push after one with ${what}`)
          head++
        }
      }),
  },
]
