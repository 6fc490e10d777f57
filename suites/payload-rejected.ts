import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Json } from "../contract/json.ts"
import type { Arena, ArenaClient, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { pushesAgain } from "./support/again.ts"
import { positions } from "./support/cursor.ts"
import { expectFailed } from "./support/expect-failed.ts"
import { typedErrorsOnly } from "./support/tags.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** What one operation of a client without permission came to. */
interface Attempt {
  readonly what: string
  /** Undefined: a live pull that stayed open. */
  readonly settled: Settled | undefined
  readonly op: number
  readonly events: ReadonlyArray<EventEncoded>
}

const attempt = (what: string, settled: Settled, events: ReadonlyArray<EventEncoded> = []): Attempt => ({
  what,
  settled,
  op: settled.op,
  events,
})

/** A live pull of a client without permission: it has to end. */
const liveAttempt = (client: ArenaClient, withinMs: number) =>
  Effect.gen(function* () {
    const live = yield* client.live()
    const settled = yield* live.ends(withinMs)
    yield* live.interrupt()
    return { what: "a live pull", settled, op: live.op, events: live.events() } satisfies Attempt
  })

/** The client that tries each operation: one for all of them, or one each. */
interface Trying {
  readonly connecting: ArenaClient
  readonly pushing: ArenaClient
  readonly pulling: ArenaClient
  readonly watching: ArenaClient
}

const allOf = (client: ArenaClient): Trying => ({
  connecting: client,
  pushing: client,
  pulling: client,
  watching: client,
})

/** connect, push on the head, pull and live pull at once: one that hangs holds no other up. */
const attempts = (arena: Arena, head: number, { connecting, pushing, pulling, watching }: Trying) =>
  arena.together<Attempt, never>([
    Effect.map(connecting.connect, (settled) => attempt("connect", settled)),
    Effect.map(pushing.push(arena.chain(pushing, head, 2)), (settled) => attempt("a push", settled)),
    Effect.map(pulling.pull(), ({ settled, events }) => attempt("a pull", settled, events)),
    liveAttempt(watching, arena.capabilities.times.deadlineMs),
  ])

const refused: Json = { token: "reject" }
const openRefused = (arena: Arena, word: string) => arena.open(word, { payload: refused, rejected: true })

/** A refused client for each operation, so that no earlier refusal answers for it. */
const refusedEach = (arena: Arena) =>
  Effect.gen(function* () {
    return {
      connecting: yield* openRefused(arena, "connecting"),
      pushing: yield* openRefused(arena, "pushing"),
      pulling: yield* openRefused(arena, "pulling"),
      watching: yield* openRefused(arena, "watching"),
    } satisfies Trying
  })

/**
 * What becomes of each operation as its client's first, and once again on a client whose connect was refused. Beside
 * each other: where each of them hangs, one after the other takes many deadlines.
 */
const triedTwice = (arena: Arena, head: number) =>
  Effect.gen(function* () {
    const each = yield* refusedEach(arena)
    const again = yield* openRefused(arena, "again")
    return yield* arena.together([
      attempts(arena, head, each),
      Effect.andThen(again.connect, attempts(arena, head, allOf(again))),
    ])
  })

/** Each attempt failed and was shown nothing. That nothing is stored is read from the record. */
const expectRefused = (arena: Arena, tried: ReadonlyArray<Attempt>, why: string) =>
  Effect.forEach(
    tried,
    ({ what, settled, op, events }) =>
      Effect.gen(function* () {
        yield* settled === undefined
          ? arena.violation("payload-bleed", `${what} with ${why} stayed open`, [op])
          : expectFailed(arena, settled, `${what} with ${why}`, "payload-bleed")
        yield* arena.expect(
          events.length === 0,
          "payload-bleed",
          `${what} with ${why} was shown ${positions(events)}`,
          [op],
        )
      }),
    { discard: true },
  )

/** Each attempt failed by name. */
const expectTyped = (arena: Arena, tried: ReadonlyArray<Attempt>, why: string) =>
  Effect.forEach(
    tried,
    ({ what, settled, op }) =>
      settled === undefined
        ? arena.violation("payload-bleed", `${what} with ${why} stayed open`, [op])
        : arena.expectError(settled, ["PayloadRejected"], `${what} with ${why}`, "payload-bleed"),
    { discard: true },
  )

/** Opens clients that share one payload, which `revoke` revokes for all of them. */
const badge = (arena: Arena, words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const id = `${arena.storeId}-badge`
    const clients = yield* Effect.forEach(words, (word) => arena.open(word, { payload: { token: "revocable", id } }))
    const revoke = Effect.gen(function* () {
      yield* Effect.catch(arena.backend.app.revoke(id), (error) =>
        arena.premise(false, `the payload could not be revoked: ${error.message}`),
      )
      // From here on: what overlaps the revocation may go either way.
      for (const word of words) yield* arena.revoked(word)
    })
    return { clients, revoke }
  })

