import { Effect, Exit, Option, Stream } from "effect"
import type { SyncProvider } from "../contract/sync-provider.ts"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { severalPages } from "./pull-faults.ts"
import { past } from "./support/again.ts"
import { bareCursor, positions, samePositions } from "./support/cursor.ts"
import { changesInstance } from "./support/process.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["the log's events were acknowledged"],
} as const

/** A pull that has delivered its first page and waits for its reader. */
const halfway = (arena: Arena, client: ArenaClient) =>
  Effect.gen(function* () {
    const pull = yield* client.startPull()
    yield* pull.pause
    yield* arena.eventually(
      () => pull.items().length > 0 || pull.now() !== undefined,
      arena.capabilities.times.deadlineMs,
    )
    yield* arena.premise(pull.now() === undefined, "the pull ended with its first page")
    return pull
  })

/** Checks of pulls beside other pulls, after the backend was away, and of what a page holds. */
export const pullBesideChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "pull/read-your-writes#beside-a-running-pull",
    clause: "pull/read-your-writes",
    run: (arena) =>
      Effect.gen(function* () {
        // Another's pull is still on its way: its cut is its own.
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        const { count, sizeBytes } = severalPages(arena)
        yield* arena.fill(a, 0, count, { sizeBytes })
        const running = yield* halfway(arena, b)
        yield* arena.fill(a, count, 2)
        for (const client of [c, a]) {
          const { events, settled } = yield* client.pull()
          yield* arena.requireOk(settled, "a pull beside one that is on its way")
          yield* arena.expect(
            events.length === count + 2,
            "stale-read",
            `a pull that began after ${count + 2} events were acknowledged, beside an older one, gave ${positions(events)}`,
            [settled.op, running.op],
          )
        }
        yield* running.resume
        yield* arena.requireOk(yield* running.settled, "the older pull")
      }),
  },
  {
    ...base,
    id: "pull/suffix#after-return",
    clause: "pull/suffix",
    needs: ["process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        // What the backend knew of the log's positions it has to know again.
        const a = yield* arena.open("a")
        const events = yield* arena.fill(a, 0, 12)
        yield* arena.requireOk((yield* a.pull()).settled, "a pull of the whole log")
        for (const sockets of ["hibernate", "close"] as const) {
          yield* changesInstance(arena, "an eviction", arena.backend.evict(sockets))
          yield* past(arena, a.ping)
          for (const seqNum of [1, 7, 11]) {
            const pulled = yield* a.pull(bareCursor(seqNum))
            yield* arena.requireOk(pulled.settled, `a pull after ${seqNum} after an eviction`)
            const wanted = events.slice(seqNum)
            yield* arena.expect(
              samePositions(pulled.events, wanted),
              "cursor-skip",
              `after an eviction a pull after ${seqNum} gave ${positions(pulled.events)}; it had to give ${positions(wanted)}`,
              [pulled.settled.op],
            )
          }
        }
      }),
  },
  {
    ...base,
    id: "pull/lazy#twice",
    clause: "pull/lazy",
    run: (arena) =>
      Effect.gen(function* () {
        // A stream is a description: LiveStore runs the same one again after IsOffline.
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 5)
        yield* arena.requireOk((yield* a.pull()).settled, "a pull of the whole log")
        const pull = (a.raw as SyncProvider).pull(Option.some({ eventSequenceNumber: 2, metadata: Option.none() }))
        for (const run of ["first", "second", "third"]) {
          const ended = yield* Effect.exit(Stream.runCollect(pull))
          const numbers = Exit.isSuccess(ended)
            ? ended.value.flatMap(({ events }) => events.map(({ event }) => event.seqNum))
            : undefined
          yield* arena.expect(
            numbers?.join() === "3,4,5",
            "cursor-skip",
            `the ${run} run of one pull after 2 ${numbers === undefined ? "failed" : `gave ${numbers.join(", ") || "nothing"}`}; it had to give 3, 4, 5`,
          )
        }
      }),
  },
  {
    ...base,
    id: "pull/page-size#other-scripts",
    clause: "pull/page-size",
    run: (arena) =>
      Effect.gen(function* () {
        // Letters of three bytes each: a page that is measured in characters holds three times what was declared.
        const { pageBytes, eventBytes } = arena.capabilities.limits
        const a = yield* arena.open("a")
        const largeBytes = Math.min(eventBytes, 100_000) - 2_000
        const text = "語".repeat(Math.floor(largeBytes / 3))
        const count = Math.min(16, Math.ceil((1.5 * pageBytes) / largeBytes))
        for (let head = 0; head < count; head++) yield* arena.fill(a, head, 1, { args: { text } })
        const { items, settled } = yield* a.pull()
        yield* arena.requireOk(settled, "a pull of large events in another script")
        for (const { events } of items) {
          const bytes = events.reduce((sum, { event }) => sum + Buffer.byteLength(JSON.stringify(event)), 0)
          yield* arena.expect(
            bytes <= pageBytes || events.length === 1,
            "page-info-lie",
            `a page held ${events.length} events and ${bytes} bytes; the provider declares at most ${pageBytes} bytes`,
            [settled.op],
          )
        }
      }),
  },
  {
    ...base,
    id: "pull/transient-is-offline#storage-live",
    clause: "pull/transient-is-offline",
    needs: ["storage.outage"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 20)
        const end = yield* arena.backend.outage()
        const live = yield* a.live()
        const settled = yield* live.ends(arena.capabilities.times.deadlineMs)
        yield* arena.premise((yield* arena.backend.storageBit()) > 0, "the storage outage did not bite")
        yield* end
        if (settled !== undefined) {
          yield* arena.expectError(settled, ["IsOffline"], "a live pull during a storage outage", "gap")
        }
        yield* live.interrupt()
      }),
  },
]
