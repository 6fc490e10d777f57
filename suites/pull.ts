import { Effect, Option } from "effect"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { bareCursor, cursorOn, positions, samePositions } from "./support/cursor.ts"
import { refusalTags } from "./support/tags.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const
const seedLog = ["the log's events were acknowledged"]

/** Exactly one item, empty, `NoMore`, and the stream ends: what a pull with nothing to give looks like. */
const expectOneEmptyItem = (
  arena: Arena,
  client: ArenaClient,
  cursor: Parameters<ArenaClient["pull"]>[0],
  what: string,
) =>
  Effect.gen(function* () {
    const pulled = yield* client.pull(cursor)
    yield* arena.requireOk(pulled.settled, what)
    const [item] = pulled.items
    yield* arena.expect(
      pulled.items.length === 1 && item?.events.length === 0 && item.pageInfo._tag === "NoMore",
      "page-info-lie",
      `${what} gave ${pulled.items.length} items with ${positions(pulled.events)} and ${item?.pageInfo._tag ?? "no page info"}; it had to give one empty item that says NoMore`,
      [pulled.settled.op],
    )
  })

/** What a pull gave against what it had to give. */
const expectPositions = (
  arena: Arena,
  got: { readonly settled: { readonly op: number }; readonly events: Parameters<typeof positions>[0] },
  wanted: Parameters<typeof positions>[0],
  what: string,
) =>
  arena.expect(
    samePositions(got.events, wanted),
    "cursor-skip",
    `${what} gave ${positions(got.events)}; it had to give ${positions(wanted)}`,
    [got.settled.op],
  )