const revoked = "a revoked payload"

export const payloadRejectedChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "payload/rejected",
    waits: true,
    clause: "payload/rejected",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        const [first, onceMore] = yield* triedTwice(arena, 3)
        yield* expectRefused(arena, first!, "a rejected payload")
        yield* expectRefused(arena, onceMore!, "a rejected payload, once more,")
        yield* arena.fill(a, 3, 1)
      }),
  },
  {
    ...base,
    id: "payload/typed",
    clause: "payload/typed",
    unsupported: typedErrorsOnly,
    run: (arena) =>
      Effect.gen(function* () {
        const [first, onceMore] = yield* triedTwice(arena, 0)
        yield* expectTyped(arena, first!, "a rejected payload")
        yield* expectTyped(arena, onceMore!, "a rejected payload, once more,")
      }),
  },
  {
    ...base,
    id: "payload/expires",
    waits: true,
    clause: "payload/expires",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        const { clients, revoke } = yield* badge(arena, ["pushing", "pulling", "watching"])
        const [pushing, pulling, watching] = clients as [ArenaClient, ArenaClient, ArenaClient]
        yield* arena.fill(a, 0, 2)
        yield* arena.fill(pushing, 2, 1)
        yield* arena.requireOk((yield* pulling.pull()).settled, "a pull before the revocation")
        const live = yield* openLive(arena, watching)
        yield* revoke
        yield* arena.fill(a, 3, 2)
        // Each operation is its client's first after the revocation.
        const pushed = yield* pushing.push(arena.chain(pushing, 5, 1))
        const { settled, events } = yield* pulling.pull()
        const tried = [attempt("a push", pushed), attempt("a pull", settled, events)]
        yield* expectRefused(arena, tried, revoked)
        if (arena.capabilities.errors === "full") yield* expectTyped(arena, tried, revoked)
        const ended = yield* live.ends(detectionMs)
        const late = live.events().filter(({ seqNum }) => seqNum > 3)
        yield* expectRefused(arena, [{ what: "a live pull", settled: ended, op: live.op, events: late }], revoked)
        yield* live.interrupt()
        yield* expectRefused(arena, yield* attempts(arena, 5, allOf(watching)), `${revoked}, once more,`)
      }),
  },
  {
    ...base,
    id: "payload/expires#quiet",
    waits: true,
    clause: "payload/expires",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        // Nothing is pushed after the revocation, so nothing but the revocation itself can end the live pull.
        const a = yield* arena.open("a")
        const { clients, revoke } = yield* badge(arena, ["watching"])
        yield* arena.fill(a, 0, 2)
        const live = yield* openLive(arena, clients[0]!)
        yield* revoke
        const settled = yield* live.ends(arena.capabilities.times.detectionMs)
        yield* expectRefused(arena, [{ what: "a live pull", settled, op: live.op, events: [] }], revoked)
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "payload/expires#overlap",
    clause: "payload/expires",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const { clients, revoke } = yield* badge(arena, ["pushing", "pulling"])
        const [pushing, pulling] = clients as [ArenaClient, ArenaClient]
        yield* arena.fill(a, 0, 2)
        // The hook waits, so that the revocation falls into the push: it may go either way, as a whole.
        const slow = arena.chain(pushing, 2, 3, { name: "gauntlet.slow", args: { ms: 60 } })
        const overlapping = yield* pushing.startPush(slow)
        yield* Effect.sleep(60)
        const reading = yield* pulling.startPull()
        yield* revoke
        yield* arena.expectSettled(yield* overlapping.settled, "a push that overlaps the revocation")
        yield* arena.expectSettled(yield* reading.settled, "a pull that overlaps the revocation")
        const head = yield* pushesAgain(arena, a, "after the revocation")
        const pushed = yield* pushing.push(arena.chain(pushing, head, 1))
        const { settled, events } = yield* pulling.pull()
        yield* expectRefused(arena, [attempt("a push", pushed), attempt("a pull", settled, events)], revoked)
      }),
  },
]
