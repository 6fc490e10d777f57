import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { pushesAgain } from "./support/again.ts"
import { expectFailed } from "./support/expect-failed.ts"
import { expectAbsent, headOf, pullAll } from "./support/log.ts"
import { refusalTags } from "./support/tags.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** An event that says nothing of its own, so that another can say the same. */
const plain = (parentSeqNum: number, args: unknown): EventEncoded => ({
  seqNum: parentSeqNum + 1,
  parentSeqNum,
  name: "gauntlet.event",
  args,
  clientId: "a",
  sessionId: "same",
})

/** Requires `ServerAhead` of a batch that does not stand on the head. */
const expectStale = (arena: Arena, settled: Settled, what: string) =>
  arena.expectError(settled, refusalTags(arena.capabilities, ["ServerAhead"]), what, "stale-parent-accepted")

/** A text of this many bytes in UTF-8, in letters of three bytes each. */
const letters = (sizeBytes: number): string => "語".repeat(Math.floor(sizeBytes / 3))

const withText = (event: EventEncoded, text: string): EventEncoded => ({
  ...event,
  args: { ...(event.args as Record<string, unknown>), text },
})

/** Checks of pushes that look like others: the same again, nearly the same, and after many that were refused. */
export const pushRepeatedChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/sequential#same-content",
    clause: "push/sequential",
    run: (arena) =>
      Effect.gen(function* () {
        // Two events that say the same are two events: pushed apart, and in one batch.
        const a = yield* arena.open("a")
        const said = { answer: "yes" }
        const batches = [[plain(0, said)], [plain(1, said)], [plain(2, said), plain(3, said)], [plain(4, said)]]
        for (const batch of batches) yield* arena.requireOk(yield* a.push(batch), "an event that was said before")
        const { events, settled } = yield* pullAll(arena, a)
        yield* arena.expect(
          events.length === 5,
          "lost-ack",
          `five events that say the same were acknowledged, and the log has ${events.length}`,
          [settled.op],
        )
      }),
  },
  {
    ...base,
    id: "push/retry#altered",
    clause: "push/retry",
    run: (arena) =>
      Effect.gen(function* () {
        // The same numbers by the same client, and something else in them: never acknowledged as the same batch.
        const a = yield* arena.open("a")
        const events = yield* arena.fill(a, 0, 4)
        const altered = yield* a.push(arena.chain(a, 0, 4))
        yield* expectStale(arena, altered, "a batch of other events under the numbers of an accepted one")
        const last = yield* a.push([...events.slice(2, 3), ...arena.chain(a, 3, 1)])
        yield* expectStale(arena, last, "a batch whose last event is another than the one that was accepted")
        yield* arena.requireOk(yield* a.push(arena.chain(a, 4, 1)), "a push on the head after altered retries")
      }),
  },
  {
    ...base,
    id: "push/stale-parent#overlap",
    clause: "push/stale-parent",
    run: (arena) =>
      Effect.gen(function* () {
        // A batch that begins with what the log has: its parent is behind the head, so nothing of it may be stored.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const events = yield* arena.fill(a, 0, 4)
        for (const [client, from] of [
          [a, 3],
          [a, 0],
          [b, 2],
        ] as const) {
          const settled = yield* client.push([...events.slice(from), ...arena.chain(client, 4, 2)])
          yield* expectStale(arena, settled, `a batch of which the first ${4 - from} events are in the log already`)
        }
        yield* arena.requireOk(yield* b.push(arena.chain(b, 4, 1)), "a push on the head after batches that overlap it")
      }),
  },
  {
    ...base,
    id: "push/stale-parent#after-pulls",
    clause: "push/stale-parent",
    run: (arena) =>
      Effect.gen(function* () {
        // Somebody pulls, then the head moves: a refusal names the head that stands, not the one that was shown.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        for (let head = 0; head < 9; head += 3) {
          yield* arena.fill(a, head, 1)
          yield* pullAll(arena, b)
          yield* arena.fill(a, head + 1, 2)
          const stale = yield* b.push(arena.chain(b, head + 1, 1))
          yield* expectStale(
            arena,
            stale,
            `a push on ${head + 1}, the head of the last pull, with the head at ${head + 3}`,
          )
        }
      }),
  },
  {
    ...base,
    id: "push/definite-when-healthy#after-refusals",
    clause: "push/definite-when-healthy",
    run: (arena) =>
      Effect.gen(function* () {
        // Refusals of every kind use nothing up: whatever a refused push held, it gives back.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        const bad = (client: ArenaClient, n: number): ReadonlyArray<EventEncoded> => {
          if (n % 3 === 0) return arena.chain(client, 0, 1)
          if (n % 3 === 1) return arena.chain(client, 90, 2)
          return arena.chain(client, 2, 3).toReversed()
        }
        for (let n = 0; n < 36; n++) {
          const client = n % 2 === 0 ? a : b
          const settled = yield* client.push(bad(client, n))
          yield* arena.require(
            settled._tag === "refused" || arena.capabilities.errors === "livestore",
            "wrong-refusal",
            `push ${n + 1} of 36 that no backend may take ended ${settled._tag}; it had to be refused`,
            [settled.op],
          )
        }
        for (const [n, client] of [a, b].entries()) {
          yield* arena.requireOk(
            yield* client.push(arena.chain(client, 2 + n, 1)),
            "a push on the head after 36 refusals",
          )
        }
      }),
  },
  {
    ...base,
    id: "push/lost-ack#competitor",
    waits: true,
    clause: "push/lost-ack",
    needs: ["endpoint", "classify"],
    premises: ["the push's request was lost, and another client's batch came first"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        yield* arena.requireOk(yield* b.connect, "connect")
        const request = { direction: "up", operation: "push", role: "request" } as const
        const lost = yield* a.link.fault({ kind: "close", code: 1006, match: request })
        const push = yield* a.startPush(arena.chain(a, 2, 3))
        yield* arena.premise(yield* lost.bites(), "the push's request was not lost")
        // Whoever sends again meets the other batch, and may not take the conflict for a success of its own.
        yield* arena.fill(b, 2, 3)
        const settled = yield* push.settled
        yield* arena.expect(
          settled._tag !== "ok",
          "lost-ack",
          "a push was acknowledged whose request was lost and whose place another client's batch has",
          [settled.op],
        )
        yield* arena.expectSettled(settled, "a push whose request was lost")
        yield* pushesAgain(arena, a, "after a lost request")
      }),
  },
  {
    ...base,
    id: "push/interrupted#dead-link-large",
    clause: "push/interrupted",
    needs: ["endpoint"],
    premises: ["the push went into a link on which nothing arrives"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const fault = yield* a.link.fault({ kind: "half-open", direction: "both" })
        const push = yield* a.startPush(arena.chain(a, 2, 100))
        yield* arena.premise(yield* fault.bites(), "nothing was sent into the dead link")
        const tookMs = yield* push.interrupt(100)
        yield* arena.expect(
          tookMs !== undefined,
          "stuck",
          "the interruption of a push of 100 events on a dead link was not complete after 100 ms",
          [push.op],
        )
        yield* fault.heal
        yield* pushesAgain(arena, a, "after an interrupted push of 100 events")
      }),
  },
  {
    ...base,
    id: "push/oversize-event#other-scripts",
    clause: "push/oversize-event",
    run: (arena) =>
      Effect.gen(function* () {
        // Sizes are bytes: letters of three bytes each are a third as many characters.
        const limitBytes = arena.capabilities.limits.eventBytes
        const a = yield* arena.open("a")
        const just = arena.chain(a, 0, 1).map((event) => withText(event, letters(limitBytes - 400)))
        yield* arena.requireOk(
          yield* a.push(just),
          `an event in another script just under the declared ${limitBytes} bytes`,
        )
        const over = arena.chain(a, 1, 1).map((event) => withText(event, letters(2 * limitBytes)))
        const what = `an event in another script of ${2 * limitBytes} bytes where ${limitBytes} are declared`
        yield* expectFailed(arena, yield* a.push(over), what, "wrong-refusal")
        yield* arena.requireOk(yield* a.push(arena.chain(a, 1, 1)), `a good push after ${what}`)
        const { events } = yield* pullAll(arena, a)
        yield* arena.expect(headOf(events) === 2, "stale-read", `the log ends at ${headOf(events)} after a push of 2`)
        yield* expectAbsent(arena, [{ batch: over, what }])
      }),
  },
]
