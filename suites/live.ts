import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { bareCursor, positions } from "./support/cursor.ts"
import { gaugesReach } from "./support/gauges-reach.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** Opens a live pull and waits until it has caught up; a live pull that never says so ends the check. */
export const openLive = (
  arena: Arena,
  client: ArenaClient,
  cursor?: Parameters<ArenaClient["live"]>[0],
): Effect.Effect<RunningPull, CheckStop> =>
  Effect.gen(function* () {
    const live = yield* client.live(cursor)
    const caughtUp = yield* live.caughtUp()
    yield* arena.require(
      caughtUp,
      "silent-live",
      `client ${client.id}'s live pull did not say NoMore within the deadline`,
      [live.op],
    )
    return live
  })

/** Requires that a live pull delivers up to a position within the delivery time. */
export const expectReaches = (arena: Arena, live: RunningPull, seqNum: number, what: string) =>
  Effect.gen(function* () {
    const reached = yield* live.reaches(seqNum)
    yield* arena.expect(
      reached,
      "silent-live",
      `${what} delivered ${positions(live.events())} and not ${seqNum} within the delivery time`,
      [live.op],
    )
  })

export const liveChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "live/history-then-stay",
    clause: "live/history-then-stay",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 150)
        for (const from of [0, 40, 150]) {
          const live = yield* openLive(arena, b, from === 0 ? undefined : bareCursor(from))
          yield* arena.expect(
            live.events().length === 150 - from,
            "live-join",
            `a live pull after ${from} gave ${positions(live.events())} before its first NoMore; the log has 150 events`,
            [live.op],
          )
          yield* arena.expect(live.now() === undefined, "silent-live", `a live pull after ${from} did not stay open`, [
            live.op,
          ])
          yield* live.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "live/never-completes",
    clause: "live/never-completes",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        const empty = yield* openLive(arena, b)
        yield* arena.fill(a, 0, 120)
        yield* arena.requireOk((yield* c.pull()).settled, "a pull of the whole log")
        const full = yield* openLive(arena, c, bareCursor(60))
        yield* expectReaches(arena, empty, 120, "a live pull that began on an empty log")
        yield* Effect.sleep(arena.capabilities.times.deliveryMs)
        for (const live of [empty, full]) {
          yield* arena.expect(live.now()?._tag !== "ok", "silent-live", "a live pull ended by itself with success", [
            live.op,
          ])
          yield* arena.expect(
            live.now() === undefined || live.now()?._tag === "ok",
            "wrong-refusal",
            `a live pull ended by itself with ${live.now()?._tag} though nothing disturbed it`,
            [live.op],
          )
          yield* live.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "live/no-more-promptly",
    clause: "live/no-more-promptly",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* openLive(arena, b)
        const page = Math.min(arena.capabilities.limits.pageEvents, 100)
        let head = 0
        for (const count of [1, 3, page, Math.min(100, page + 1), 100]) {
          yield* arena.fill(a, head, count)
          head += count
          yield* expectReaches(arena, live, head, "a live pull")
          // The item that reached the head may say that more comes; then NoMore has to follow.
          const said = yield* arena.eventually(
            () => live.items().at(-1)?.pageInfo._tag === "NoMore",
            arena.capabilities.times.deliveryMs,
          )
          yield* arena.expect(
            said,
            "page-info-lie",
            `a live pull reached ${head} and its last item says ${live.items().at(-1)?.pageInfo._tag}; NoMore did not follow within the delivery time`,
            [live.op],
          )
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/others",
    clause: "live/others",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        const watching = yield* Effect.forEach([a, b, c], (client) => openLive(arena, client))
        let head = 0
        for (let round = 0; round < 9; round++) {
          const pusher = [a, b, c][round % 3]!
          const count = 1 + (round % 4)
          yield* arena.fill(pusher, head, count)
          head += count
          if (round % 2 === 0) for (const live of watching) yield* expectReaches(arena, live, head, "a live pull")
        }
        for (const live of watching) {
          yield* expectReaches(arena, live, head, "a live pull")
          yield* arena.expect(
            live.events().length === head,
            "silent-live",
            `a live pull delivered ${positions(live.events())} of ${head} events`,
            [live.op],
          )
          yield* live.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "live/join-under-writes",
    clause: "live/join-under-writes",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const readers = yield* Effect.forEach([0, 1, 2, 3], (n) => arena.open(`r${n}`))
        const total = 40
        let written = 0
        const writer = Effect.gen(function* () {
          for (; written < total; written += 2) yield* arena.fill(a, written, 2)
        })
        const join = (reader: ArenaClient, n: number) =>
          Effect.gen(function* () {
            // Each joins at a length of the log that the seed draws, while the writer goes on.
            const from = arena.draw(`join ${n}`, total / 2)
            yield* arena.eventually(() => written >= from, arena.capabilities.times.deadlineMs)
            return yield* reader.live()
          })
        const lives: Array<RunningPull> = []
        yield* arena.together([
          writer,
          ...readers.map((reader, n) => Effect.map(join(reader, n), (live) => void lives.push(live))),
        ])
        for (const live of lives) {
          yield* expectReaches(arena, live, total, "a live pull that joined under writes")
          yield* arena.expect(
            live.events().length === total && live.events().every((event, index) => event.seqNum === index + 1),
            "live-join",
            `a live pull that joined under writes delivered ${positions(live.events())}; it had to deliver 1 to ${total} once and in order`,
            [live.op],
          )
          yield* live.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "live/idle",
    clause: "live/idle",
    cost: "idle",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        yield* arena.fill(a, 0, 2)
        const live = yield* openLive(arena, b)
        // Another connection carries a live pull of the pusher itself, so that it idles as well.
        const own = yield* openLive(arena, a)
        yield* Effect.sleep(arena.capabilities.times.idleMs)
        yield* arena.expect(live.now() === undefined, "silent-live", "a live pull ended during idleness", [live.op])
        yield* arena.fill(c, 2, 1)
        yield* expectReaches(arena, live, 3, "a live pull after a long idle time")
        yield* arena.fill(a, 3, 1)
        yield* expectReaches(arena, live, 4, "a live pull after a long idle time")
        yield* expectReaches(arena, own, 4, "the pusher's own live pull after a long idle time")
        yield* live.interrupt()
        yield* own.interrupt()
      }),
  },
  {
    ...base,
    id: "live/two-on-one-client",
    clause: "live/two-on-one-client",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 3)
        const first = yield* openLive(arena, b)
        const second = yield* openLive(arena, b, bareCursor(2))
        yield* arena.fill(a, 3, 5)
        yield* arena.fill(b, 8, 1)
        for (const live of [first, second]) yield* expectReaches(arena, live, 9, "one of two live pulls on one client")
        yield* first.interrupt()
        yield* arena.fill(a, 9, 1)
        yield* expectReaches(arena, second, 10, "the other live pull after the first was interrupted")
        yield* second.interrupt()
      }),
  },
  reopen("live/reopen", 15, {}),
  reopen("live/reopen#fifty", 50, { cost: "heavy" }),
  {
    ...base,
    id: "live/interrupt",
    clause: "live/interrupt",
    needs: ["gauges"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 1)
        const lives = yield* Effect.forEach([0, 1, 2], () => openLive(arena, b))
        const during = yield* arena.backend.gauges()
        yield* arena.premise(during.subscriptions !== undefined, "the backend cannot count subscriptions")
        yield* arena.expect(
          (during.subscriptions ?? 0) > 0,
          "silent-live",
          "three live pulls are open and the backend counts no subscription",
        )
        for (const live of lives) {
          const took = yield* live.interrupt(1_000)
          yield* arena.expect(took !== undefined, "stuck", "interrupting a live pull did not end within 1 s", [live.op])
        }
        const freed = yield* gaugesReach(arena, { subscriptions: 0 })
        yield* arena.expect(
          freed.held,
          "leak",
          `every live pull was interrupted, and the backend still counts ${freed.subscriptions} subscriptions`,
        )
      }),
  },
  {
    ...base,
    id: "live/latency",
    clause: "live/latency",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* openLive(arena, b)
        for (let head = 0; head < 20; head++) {
          yield* arena.fill(a, head, 1)
          yield* expectReaches(arena, live, head + 1, "a live pull")
        }
        yield* live.interrupt()
      }),
  },
]

/** Interrupts a live pull and opens it again at its cursor, over and over. */
function reopen(id: string, cycles: number, check: Partial<Check>): Check {
  return {
    ...base,
    id,
    clause: "live/reopen",
    needs: ["gauges"],
    ...check,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 1)
        let live = yield* openLive(arena, b)
        const before = yield* arena.backend.gauges()
        for (let cycle = 0; cycle < cycles; cycle++) {
          const cursor = live.cursor()
          yield* live.interrupt()
          yield* arena.fill(a, 1 + cycle, 1)
          live = yield* openLive(arena, b, cursor)
          yield* expectReaches(arena, live, 2 + cycle, `live pull ${cycle + 2} on one client`)
          yield* arena.expect(
            live.events().length === 1,
            "cursor-skip",
            `a live pull reopened after ${1 + cycle} gave ${positions(live.events())}`,
            [live.op],
          )
        }
        const same = yield* gaugesReach(arena, { subscriptions: before.subscriptions ?? 1 })
        yield* arena.expect(
          same.held,
          "leak",
          `after ${cycles} cycles of interrupting and reopening the backend counts ${same.subscriptions} subscriptions; it counted ${before.subscriptions} at the start`,
        )
        yield* live.interrupt()
      }),
  }
}
