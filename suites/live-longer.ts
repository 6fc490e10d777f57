import { Effect } from "effect"
import type { Check } from "../harness/check.ts"
import { expectGoesOn } from "./live-faults.ts"
import { expectReaches, openLive } from "./live.ts"
import { severalPages } from "./pull-faults.ts"
import { positions } from "./support/cursor.ts"
import { gaugesReach } from "./support/gauges-reach.ts"
import { headOf, pullAll } from "./support/log.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** Checks of live pulls that have much behind them, of ones that join or end at an awkward moment, and of their neighbours. */
export const liveLongerChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "live/history-then-stay#large-events",
    clause: "live/history-then-stay",
    run: (arena) =>
      Effect.gen(function* () {
        // Pages that are full by bytes and hold few events: NoMore means what it says there too.
        const { pageBytes, eventBytes } = arena.capabilities.limits
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const sizeBytes = Math.min(eventBytes, 64_000) - 1_000
        const count = Math.min(40, Math.ceil((1.3 * pageBytes) / sizeBytes))
        for (let head = 0; head < count; head++) yield* arena.fill(a, head, 1, { sizeBytes })
        const live = yield* openLive(arena, b)
        yield* arena.expect(
          live.events().length === count,
          "live-join",
          `a live pull gave ${positions(live.events())} before its first NoMore; the log has ${count} events`,
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/never-completes#many-events",
    clause: "live/never-completes",
    cost: "heavy",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 1_000)
        const live = yield* openLive(arena, b)
        for (let head = 1_000; head < 1_300; head += 100) yield* arena.fill(a, head, 100)
        yield* expectReaches(arena, live, 1_300, "a live pull of more than a thousand events")
        yield* Effect.sleep(arena.capabilities.times.deliveryMs)
        yield* arena.expect(
          live.now()?._tag !== "ok",
          "silent-live",
          "a live pull of 1,300 events ended with success",
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/others#pusher-gone",
    clause: "live/others",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // The pusher is gone at whatever step of its push; where the batch is in the log, others are told of it.
        const b = yield* arena.open("b")
        const live = yield* openLive(arena, b)
        for (let round = 0; round < 10; round++) {
          const head = headOf((yield* pullAll(arena, b)).events)
          const pusher = yield* arena.open(`pusher${round}`)
          yield* pusher.connect
          yield* pusher.startPush(arena.chain(pusher, head, 2))
          for (let step = arena.draw(`gone ${round}`, 40); step > 0; step--) yield* Effect.yieldNow
          yield* pusher.crash
          const log = (yield* pullAll(arena, b)).events
          yield* expectReaches(arena, live, headOf(log), "a live pull beside a pusher that is gone")
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/join-under-writes#last-write",
    clause: "live/join-under-writes",
    run: (arena) =>
      Effect.gen(function* () {
        // One event in the very moment of joining, and nothing behind it that would bring it along.
        const a = yield* arena.open("a")
        for (let head = 0; head < 12; head++) {
          const reader = yield* arena.open(`r${head}`)
          yield* reader.connect
          const [live] = yield* arena.together([
            reader.live(),
            Effect.as(arena.fill(a, head, 1), undefined),
            Effect.as(Effect.yieldNow, undefined),
          ])
          if (live === undefined) continue
          yield* expectReaches(arena, live, head + 1, "a live pull that joined while one event was pushed")
          yield* live.interrupt()
          yield* reader.close
        }
      }),
  },
  {
    ...base,
    id: "live/after-drop#again",
    clause: "live/after-drop",
    waits: true,
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // Dropped once, and again later: it goes on from where it stands now, not from where it stood then.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        let live = yield* openLive(arena, b)
        for (let head = 2; head < 8; head += 2) {
          const reset = yield* b.link.fault({ kind: "reset" })
          yield* arena.premise(yield* reset.bites(), "the reset did not bite")
          yield* arena.fill(a, head, 2)
          live = yield* expectGoesOn(arena, b, live, head + 2, `after drop ${head / 2}`)
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/bad-neighbour#namesake-leaves",
    clause: "live/bad-neighbour",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, good] = [yield* arena.open("a"), yield* arena.open("good")]
        const live = yield* openLive(arena, good)
        const ways = [
          ["closed", (twin: typeof good) => twin.close],
          ["crashed", (twin: typeof good) => twin.crash],
        ] as const
        for (const [head, [way, leave]] of ways.entries()) {
          const twin = yield* arena.open("good", { memory: "fresh" })
          yield* openLive(arena, twin)
          yield* leave(twin)
          yield* Effect.sleep(arena.capabilities.times.deliveryMs / 10)
          yield* arena.fill(a, head, 1)
          yield* expectReaches(arena, live, head + 1, `a live pull beside a subscriber of the same name that ${way}`)
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/interrupt#mid-history",
    clause: "live/interrupt",
    needs: ["gauges"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const { count, sizeBytes } = severalPages(arena)
        yield* arena.fill(a, 0, count, { sizeBytes })
        yield* b.connect
        const live = yield* b.live()
        yield* live.pause
        yield* arena.eventually(() => live.items().length > 0, arena.capabilities.times.deadlineMs)
        const took = yield* live.interrupt(1_000)
        yield* arena.expect(took !== undefined, "stuck", "interrupting a live pull did not end within 1 s", [live.op])
        const freed = yield* gaugesReach(arena, { subscriptions: 0 })
        yield* arena.expect(
          freed.held,
          "leak",
          `a live pull was interrupted before it had caught up, and the backend still counts ${freed.subscriptions} subscriptions`,
          [live.op],
        )
      }),
  },
]