export const pullChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "pull/empty",
    clause: "pull/empty",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* expectOneEmptyItem(arena, a, undefined, "a pull of an empty log")
      }),
  },
  {
    ...base,
    id: "pull/all",
    clause: "pull/all",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const count = arena.capabilities.limits.pageEvents < 1_000 ? arena.capabilities.limits.pageEvents * 2 + 7 : 250
        const events = yield* arena.fill(a, 0, count)
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a pull of the whole log")
        yield* expectPositions(arena, pulled, events, "a pull without a cursor")
      }),
  },
  {
    ...base,
    id: "pull/suffix",
    clause: "pull/suffix",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const events = yield* arena.fill(a, 0, 12)
        const whole = yield* b.pull()
        yield* arena.requireOk(whole.settled, "a pull of the whole log")
        for (const { seqNum } of events) {
          const wanted = events.filter((event) => event.seqNum > seqNum)
          const pulled = yield* b.pull(cursorOn(whole.items, seqNum))
          yield* expectPositions(arena, pulled, wanted, `a pull after ${seqNum}`)
          const bare = yield* b.pull(bareCursor(seqNum))
          yield* expectPositions(arena, bare, wanted, `a pull after ${seqNum} with a cursor without metadata`)
        }
      }),
  },
  {
    ...base,
    id: "pull/suffix#new-process",
    clause: "pull/suffix",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const events = yield* arena.fill(a, 0, 12)
        const first = yield* arena.open("b")
        const whole = yield* first.pull()
        yield* arena.requireOk(whole.settled, "a pull of the whole log")
        yield* first.close
        for (const seqNum of [1, 5, 9, 12]) {
          const wanted = events.filter((event) => event.seqNum > seqNum)
          const again = yield* arena.open("b")
          const pulled = yield* again.pull(cursorOn(whole.items, seqNum))
          yield* expectPositions(arena, pulled, wanted, `a pull after ${seqNum} in a new process of the client`)
          yield* again.close
          const bare = yield* arena.open("b")
          const without = yield* bare.pull(bareCursor(seqNum))
          yield* expectPositions(
            arena,
            without,
            wanted,
            `a pull after ${seqNum} without metadata in a new process of the client`,
          )
          yield* bare.close
        }
      }),
  },
  {
    ...base,
    id: "pull/suffix#digits",
    clause: "pull/suffix",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        // Positions of one, two and three digits: a backend that compares them as text skips here.
        const a = yield* arena.open("a")
        const events = yield* arena.fill(a, 0, 112)
        yield* arena.requireOk((yield* a.pull()).settled, "a pull of the whole log")
        for (const seqNum of [9, 10, 19, 99, 100]) {
          const pulled = yield* a.pull(bareCursor(seqNum))
          yield* expectPositions(
            arena,
            pulled,
            events.filter((event) => event.seqNum > seqNum),
            `a pull after ${seqNum}`,
          )
        }
      }),
  },
  {
    ...base,
    id: "pull/suffix#pushed-only",
    clause: "pull/suffix",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        // A push that succeeded makes the backend known: its own last event is a cursor like any other.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 4)
        const events = yield* arena.fill(b, 4, 3)
        const pulled = yield* a.pull(bareCursor(4))
        yield* expectPositions(arena, pulled, events, "a pull after 4 by a client that had only pushed")
      }),
  },
  {
    ...base,
    id: "pull/at-head",
    clause: "pull/at-head",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        const whole = yield* a.pull()
        yield* expectOneEmptyItem(arena, a, whole.cursor, "a pull with the cursor at the head")
        yield* expectOneEmptyItem(arena, a, bareCursor(3), "a pull with a bare cursor at the head")
        const b = yield* arena.open("b")
        const other = yield* b.pull()
        yield* expectOneEmptyItem(arena, b, other.cursor, "another client's pull with the cursor at the head")
      }),
  },
  {
    ...base,
    id: "pull/beyond-head",
    waits: true,
    clause: "pull/beyond-head",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        yield* arena.requireOk((yield* a.pull()).settled, "a pull of the whole log")
        const tags = refusalTags(arena.capabilities, ["CursorAhead", "BackendIdMismatch"])
        for (const beyond of [4, 1_000, 2 ** 53 - 1]) {
          const pulled = yield* a.pull(bareCursor(beyond))
          yield* arena.expectError(pulled.settled, tags, `a pull after ${beyond} with the head at 3`, "stale-read")
          yield* arena.expect(
            pulled.items.length === 0,
            "page-info-lie",
            `a pull after ${beyond} with the head at 3 gave ${pulled.items.length} items before it failed`,
            [pulled.settled.op],
          )
          const live = yield* a.live(bareCursor(beyond))
          const settled = yield* live.ends(arena.capabilities.times.deadlineMs)
          yield* arena.expect(
            settled !== undefined,
            "silent-live",
            `a live pull after ${beyond} with the head at 3 stayed open; it had to fail`,
            [live.op],
          )
          if (settled !== undefined) {
            yield* arena.expectError(settled, tags, `a live pull after ${beyond} with the head at 3`, "stale-read")
          }
          yield* arena.expect(
            live.items().length === 0,
            "page-info-lie",
            `a live pull after ${beyond} gave an item before it failed`,
            [live.op],
          )
          yield* live.interrupt()
        }
      }),
  },
  {
    ...base,
    id: "pull/beyond-head#empty",
    clause: "pull/beyond-head",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.requireOk((yield* a.pull()).settled, "a pull of the empty log")
        const tags = refusalTags(arena.capabilities, ["CursorAhead", "BackendIdMismatch"])
        const pulled = yield* a.pull(bareCursor(1))
        yield* arena.expectError(pulled.settled, tags, "a pull after 1 of an empty log", "stale-read")
      }),
  },
  {
    ...base,
    id: "pull/read-your-writes",
    clause: "pull/read-your-writes",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        // Each event is known before the next pull begins: by its acknowledgement, by delivery to another, by a
        // refused head. A pull that misses one is a stale read in the record.
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        // A client hands over a cursor only after a pull: cursor and memory are kept or lost together.
        yield* arena.requireOk((yield* b.pull()).settled, "a pull of the empty log")
        for (let head = 0; head < 12; head++) {
          const settled = yield* a.push(arena.chain(a, head, 1))
          yield* arena.requireOk(settled, `push ${head + 1}`)
          if (head % 3 === 2) yield* c.push(arena.chain(c, head, 1))
          yield* arena.together([a.pull(), b.pull(bareCursor(Math.max(0, head - 1) || 1))])
        }
      }),
  },
  {
    ...base,
    id: "pull/monotonic",
    clause: "pull/monotonic",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 5)
        const writer = Effect.gen(function* () {
          for (let head = 5; head < 25; head += 2) yield* arena.fill(a, head, 2)
        })
        const reader = Effect.forEach(Array.from({ length: 10 }), () => b.pull(), { discard: true })
        yield* arena.together([writer, reader, reader])
      }),
  },
  {
    ...base,
    id: "pull/metadata",
    clause: "pull/metadata",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const events = yield* arena.fill(a, 0, 10)
        const whole = yield* b.pull()
        yield* arena.requireOk(whole.settled, "a pull of the whole log")
        for (const { event, metadata } of whole.items.flatMap((item) => item.events)) {
          const text = Option.match(metadata, { onNone: () => "null", onSome: (value) => JSON.stringify(value) })
          yield* arena.expect(
            text !== undefined && text.length <= 4_096,
            "cursor-skip",
            `the metadata of event ${event.seqNum} ${text === undefined ? "is no JSON" : `takes ${text.length} characters`}`,
            [whole.settled.op],
          )
          const cursor = Option.some({
            eventSequenceNumber: event.seqNum,
            metadata: Option.map(metadata, (value): unknown => JSON.parse(JSON.stringify(value) ?? "null")),
          })
          const pulled = yield* b.pull(cursor)
          yield* expectPositions(
            arena,
            pulled,
            events.filter(({ seqNum }) => seqNum > event.seqNum),
            `a pull after ${event.seqNum} with metadata that was JSON in between`,
          )
        }
      }),
  },
  {
    ...base,
    id: "pull/page-info",
    clause: "pull/page-info",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        // Truth, order and number of page infos are read from the record; this makes logs of every interesting length.
        const a = yield* arena.open("a")
        const page = Math.min(arena.capabilities.limits.pageEvents, 256)
        let head = 0
        for (const length of [1, 2, page - 1, page, page + 1, 2 * page, 2 * page + 1]) {
          if (length > head) yield* arena.fill(a, head, length - head)
          head = Math.max(head, length)
          const pulled = yield* a.pull()
          yield* arena.requireOk(pulled.settled, `a pull of ${head} events`)
          const infos = pulled.items.map(({ pageInfo }) => pageInfo._tag)
          yield* arena.expect(
            infos.filter((info) => info === "NoMore").length === 1 && infos.at(-1) === "NoMore",
            "page-info-lie",
            `a pull of ${head} events said ${infos.join(", ")}; exactly one NoMore had to come, last`,
            [pulled.settled.op],
          )
        }
      }),
  },
]
