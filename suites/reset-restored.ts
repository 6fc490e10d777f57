import { Effect, type Scope } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient, CheckStop, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { past, pushesAgain } from "./support/again.ts"
import { bareCursor, positions } from "./support/cursor.ts"
import { expectFailed, requireSettled } from "./support/expect-failed.ts"
import { knowing, pullOf } from "./support/knowing.ts"
import { headOf, markOf, renumbered } from "./support/log.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** A client ahead of a restored backend fails: success would be a silent fork. */
const expectNoticed = (arena: Arena, operation: Effect.Effect<Settled>, what: string) =>
  Effect.gen(function* () {
    const settled = yield* past(arena, operation)
    yield* expectFailed(arena, settled, what, "fork")
    yield* arena.expectSettled(settled, what)
  })

/** What one push after a wipe beneath the backend came to. */
interface Offered {
  readonly batch: ReadonlyArray<EventEncoded>
  readonly settled: Settled
}

/** Pushes after a wipe beneath the backend: on the old head, on the root, on the head that is told, and on the one that a pull shows. */
const offerBeneath = (arena: Arena, old: ArenaClient): Effect.Effect<ReadonlyArray<Offered>, CheckStop, Scope.Scope> =>
  Effect.gen(function* () {
    const offer = (client: ArenaClient, parent: number, count: number) =>
      Effect.gen(function* () {
        const batch = arena.chain(client, parent, count)
        const settled = yield* client.push(batch)
        yield* requireSettled(arena, settled, "a push after storage was wiped beneath the backend")
        return { batch, settled } satisfies Offered
      })
    const onOldHead = yield* offer(old, 3, 1)
    const fresh = yield* arena.open("fresh")
    const onRoot = yield* offer(fresh, 0, 2)
    // Whatever head the backend believes in: a client that is told of it will push there.
    const refusal = onRoot.settled._tag === "refused" ? onRoot.settled.error : undefined
    const told = refusal?._tag === "ServerAhead" ? refusal.head : 2
    const onTold = yield* offer(fresh, told, 1)
    const again = yield* arena.open("again")
    const { events } = yield* again.pull()
    return [onOldHead, onRoot, onTold, yield* offer(again, headOf(events), 2)]
  })

