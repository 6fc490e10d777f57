import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectReaches, openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"
import { expectFailed, requireSettled } from "./support/expect-failed.ts"
import { pullAll } from "./support/log.ts"
import { typedErrorsOnly } from "./support/tags.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: ["app"],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** What the application does with one event of a batch. */
interface Hooked {
  /** Index in the batch. */
  readonly at: number
  readonly name: "gauntlet.reject" | "gauntlet.slow" | "gauntlet.throw"
  readonly args?: Readonly<Record<string, unknown>>
}

/** A batch in which some events are addressed to the application. */
const batchWith = (
  arena: Arena,
  client: ArenaClient,
  parent: number,
  count: number,
  hooked: ReadonlyArray<Hooked>,
): ReadonlyArray<EventEncoded> =>
  arena.chain(client, parent, count).map((event, index) => {
    const hook = hooked.find(({ at }) => at === index)
    return hook === undefined
      ? event
      : { ...event, name: hook.name, args: { ...(event.args as Record<string, unknown>), ...hook.args } }
  })

/** The push was refused: by name and with the application's reason, where the provider's errors can say so. */
const expectRejected = (arena: Arena, settled: Settled, what: string, reason?: string) =>
  Effect.gen(function* () {
    yield* requireSettled(arena, settled, what)
    if (arena.capabilities.errors !== "full") return yield* expectFailed(arena, settled, what, "wrong-refusal")
    yield* arena.expectError(settled, ["PushRejected"], what, "wrong-refusal")
    if (reason === undefined || !("error" in settled) || settled.error._tag !== "PushRejected") return
    yield* arena.expect(
      settled.error.reason === reason,
      "wrong-refusal",
      `the application's reason was ${JSON.stringify(reason)} and the push failed with ${JSON.stringify(settled.error.reason)}`,
      [settled.op],
    )
  })

/** Nothing of a rejected push is stored and the next good one succeeds. Gives the head after it. */
const expectNothingStored = (arena: Arena, client: ArenaClient, head: number, what: string) =>
  Effect.gen(function* () {
    const { events, settled } = yield* pullAll(arena, client)
    yield* arena.require(
      events.length === head,
      "refused-but-stored",
      `after ${what} the log has ${positions(events)}; it had to have ${head} events`,
      [settled.op],
    )
    yield* arena.requireOk(yield* client.push(arena.chain(client, head, 1)), `the good push after ${what}`)
    return head + 1
  })

/** How long the hook waits before it rejects or accepts, in milliseconds. */
const hookMs = 60

export const rejectChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "reject/nothing-stored",
    clause: "reject/nothing-stored",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* openLive(arena, b)
        let head = 0
        for (const [count, at] of [
          [1, 0],
          [5, 0],
          [5, 2],
          [5, 4],
          [100, 0],
          [100, 50],
          [100, 99],
        ] as const) {
          const what = `a push of ${count} events of which the application rejects number ${at + 1}`
          const reject: Hooked = { at, name: "gauntlet.reject", args: { reason: "no" } }
          const settled = yield* a.push(batchWith(arena, a, head, count, [reject]))
          yield* requireSettled(arena, settled, what)
          yield* expectFailed(arena, settled, what, "wrong-refusal")
          head = yield* expectNothingStored(arena, a, head, what)
        }
        yield* expectReaches(arena, live, head, "a live pull")
        yield* arena.expect(
          live.events().length === head,
          "refused-but-stored",
          `${head} pushes were acknowledged and a live pull delivered ${positions(live.events())}`,
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "reject/typed",
    clause: "reject/typed",
    unsupported: typedErrorsOnly,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        for (const reason of ["quota exceeded", 'später "vielleicht" 🦀\n{"json":1}', "x".repeat(500)]) {
          const batch = batchWith(arena, a, 0, 3, [{ at: 1, name: "gauntlet.reject", args: { reason } }])
          yield* expectRejected(arena, yield* a.push(batch), "a push that the application rejects", reason)
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
        const slow: Hooked = { at: 0, name: "gauntlet.slow", args: { ms: hookMs } }
        const reject: Hooked = { at: 2, name: "gauntlet.reject", args: { reason: "late" } }
        let head = 0
        for (const count of [3, 100]) {
          const what = `a push of ${count} events that the application rejects after a wait`
          const settled = yield* a.push(batchWith(arena, a, head, count, [slow, reject]))
          yield* expectRejected(arena, settled, what, "late")
          head = yield* expectNothingStored(arena, a, head, what)
        }
        const accepted = yield* a.push(batchWith(arena, a, head, 2, [slow]))
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
        for (const at of [0, 1, 2]) {
          const what = `a push of three events on number ${at + 1} of which the application's hook throws`
          const settled = yield* a.push(batchWith(arena, a, head, 3, [{ at, name: "gauntlet.throw" }]))
          yield* expectRejected(arena, settled, what)
          head = yield* expectNothingStored(arena, a, head, what)
        }
        const slow: Hooked = { at: 0, name: "gauntlet.slow", args: { ms: hookMs } }
        const settled = yield* a.push(batchWith(arena, a, head, 3, [slow, { at: 1, name: "gauntlet.throw" }]))
        yield* expectRejected(arena, settled, "a push whose hook throws after a wait")
        yield* expectNothingStored(arena, a, head, "a push whose hook throws after a wait")
      }),
  },
]
