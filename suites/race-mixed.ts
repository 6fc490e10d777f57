import { Effect, Option } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient, CheckStop, Pulled, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { cursorOn, positions, samePositions } from "./support/cursor.ts"
import { headOf, pullAll, renumbered } from "./support/log.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Lands a client's batches one after another: on `ServerAhead` it pulls what is new, rebases, and pushes again. */
const landAll = (
  arena: Arena,
  client: ArenaClient,
  batches: ReadonlyArray<ReadonlyArray<EventEncoded>>,
  /** A push is refused only when another's landed, so there are never more attempts than batches of all. */
  attempts: number,
): Effect.Effect<void, CheckStop> =>
  Effect.gen(function* () {
    let known: Pulled["cursor"] = Option.none()
    let left = attempts
    for (const batch of batches) {
      for (let landed = false; !landed;) {
        const head = Option.match(known, { onNone: () => 0, onSome: (cursor) => cursor.eventSequenceNumber })
        const settled = yield* client.push(renumbered(batch, head))
        if (settled._tag === "ok") landed = true
        else
          yield* arena.expectError(
            settled,
            ["ServerAhead"],
            "a push on a head that others may have moved",
            "double-winner",
          )
        const pulled = yield* client.pull(known)
        yield* arena.requireOk(pulled.settled, "a pull before a rebase")
        known = pulled.cursor
        left -= 1
        const sentence = `client ${client.id} rebased and pushed ${attempts} times and its events did not land`
        yield* arena.require(landed || left > 0, "diverged", sentence, [settled.op])
      }
    }
  })

/** A log of more than a page, where pages are not too large for that. */
const severalPages = (arena: Arena): number => {
  const { pageEvents } = arena.capabilities.limits
  return pageEvents <= 200 ? Math.floor(pageEvents * 1.2) : 150
}

/** Pushes batch after batch on its own head until told to stop, at most `most` batches. */
const pushUntil = (arena: Arena, client: ArenaClient, from: number, most: number, over: () => boolean) =>
  Effect.gen(function* () {
    let head = from
    for (let n = 0; n < most && !over(); n++) {
      const count = 1 + arena.draw(`batch ${n}`, 5)
      yield* arena.fill(client, head, count)
      head += count
    }
  })

/** A pull beside pushes: it has ended, and what it gave is a prefix of the log that stands in the end. */
const expectPrefix = (arena: Arena, pulled: Pulled, log: ReadonlyArray<EventEncoded>) =>
  arena.expect(
    samePositions(pulled.events, log.slice(0, pulled.events.length)),
    "gap",
    `a pull during pushes gave ${positions(pulled.events)}, which is no prefix of ${positions(log)}`,
    [pulled.settled.op],
  )

/**
 * Reads a pull item by item, and between any two of them others push a page and more: a pull whose end is wherever
 * the head is by then never gets there. Gives how many items were read; stops after `most`.
 */
const outrun = (arena: Arena, pull: RunningPull, writer: ArenaClient, pageEvents: number, most: number) =>
  Effect.gen(function* () {
    let head = headOf((yield* pullAll(arena, writer)).events)
    for (let seen = 1; seen <= most; seen++) {
      const { deadlineMs } = arena.capabilities.times
      yield* arena.eventually(() => pull.items().length >= seen || pull.now() !== undefined, deadlineMs)
      if (pull.now() !== undefined) return
      yield* arena.fill(writer, head, pageEvents + 1)
      head += pageEvents + 1
      // The gate opens for one item and is shut again before that item is there.
      yield* pull.resume
      yield* pull.pause
    }
  })