export const resetRestoredChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "reset/wipe-under-running",
    clause: "reset/wipe-under-running",
    isolation: "host",
    needs: ["storage.wipeBeneath", "process.restart"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client, cursor } = yield* knowing(arena, "a", 0)
        const live = yield* openLive(arena, client, cursor)
        yield* arena.backend.wipeBeneath()
        const offered = yield* offerBeneath(arena, client)
        // Whether the backend can go on is its own affair; what it acknowledged has to be there.
        const pulled = yield* (yield* arena.open("reader")).pull()
        const shown = new Set(pulled.events.map(markOf))
        for (const { batch, settled } of offered) {
          yield* arena.expect(
            settled._tag !== "ok" || batch.every((event) => shown.has(markOf(event))),
            "lost-ack",
            `after storage was wiped beneath the backend a push of ${positions(batch)} was acknowledged; a fresh pull ended ${pulled.settled._tag} and shows ${positions(pulled.events)}`,
            [settled.op, pulled.settled.op],
          )
        }
        yield* live.interrupt()
        // A new process knows only what is stored: what was acknowledged has to be there still.
        yield* arena.backend.restart
        yield* pushesAgain(arena, yield* arena.open("last"), "after a restart on the wiped storage")
      }),
  },
  {
    ...base,
    id: "reset/older-snapshot",
    clause: "reset/older-snapshot",
    needs: ["storage.snapshot"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        const restore = yield* arena.backend.snapshot()
        const ahead = yield* knowing(arena, "ahead", 3)
        const pusher = yield* knowing(arena, "pusher", 6)
        const late = yield* knowing(arena, "late", 9)
        yield* restore
        yield* expectNoticed(arena, pullOf(ahead.client, ahead.cursor), "a pull past the head of a restored backend")
        // The restored log grows with other events to just where the clients stand.
        const b = yield* arena.open("b")
        yield* pushesAgain(arena, b, "after the restore", 9)
        const push = pusher.client.push(arena.chain(pusher.client, 12, 1))
        yield* expectNoticed(arena, push, "a push on a position whose event was lost and replaced in the restore")
        yield* pushesAgain(arena, b, "after the restore", 2)
        const pull = pullOf(late.client, late.cursor)
        yield* expectNoticed(arena, pull, "a pull from a position whose event was lost and replaced in the restore")
      }),
  },
  {
    ...base,
    id: "reset/foreign-cursor",
    clause: "reset/foreign-cursor",
    run: (arena) =>
      Effect.gen(function* () {
        // Two stores of one backend: the cursor of one is handed to the other, where another event stands there.
        const other = yield* knowing(arena, "other", 0, { storeId: arena.newStore("other") })
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 5)
        yield* arena.foreignCursor("a")
        const settled = yield* pullOf(a, other.cursor)
        yield* expectFailed(arena, settled, "a pull with a cursor whose event stands in another store", "cursor-skip")
        const live = yield* a.live(other.cursor)
        const ended = yield* live.ends(arena.capabilities.times.deadlineMs)
        yield* arena.expect(
          ended !== undefined && ended._tag !== "ok",
          "cursor-skip",
          `a live pull with a cursor whose event stands in another store was accepted and gave ${positions(live.events())}`,
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "reset/foreign-cursor#at-head",
    clause: "reset/foreign-cursor",
    run: (arena) =>
      Effect.gen(function* () {
        // Both logs end at 3, with different events there: nothing is behind the cursor, and it is wrong all the same.
        const other = yield* knowing(arena, "other", 0, { storeId: arena.newStore("other") })
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        yield* arena.foreignCursor("a")
        const settled = yield* pullOf(a, other.cursor)
        yield* expectFailed(arena, settled, "a pull with another store's cursor at the head's number", "cursor-skip")
      }),
  },
  {
    ...base,
    id: "reset/foreign-cursor#between",
    clause: "reset/foreign-cursor",
    run: (arena) =>
      Effect.gen(function* () {
        // No event stands at 5: the cursor comes from another log.
        const a = yield* arena.open("a")
        const sparse = renumbered(arena.chain(a, 0, 3), 0, [3, 7, 9])
        yield* arena.requireOk(yield* a.push(sparse), "a push of the events 3, 7 and 9")
        yield* arena.foreignCursor("a")
        const settled = yield* pullOf(a, bareCursor(5))
        yield* expectFailed(arena, settled, "a pull after 5 from a log that has 3, 7 and 9", "cursor-skip")
      }),
  },
  {
    ...base,
    id: "reset/clean-state",
    clause: "reset/clean-state",
    isolation: "host",
    needs: ["reset", "gauges", "endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // One client left in order, one crashed, and one is open still; it cannot come back.
        const before = yield* knowing(arena, "a", 0)
        yield* openLive(arena, before.client, before.cursor)
        yield* before.client.close
        const crashed = yield* arena.open("crashed")
        yield* openLive(arena, crashed)
        yield* crashed.crash
        const open = yield* arena.open("open")
        yield* openLive(arena, open)
        yield* open.link.fault({ kind: "refuse" })
        yield* arena.note("the harness resets the backend")
        yield* arena.backend.reset
        const gauges = yield* arena.backend.gauges()
        yield* arena.expect(
          (gauges.sockets ?? 0) === 0 && (gauges.subscriptions ?? 0) === 0,
          "leak",
          `after a reset the backend counts ${gauges.sockets} sockets and ${gauges.subscriptions} subscriptions`,
        )
        const fresh = yield* arena.open("fresh")
        const pulled = yield* fresh.pull()
        yield* arena.requireOk(pulled.settled, "a fresh client's pull after a reset")
        yield* arena.expect(
          pulled.events.length === 0,
          "phantom",
          `after a reset the store shows ${positions(pulled.events)}`,
          [pulled.settled.op],
        )
        yield* arena.requireOk(yield* fresh.push(arena.chain(fresh, 0, 2)), "a push after a reset")
        // The next test's client never knew the old life; one that did meets a new backendId.
        const again = yield* arena.open("a")
        yield* expectNoticed(
          arena,
          pullOf(again, before.cursor),
          "a pull of a client that knew the life before the reset",
        )
      }),
  },
  {
    ...base,
    id: "reset/clean-state#fault",
    clause: "reset/clean-state",
    isolation: "host",
    needs: ["reset", "storage.outage"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        yield* arena.backend.outage()
        yield* a.pull()
        yield* arena.premise((yield* arena.backend.storageBit()) > 0, "the storage outage did not bite")
        yield* arena.backend.reset
        const fresh = yield* arena.open("fresh")
        yield* arena.requireOk(yield* pullOf(fresh), "a pull after a reset that found an outage of storage standing")
        yield* arena.requireOk(yield* fresh.push(arena.chain(fresh, 0, 1)), "a push after such a reset")
      }),
  },
]
