import { Clock, Effect, Option, type Scope } from "effect"
import type { Arena, ArenaClient, CheckStop, RunningPull, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { isOffline, past, pushesAgain } from "./support/again.ts"
import { bareCursor, positions } from "./support/cursor.ts"
import { expectMismatch, knowing, pullOf } from "./support/knowing.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: ["storage.wipe"],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** How an operation ends in the new life, past the wipe's own disturbance. */
const expectAcross = (arena: Arena, operation: Effect.Effect<Settled>, what: string) =>
  Effect.flatMap(past(arena, operation), (settled) => expectMismatch(arena, settled, what, settled.op))

/** A new client, which knows no life, writes `count` events to the store in its new life. */
const newLife = (arena: Arena, count: number): Effect.Effect<void, CheckStop, Scope.Scope> =>
  Effect.gen(function* () {
    const fresh = yield* arena.open("fresh")
    yield* pushesAgain(arena, fresh, "a fresh client after the wipe", count)
  })

/** How long a live pull of the old life may stay open at most: it may have lost its connection first. */
const noticeMs = ({ capabilities: { times } }: Arena): number => times.detectionMs + times.recoveryMs + times.deliveryMs

/**
 * A live pull that was open across a wipe, at which it had given `before` events: it gives no more, and it fails
 * with `BackendIdMismatch`, or with `IsOffline` and the one that is opened where it stood does.
 */
const expectLiveMismatch = (arena: Arena, client: ArenaClient, live: RunningPull, before: number, what: string) =>
  Effect.gen(function* () {
    const shown = () => live.events().slice(before)
    const untilMs = (yield* Clock.currentTimeMillis) + noticeMs(arena)
    let last = live
    let ended = yield* last.ends(noticeMs(arena))
    while (ended !== undefined && isOffline(ended) && (yield* Clock.currentTimeMillis) < untilMs) {
      yield* Effect.sleep(arena.capabilities.times.recoveryMs / 20)
      last = yield* client.live(last.cursor())
      ended = yield* last.ends(noticeMs(arena))
    }
    yield* expectMismatch(arena, ended, what, last.op)
    const resumed = last === live ? [] : last.events()
    yield* arena.expect(
      shown().length + resumed.length === 0,
      "identity-adopted",
      `${what} yielded ${positions([...shown(), ...resumed])} of the new life`,
      [live.op, last.op],
    )
    yield* last.interrupt()
  })

/** A live pull across a wipe. `after` is what happens next. */
const liveAcross = (
  word: string,
  check: Partial<Check>,
  after: (arena: Arena, reader: ArenaClient) => Effect.Effect<void, CheckStop, Scope.Scope>,
): Check => ({
  ...base,
  id: `reset/live-mismatch${word}`,
  clause: "reset/live-mismatch",
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      const { client, cursor } = yield* knowing(arena, "a", 0)
      const reader = yield* arena.open("b")
      // One that stands at the head, and one that has just read the log from its beginning.
      const lives = [yield* openLive(arena, client, cursor), yield* openLive(arena, reader)] as const
      yield* arena.backend.wipe()
      yield* after(arena, client)
      yield* arena.together([
        expectLiveMismatch(arena, client, lives[0], 0, "a live pull at the old head, open across a wipe"),
        expectLiveMismatch(arena, reader, lives[1], 3, "a live pull of the whole log, open across a wipe"),
      ])
    }),
})

/** Six events in the new life, three of them where the old one's cursor has nothing before it. */
const writesMore = (arena: Arena) => newLife(arena, 6)

