import { Effect } from "effect"
import type { LinkFault } from "../../contract/fault.ts"
import type { Arena, ArenaClient, CheckStop } from "../../harness/arena.ts"
import type { Check } from "../../harness/check.ts"

/*
 * Small checks that show one thing each: what the suites show together with other things, or not at all. Bugs of
 * `world-mutants.ts` are planted for them alone.
 */

const base = { cost: "quick", isolation: "store", premises: [] } as const

/** A client whose link has this fault pushes and pulls at once, then pulls again: all of it has to succeed. */
const overLink = (word: string, fault: LinkFault): Check => ({
  ...base,
  id: `push/definite-when-healthy#world-${word}`,
  clause: "push/definite-when-healthy",
  needs: ["endpoint"],
  run: (arena) =>
    Effect.gen(function* () {
      const a = yield* arena.open("a")
      yield* a.link.fault(fault)
      yield* arena.requireOk(yield* a.connect, "a connect")
      const events = arena.chain(a, 0, 3, { sizeBytes: 1_000 })
      const [pushed, pulled] = [yield* a.startPush(events), yield* a.startPull()]
      yield* arena.requireOk(yield* pushed.settled, "a push")
      yield* arena.requireOk(yield* pulled.settled, "a pull beside it")
      yield* arena.requireOk((yield* a.pull()).settled, "a pull behind it")
    }),
})

/** A client with a live pull open is connected soon after the fault is over, though nobody calls `connect`. */
const recovers = (
  word: string,
  needs: Check["needs"],
  fault: (arena: Arena, client: ArenaClient) => Effect.Effect<void, CheckStop>,
): Check => ({
  ...base,
  id: `conn/recovers#world-${word}`,
  clause: "conn/recovers",
  isolation: "host",
  needs,
  run: (arena) =>
    Effect.gen(function* () {
      const a = yield* arena.open("a")
      yield* a.live()
      yield* fault(arena, a)
      const live = yield* a.live()
      const connected = yield* a.statusIs(true, arena.capabilities.times.recoveryMs)
      yield* arena.expect(connected, "status-lie", "a client stayed disconnected after the fault was over", [live.op])
    }),
})

/** Each frame fault and byte fault that the quick suites do not use alone, and the checks of single anomalies. */
export const worldChecks: ReadonlyArray<Check> = [
  overLink("split", { kind: "split", maxBytes: 7, direction: "both" }),
  overLink("coalesce", { kind: "coalesce", windowMs: 50, direction: "both" }),
  overLink("delay", { kind: "delay", ms: 400, jitterMs: 0, direction: "both" }),
  overLink("throttle", { kind: "throttle", bytesPerSecond: 3_000, direction: "both" }),
  recovers("http-answer", ["endpoint"], (arena, client) =>
    Effect.gen(function* () {
      const answers = yield* client.link.fault({ kind: "http-answer", status: 503, headers: {}, body: "" })
      yield* Effect.sleep(arena.capabilities.times.detectionMs)
      yield* answers.heal
    }),
  ),
  recovers("pause", ["process.pause"], (arena) =>
    Effect.gen(function* () {
      yield* arena.backend.pause
      yield* Effect.sleep(2 * arena.capabilities.times.detectionMs)
      yield* arena.backend.resume
    }),
  ),
  {
    ...base,
    id: "reset/older-snapshot#world-fresh-client",
    clause: "reset/older-snapshot",
    needs: ["storage.snapshot"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 1)
        const restore = yield* arena.backend.snapshot()
        yield* arena.fill(a, 1, 1)
        yield* restore
        const b = yield* arena.open("b")
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a fresh client's pull")
        const head = pulled.events.at(-1)?.seqNum ?? 0
        yield* arena.requireOk(yield* b.push(arena.chain(b, head, 1)), "a push on the head that it was shown")
      }),
  },
  {
    ...base,
    id: "push/atomic#world-failed-write",
    clause: "push/atomic",
    needs: ["storage.failWrite"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 1)
        yield* arena.backend.failWrite(1)
        yield* arena.expectSettled(yield* a.push(arena.chain(a, 1, 1)), "a push whose write fails")
        const pulled = yield* a.pull()
        const head = pulled.events.at(-1)?.seqNum ?? 0
        yield* arena.requireOk(yield* a.push(arena.chain(a, head, 1)), "the next push")
      }),
  },
  {
    ...base,
    id: "race/same-parent#world-doubled-answer",
    clause: "race/same-parent",
    needs: ["endpoint", "classify"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* a.connect
        yield* a.link.fault({ kind: "duplicate", match: { direction: "down", operation: "push", role: "answer" } })
        yield* arena.together([a.push(arena.chain(a, 0, 1)), a.push(arena.chain(a, 0, 1))])
      }),
  },
  {
    ...base,
    id: "push/atomic#world-one-batch",
    clause: "push/atomic",
    needs: [],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.expectSettled(yield* a.push(arena.chain(a, 0, 4)), "a push")
      }),
  },
  {
    ...base,
    id: "pull/monotonic#world-three-pulls",
    clause: "pull/monotonic",
    needs: [],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 4)
        for (let nth = 0; nth < 3; nth++) yield* arena.expectSettled((yield* b.pull()).settled, "a pull")
      }),
  },
  {
    ...base,
    id: "race/same-parent#world-overlap",
    clause: "race/same-parent",
    needs: [],
    run: (arena) =>
      Effect.gen(function* () {
        // The second batch holds the first one's event and one more: what is there already has the same values.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.together([a.connect, b.connect])
        const events = arena.chain(a, 0, 2)
        yield* arena.together([a.push(events.slice(0, 1)), b.push(events)])
      }),
  },
  {
    ...base,
    id: "push/stale-parent#world-overlap",
    clause: "push/stale-parent",
    needs: [],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const events = arena.chain(a, 0, 3)
        yield* a.push(events.slice(0, 2))
        yield* b.push(events.slice(1))
      }),
  },
]
