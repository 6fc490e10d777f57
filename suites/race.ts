import { Duration, Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { raceMixedChecks } from "./race-mixed.ts"
import { headOf, pullAll } from "./support/log.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** How many clients contend: where the backend has just started it decides in few interleavings only, so there are more. */
const contenders = 5
const coldContenders = 8

const openContenders = (arena: Arena, word: string, count = contenders) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => `${word}${index + 1}`),
    (id) => arena.open(id),
  )

interface Race {
  readonly head: number
  readonly what: string
  /** Makes one contender's batch. */
  readonly batch: (client: ArenaClient, index: number) => Parameters<ArenaClient["push"]>[0]
}

/**
 * All push at once on one head. Exactly one is accepted, and the others get `ServerAhead`; that the heads are true
 * and the log holds the winner alone, the record shows. Gives the new head.
 */
export const raceOn = (
  arena: Arena,
  clients: ReadonlyArray<ArenaClient>,
  { head, what, batch }: Race,
): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    const batches = clients.map(batch)
    const ends = yield* arena.together(clients.map((client, index) => client.push(batches[index]!)))
    const isWinner = ({ _tag }: Settled) => _tag === "ok"
    const won = ends.filter(isWinner)
    for (const settled of ends.filter((end) => !isWinner(end))) {
      yield* arena.expectError(settled, ["ServerAhead"], `a push that lost ${what}`, "double-winner")
    }
    yield* arena.require(
      won.length === 1,
      won.length === 0 ? "wrong-refusal" : "double-winner",
      `${won.length} of ${clients.length} pushes on the head ${head} were accepted in ${what}; it had to be one`,
      won.map(({ op }) => op),
    )
    return headOf(batches[ends.findIndex(isWinner)]!)
  })

/** Batches of one to four events, by the contender's place. */
const plain =
  (arena: Arena, head: number): Race["batch"] =>
  (client, index) =>
    arena.chain(client, head, 1 + (index % 4))

/** One race among clients that never met the backend before. */
const coldRace = (arena: Arena, word: string, head: number, what: string) =>
  Effect.gen(function* () {
    const clients = yield* openContenders(arena, word, coldContenders)
    return yield* raceOn(arena, clients, { head, what, batch: plain(arena, head) })
  })

/** How long the slow hook takes of a push by itself, in milliseconds; the premise that it is slow at all. */
const hookMs = 150

export const raceChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "race/same-parent",
    clause: "race/same-parent",
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* openContenders(arena, "c")
        let head = 0
        for (let round = 1; round <= 3; round++) {
          head = yield* raceOn(arena, clients, { head, what: `race ${round}`, batch: plain(arena, head) })
        }
        const { events } = yield* pullAll(arena, clients[0]!)
        yield* arena.expect(
          headOf(events) === head && events.length === head,
          "double-winner",
          `three races were won by batches up to ${head}, and the log has ${events.length} events up to ${headOf(events)}`,
        )
      }),
  },
  {
    ...base,
    id: "race/cold",
    clause: "race/cold",
    isolation: "host",
    run: (arena) => coldRace(arena, "c", 0, "the first race on a backend that has just started"),
  },
  {
    ...base,
    id: "race/cold#restarted",
    clause: "race/cold",
    cost: "heavy",
    isolation: "host",
    needs: ["process.restart"],
    run: (arena) =>
      Effect.gen(function* () {
        const writer = yield* arena.open("writer")
        yield* arena.fill(writer, 0, 3)
        yield* writer.close
        yield* arena.backend.restart
        yield* coldRace(arena, "c", 3, "a race right after a restart")
      }),
  },
  {
    ...base,
    id: "race/cold#killed",
    clause: "race/cold",
    cost: "heavy",
    isolation: "host",
    needs: ["process.kill"],
    run: (arena) =>
      Effect.gen(function* () {
        const writer = yield* arena.open("writer")
        yield* arena.fill(writer, 0, 3)
        yield* arena.backend.kill
        yield* arena.backend.start
        yield* coldRace(arena, "c", 3, "a race right after a kill and a start")
      }),
  },
  {
    ...base,
    id: "race/cold#evicted",
    waits: true,
    clause: "race/cold",
    needs: ["process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* openContenders(arena, "warm")
        for (const client of clients) yield* arena.requireOk(yield* client.connect, "a contender's connect")
        let head = yield* raceOn(arena, clients, { head: 0, what: "the race before", batch: plain(arena, 0) })
        // Contenders whose sockets outlive the object, and contenders that have to connect again.
        yield* arena.backend.evict("hibernate")
        head = yield* raceOn(arena, clients, { head, what: "a race that wakes the object", batch: plain(arena, head) })
        yield* arena.backend.evict("close")
        yield* coldRace(arena, "c", head, "a race right after an eviction")
      }),
  },
  {
    ...base,
    id: "race/slow-hook",
    clause: "race/slow-hook",
    needs: ["app"],
    premises: ["the application's push hook is slow for the event that asks for it"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* openContenders(arena, "c")
        const slow = (client: ArenaClient, head: number, ms: number) => [
          ...arena.chain(client, head, 1, { name: "gauntlet.slow", args: { ms } }),
          ...arena.chain(client, head + 1, 2),
        ]
        const [took, settled] = yield* Effect.timed(clients[0]!.push(slow(clients[0]!, 0, hookMs)))
        yield* arena.requireOk(settled, "a push whose hook is slow")
        yield* arena.premise(Duration.toMillis(took) >= hookMs * 0.9, "the push hook was not slow")
        let head = 3
        // Everybody slow at one pace, at many paces, and the slow against the fast.
        const paces: ReadonlyArray<(index: number) => number | undefined> = [
          () => 60,
          (index) => 20 + arena.draw(`pace ${index}`, 100),
          (index) => (index % 2 === 0 ? 120 : undefined),
          (index) => (index === 0 ? undefined : 40 * index),
        ]
        for (const [round, pace] of paces.entries()) {
          const parent = head
          const batch: Race["batch"] = (client, index) => {
            const ms = pace(index)
            return ms === undefined ? arena.chain(client, parent, 2) : slow(client, parent, ms)
          }
          head = yield* raceOn(arena, clients, { head, what: `race ${round + 1} with a slow hook`, batch })
        }
      }),
  },
  ...raceMixedChecks,
]