export const resetWipeChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "reset/pull-mismatch",
    clause: "reset/pull-mismatch",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* knowing(arena, "a", 0)
        const b = yield* knowing(arena, "b", 3)
        const c = yield* knowing(arena, "c", 6)
        yield* arena.backend.wipe()
        yield* expectAcross(arena, pullOf(a.client, a.cursor), "a pull with an old cursor, the log being empty")
        // The others meet a new life whose log is longer than the old one was.
        yield* newLife(arena, 12)
        yield* expectAcross(arena, pullOf(b.client, b.cursor), "a pull with an old cursor, once the new log is longer")
        yield* expectAcross(arena, pullOf(c.client, bareCursor(9)), "a pull with an old cursor without metadata")
        // Being told once does not make it a client of the new life; nor does a new process with memory and cursor.
        yield* expectAcross(arena, pullOf(b.client, b.cursor), "the same pull again")
        yield* a.client.close
        const again = yield* arena.open("a")
        yield* expectAcross(arena, pullOf(again, a.cursor), "a restarted client's pull with an old cursor")
        const live = yield* again.live(a.cursor)
        yield* expectMismatch(arena, yield* live.ends(noticeMs(arena)), "a live pull with an old cursor", live.op)
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "reset/push-mismatch",
    clause: "reset/push-mismatch",
    run: (arena) =>
      Effect.gen(function* () {
        // They know the old life by a push and a pull, by a push alone, and by a pull alone.
        const a = yield* knowing(arena, "a", 0)
        const pusher = yield* arena.open("pusher")
        yield* arena.fill(pusher, 3, 1)
        const puller = yield* arena.open("puller")
        yield* arena.requireOk(yield* pullOf(puller), "a pull in the old life")
        const late = yield* knowing(arena, "late", 4)
        yield* arena.backend.wipe()
        const push = (client: ArenaClient, parent: number) => client.push(arena.chain(client, parent, 1))
        yield* expectAcross(arena, push(a.client, 7), "a push on the old head")
        yield* expectAcross(arena, push(pusher, 0), "a push on the root by a client that had only pushed")
        yield* expectAcross(arena, push(puller, 0), "a push on the root by a client that had only pulled")
        yield* a.client.close
        const again = yield* arena.open("a")
        yield* expectAcross(arena, push(again, 0), "a restarted client's push on the root")
        // The new log comes to just the old head.
        yield* newLife(arena, 7)
        yield* expectAcross(arena, push(late.client, 7), "a push on the old head, where the new head is as well")
      }),
  },
  liveAcross("", {}, writesMore),
  liveAcross("#quiet", {}, () => Effect.void),
  liveAcross("#cut", { needs: ["storage.wipe", "endpoint"] }, (arena, client) =>
    Effect.gen(function* () {
      // Cut, so that `IsOffline` comes first or the connection is made again: the resumed one has to notice.
      yield* client.link.fault({ kind: "reset" })
      yield* newLife(arena, 6)
    }),
  ),
  {
    ...base,
    id: "reset/never-adopted",
    clause: "reset/never-adopted",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* knowing(arena, "a", 0)
        const b = yield* arena.open("b")
        // b knows the life by a pull that gave it nothing.
        yield* arena.requireOk(yield* pullOf(b, bareCursor(3)), "a pull at the head")
        const c = yield* knowing(arena, "c", 3)
        yield* arena.backend.wipe()
        yield* newLife(arena, 2)
        yield* expectAcross(arena, pullOf(a.client), "a pull without a cursor by a client that knew the old life")
        yield* expectAcross(arena, pullOf(b), "a pull without a cursor by a client that had only pulled")
        yield* expectAcross(arena, pullOf(a.client), "the same pull again")
        const live = yield* b.live()
        yield* expectMismatch(arena, yield* live.ends(noticeMs(arena)), "a live pull without a cursor", live.op)
        yield* live.interrupt()
        // Connecting and asking for a sign of life tell a client nothing that it may take for its own.
        yield* past(arena, c.client.connect)
        yield* past(arena, c.client.ping)
        yield* expectAcross(arena, pullOf(c.client), "a pull without a cursor after a new connect")
        yield* a.client.close
        const again = yield* arena.open("a")
        yield* past(arena, again.connect)
        yield* expectAcross(arena, pullOf(again), "a restarted client's pull without a cursor")
        yield* expectAcross(
          arena,
          again.push(arena.chain(again, 2, 1)),
          "a restarted client's push on the head of the new life",
        )
      }),
  },
  {
    ...base,
    id: "reset/fresh-client",
    clause: "reset/fresh-client",
    run: (arena) =>
      Effect.gen(function* () {
        // More than a page, and pulled: what the backend keeps of full pages is of that life too.
        yield* knowing(arena, "a", 0, {}, Math.min(1_000, arena.capabilities.limits.pageEvents) + 5)
        yield* arena.backend.wipe()
        const fresh = yield* arena.open("fresh")
        yield* arena.requireOk(yield* past(arena, pullOf(fresh)), "a fresh client's pull after a wipe")
        const pulled = yield* fresh.pull()
        yield* arena.expect(
          pulled.events.length === 0,
          "phantom",
          `a fresh client after a wipe sees ${positions(pulled.events)}`,
          [pulled.settled.op],
        )
        const live = yield* openLive(arena, fresh)
        yield* arena.requireOk(yield* fresh.push(arena.chain(fresh, 0, 2)), "a fresh client's push after a wipe")
        // A client that lost its memory is a fresh one, whatever its name, also when its first word is a push.
        const lost = yield* arena.open("a", { memory: "fresh" })
        yield* arena.requireOk(yield* lost.push(arena.chain(lost, 2, 1)), "a push of a client that lost its memory")
        const seen = yield* lost.pull(Option.none())
        yield* arena.expect(
          seen.events.length === 3 && (yield* live.reaches(3)),
          "stale-read",
          `after a wipe three events were pushed; a pull shows ${positions(seen.events)} and a live pull ${positions(live.events())}`,
          [seen.settled.op, live.op],
        )
        yield* live.interrupt()
      }),
  },
]