export const raceMixedChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "race/rebase-all-land",
    clause: "race/rebase-all-land",
    run: (arena) =>
      Effect.gen(function* () {
        // Once each and none lost: by their marks, from the record.
        const clients = yield* Effect.forEach(
          Array.from({ length: 5 }, (_, index) => `c${index + 1}`),
          (id) => arena.open(id),
        )
        const batchesEach = 2
        const plans = clients.map((client) =>
          Array.from({ length: batchesEach }, (_, n) =>
            arena.chain(client, 0, 1 + arena.draw(`size ${client.id} ${n}`, 4)),
          ),
        )
        const attempts = clients.length * batchesEach + 1
        yield* arena.together(clients.map((client, index) => landAll(arena, client, plans[index]!, attempts)))
        const wanted = plans.flat(2).length
        const { events } = yield* pullAll(arena, clients[0]!)
        yield* arena.expect(
          events.length === wanted,
          "diverged",
          `5 clients landed ${wanted} events, and the log has ${events.length}`,
        )
      }),
  },
  {
    ...base,
    id: "race/concurrent-pulls",
    clause: "race/concurrent-pulls",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        const count = severalPages(arena)
        const log = yield* arena.fill(a, 0, count)
        const { items } = yield* pullAll(arena, a)
        for (const from of [0, Math.floor(count / 2), count - 1]) {
          const cursor = from === 0 ? Option.none() : cursorOn(items, from)
          const live = yield* Effect.forEach([a, b], (client) => client.live(cursor))
          const pulls = yield* arena.together([a, a, b, c].map((client) => client.pull(cursor)))
          for (const pull of live) yield* pull.caughtUp()
          for (const pulled of pulls) yield* arena.requireOk(pulled.settled, `one of four pulls at once after ${from}`)
          const given = [
            ...pulls.map(({ events, settled }) => ({ events, op: settled.op })),
            ...live.map((pull) => ({ events: pull.events(), op: pull.op })),
          ]
          for (const { events, op } of given) {
            yield* arena.expect(
              samePositions(events, log.slice(from)),
              "cursor-skip",
              `one of six pulls at once after ${from} gave ${positions(events)}; the log there is ${positions(log.slice(from))}`,
              [op],
            )
          }
          for (const pull of live) yield* pull.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "race/pull-during-push",
    clause: "race/pull-during-push",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        const count = severalPages(arena)
        yield* arena.fill(a, 0, count)
        const pulls: Array<Pulled> = []
        let reading = 2
        const reader = (client: ArenaClient) =>
          Effect.gen(function* () {
            for (let n = 0; n < 3; n++) pulls.push(yield* client.pull())
            reading -= 1
          })
        // It pushes for as long as anybody reads; a reader that it keeps from ending is stuck at its deadline.
        const writer = pushUntil(arena, a, count, 2_000, () => reading === 0)
        yield* arena.together([writer, reader(b), reader(c)])
        const log = (yield* pullAll(arena, a)).events
        for (const pulled of pulls) {
          yield* arena.requireOk(pulled.settled, "a pull during pushes")
          yield* expectPrefix(arena, pulled, log)
        }
      }),
  },
  {
    ...base,
    id: "race/pull-during-push#outrun",
    clause: "race/pull-during-push",
    cost: "heavy",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, Math.min(2 * arena.capabilities.limits.pageEvents, 2_000) + 7)
        const quiet = yield* pullAll(arena, b)
        const pageEvents = Math.max(...quiet.items.map(({ events }) => events.length))
        // Up to twice as many items as the same log took in peace: the pull may take in what came in between, once.
        const most = 2 * quiet.items.length + 2
        const pull = yield* b.startPull()
        yield* pull.pause
        yield* outrun(arena, pull, a, pageEvents, most)
        yield* arena.expect(
          pull.now() !== undefined,
          "stuck",
          `a pull of ${quiet.events.length} events took ${quiet.items.length} items in peace; with others pushing a page ` +
            `between any two items it had not ended after ${most}`,
          [pull.op],
        )
        yield* pull.resume
        const settled = yield* pull.settled
        yield* arena.requireOk(settled, "a pull that others outran")
        const log = (yield* pullAll(arena, a)).events
        yield* expectPrefix(arena, { settled, items: pull.items(), events: pull.events(), cursor: pull.cursor() }, log)
      }),
  },
]
