import { Effect, Option } from "effect"
import type { ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectGoesOn } from "./live-faults.ts"
import { openLive } from "./live.ts"
import { raceOn } from "./race.ts"
import { headAgain, pushesAgain } from "./support/again.ts"
import { bareCursor } from "./support/cursor.ts"
import { needsFaults } from "./support/declared-fault.ts"
import { unsyncedChecks } from "./unsynced.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: ["storage.fault"],
  premises: ["the fault changed something, read from the storage"],
} as const

/** How many moves of a backend are raced. */
const moves = 3

/**
 * Checks under faults of storage that hardly any platform can be made to show: a provider that declares none of them
 * is not asked.
 */
export const storageFaultChecks: ReadonlyArray<Check> = [
  ...unsyncedChecks,
  {
    ...base,
    id: "race/same-parent#slow-storage",
    clause: "race/same-parent",
    unsupported: needsFaults("storage.slow"),
    run: (arena) =>
      Effect.gen(function* () {
        // Whatever keeps two pushes apart has to do so for as long as the storage takes.
        const clients = yield* Effect.forEach(["a", "b", "c", "d"], (id) => arena.open(id))
        yield* arena.fill(clients[0]!, 0, 2)
        yield* Effect.forEach(clients, (client) => client.connect)
        const slow = yield* arena.backend.fault({ kind: "slow", ms: arena.capabilities.times.deadlineMs / 100 })
        yield* raceOn(arena, clients, {
          head: 2,
          what: "a race on slow storage",
          batch: (client) => arena.chain(client, 2, 2),
        })
        yield* arena.premise((yield* slow.bit) > 0, "no statement took longer")
      }),
  },
  {
    ...base,
    id: "race/same-parent#two-instances",
    clause: "race/same-parent",
    isolation: "host",
    unsupported: needsFaults("storage.two-instances"),
    run: (arena) =>
      Effect.gen(function* () {
        const [old, reader] = [yield* arena.open("old"), yield* arena.open("reader")]
        yield* arena.fill(old, 0, 3)
        let live = yield* openLive(arena, reader)
        for (let move = 0; move < moves; move++) {
          const head = yield* headAgain(arena, old, "before a second instance began")
          const second = yield* arena.backend.fault({ kind: "two-instances" })
          // The new client comes to the second instance; the old one is connected to the first.
          const fresh = yield* arena.open(`fresh${move}`)
          yield* arena.requireOk(yield* fresh.connect, "a connect to the second instance")
          const push = (client: ArenaClient) => client.push(arena.chain(client, head, 2))
          const ends = yield* arena.together([push(old), push(fresh)])
          for (const settled of ends) yield* arena.expectSettled(settled, "a push to one of two instances")
          const won = ends.filter(({ _tag }) => _tag === "ok")
          yield* arena.require(
            won.length <= 1,
            "double-winner",
            `two instances on one storage each accepted a push on the head ${head}`,
            won.map(({ op }) => op),
          )
          yield* arena.premise((yield* second.bit) > 0, "the first instance was asked nothing any more")
          yield* second.heal
          const after = yield* pushesAgain(arena, old, "after the first instance ended")
          live = yield* expectGoesOn(arena, reader, live, after, "after the first instance ended")
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "pull/read-your-writes#stale-replica",
    clause: "pull/read-your-writes",
    unsupported: needsFaults("storage.stale-replica"),
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 3)
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a pull before the copy stood still")
        const stale = yield* arena.backend.fault({ kind: "stale-replica" })
        // What each pull has to contain is known before it begins: one that misses it is a stale read in the record.
        for (let head = 3; head < 9; head++) {
          yield* arena.fill(a, head, 1)
          const pulls = yield* arena.together([a.pull(), b.pull(pulled.cursor), b.pull(bareCursor(head - 1))])
          for (const { settled } of pulls) yield* arena.requireOk(settled, "a pull while a copy of the log stood still")
        }
        yield* arena.premise((yield* stale.bit) > 0, "nothing was read from the copy that stood still")
        yield* stale.heal
        yield* arena.requireOk((yield* b.pull(Option.none())).settled, "a pull after the copy had caught up")
      }),
  },
  {
    ...base,
    id: "life/storage-outage#full",
    clause: "life/storage-outage",
    unsupported: needsFaults("storage.full"),
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 4)
        const live = yield* openLive(arena, b)
        const full = yield* arena.backend.fault({ kind: "full" })
        // A push that is acknowledged meanwhile has to be there afterwards: the record holds it to that.
        const operations = [yield* a.startPush(arena.chain(a, 4, 2)), yield* a.startPull(), yield* b.startPull()]
        for (const operation of operations) {
          yield* arena.expectSettled(yield* operation.settled, "an operation while the storage was full")
        }
        yield* arena.premise((yield* full.bit) > 0, "the full storage refused nothing")
        yield* full.heal
        const head = yield* pushesAgain(arena, a, "after room was made")
        const after = yield* expectGoesOn(arena, b, live, head, "after room was made")
        yield* after.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/loss-detected#clock-jump",
    clause: "conn/loss-detected",
    needs: ["endpoint", "clients.jumpClock"],
    premises: ["the client's wall clock showed the jump"],
    unsupported: needsFaults("client.clock-jump"),
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        const live = yield* openLive(arena, a)
        const silent = yield* a.link.fault({ kind: "half-open", direction: "both" })
        yield* a.jumpClock(-3_600_000)
        yield* arena.expect(
          yield* a.statusIs(false, detectionMs),
          "status-lie",
          `the link went silent, the client's clock was set back by an hour, and isConnected stayed true for ${detectionMs} ms`,
        )
        yield* silent.heal
        yield* a.jumpClock(7_200_000)
        const head = yield* pushesAgain(arena, a, "after the clock was set forward")
        const after = yield* expectGoesOn(arena, a, live, head, "after the clock was set forward")
        yield* after.interrupt()
      }),
  },
]
