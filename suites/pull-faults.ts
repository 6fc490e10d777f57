import { Deferred, Effect, Exit, Fiber, Option, Stream } from "effect"
import type { SyncProvider } from "../contract/sync-provider.ts"
import type { Arena, ArenaClient, Pulled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { pullsAgain } from "./support/again.ts"
import { positions } from "./support/cursor.ts"
import { cutOff } from "./support/cut-off.ts"
import { headOf } from "./support/log.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const
const seedLog = ["the log's events were acknowledged"]

/** A pull under a passing fault goes on, or fails with `IsOffline` and nothing else. */
export const expectOfflineOrOn = (arena: Arena, pulled: Pick<Pulled, "settled">, what: string) =>
  pulled.settled._tag === "ok" ? Effect.void : arena.expectError(pulled.settled, ["IsOffline"], what, "gap")

/** A log of several pages, and of several socket buffers: events of about 2 kB. */
export const severalPages = (arena: Arena): { readonly count: number; readonly sizeBytes: number } => {
  const { pageEvents, pageBytes } = arena.capabilities.limits
  const sizeBytes = 2_000
  return { count: Math.min(900, Math.ceil(2.5 * Math.min(pageEvents, Math.ceil(pageBytes / sizeBytes)))), sizeBytes }
}

/** Bytes of a page's events as JSON. */
const jsonBytes = (events: Pulled["events"]): number => {
  let bytes = 0
  for (const event of events) bytes += JSON.stringify(event).length
  return bytes
}

export const pullFaultChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "pull/page-size",
    clause: "pull/page-size",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const { pageEvents, pageBytes, eventBytes } = arena.capabilities.limits
        const a = yield* arena.open("a")
        const small = Math.min(pageEvents + 20, 400)
        yield* arena.fill(a, 0, small)
        // A page's worth of large events in a row, then small and large in turn.
        const large = Math.min(eventBytes, 100_000) - 2_000
        let head = small
        for (let n = 0; n < Math.min(16, Math.ceil((1.5 * pageBytes) / large)); n++) {
          yield* arena.fill(a, head, 1, { sizeBytes: n % 3 === 2 ? 200 : large })
          head++
        }
        const pulled = yield* a.pull()
        yield* arena.requireOk(pulled.settled, "a pull of small and large events")
        for (const item of pulled.items) {
          const events = item.events.map(({ event }) => event)
          const bytes = jsonBytes(events)
          yield* arena.expect(
            events.length <= pageEvents && (bytes <= pageBytes || events.length === 1),
            "page-info-lie",
            `a page held ${events.length} events and ${bytes} bytes; the provider declares at most ${pageEvents} events and ${pageBytes} bytes`,
            [pulled.settled.op],
          )
        }
      }),
  },
  {
    ...base,
    id: "pull/only-durable",
    clause: "pull/only-durable",
    isolation: "host",
    needs: ["process.kill"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        yield* arena.fill(a, 0, 3)
        const live = yield* b.live()
        yield* live.reaches(3)
        for (let round = 0; round < 2; round++) {
          // The kill comes as soon as anybody was shown the event, acknowledged or not.
          const head = (yield* c.pull()).events.at(-1)?.seqNum ?? 0
          const push = yield* a.startPush(arena.chain(a, head, 4))
          const watching = yield* b.live()
          yield* arena.eventually(
            () => (watching.events().at(-1)?.seqNum ?? 0) > head || push.now() !== undefined,
            5_000,
          )
          yield* arena.backend.kill
          yield* arena.backend.start
          yield* push.settled
          yield* watching.interrupt()
          const after = headOf((yield* pullsAgain(arena, c, "after a kill and a start")).events)
          const shown = headOf(watching.events())
          yield* arena.expect(
            after >= shown,
            "lost-ack",
            `a live pull delivered event ${shown}, and after a kill the log ends at ${after}`,
            [watching.op],
          )
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "pull/large-log",
    clause: "pull/large-log",
    cost: "heavy",
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const events = yield* arena.fill(a, 0, 10_000)
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a pull of 10,000 events")
        yield* arena.expect(
          pulled.events.length === events.length,
          "stale-read",
          `a pull of 10,000 events gave ${positions(pulled.events)}`,
          [pulled.settled.op],
        )
      }),
  },
  {
    ...base,
    id: "pull/large-log#large-events",
    clause: "pull/large-log",
    cost: "heavy",
    needs: ["gauges"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        for (let head = 0; head < 100; head += 5) yield* arena.fill(a, head, 5, { sizeBytes: 100_000 })
        const before = yield* arena.backend.gauges()
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a pull of 100 events of 100 kB")
        yield* arena.expect(pulled.events.length === 100, "stale-read", `the pull gave ${positions(pulled.events)}`, [
          pulled.settled.op,
        ])
        // Five pulls of 10 MB at once: a backend that holds a log per pull, not a page, grows by 50 MB.
        yield* arena.together(Array.from({ length: 5 }, () => b.pull()))
        const after = yield* arena.backend.gauges()
        const grownBytes = (after.memoryBytes ?? 0) - (before.memoryBytes ?? 0)
        yield* arena.expect(
          grownBytes < 200_000_000,
          "leak",
          `the backend grew by ${Math.round(grownBytes / 1e6)} MB while it gave six pulls of 10 MB`,
        )
      }),
  },
  {
    ...base,
    id: "pull/lazy",
    clause: "pull/lazy",
    needs: ["endpoint"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        const provider = a.raw as SyncProvider
        const before = a.link.counters().bytesUp
        const built = yield* Effect.exit(
          Effect.sync(() => [
            provider.pull(Option.none()),
            provider.pull(Option.none(), { live: true }),
            provider.pull(Option.some({ eventSequenceNumber: 2, metadata: Option.none() }), { live: false }),
          ]),
        )
        yield* arena.require(Exit.isSuccess(built), "defect", "building a pull threw")
        // Heartbeats may pass meanwhile; a pull that had begun would fetch the log.
        const framesBefore = a.link.counters().bytesDown
        yield* Effect.sleep(50)
        yield* arena.expect(
          a.link.counters().bytesDown - framesBefore < 400,
          "restless",
          `building three pulls without running them fetched ${a.link.counters().bytesDown - framesBefore} bytes (${a.link.counters().bytesUp - before} sent)`,
        )
        const pulled = yield* a.pull()
        yield* arena.requireOk(pulled.settled, "a pull that is run")
      }),
  },
  {
    ...base,
    id: "pull/lazy#interrupt",
    clause: "pull/lazy",
    needs: ["endpoint"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const { count, sizeBytes } = severalPages(arena)
        yield* arena.fill(a, 0, count, { sizeBytes })
        const beforeWhole = a.link.counters().bytesDown
        const whole = yield* a.pull()
        yield* arena.premise(whole.items.length > 1, "the log is one page, so a pull cannot be interrupted between two")
        const wholeBytes = a.link.counters().bytesDown - beforeWhole
        yield* b.connect
        const before = b.link.counters().bytesDown
        const pull = yield* b.startPull()
        yield* pull.pause
        yield* arena.eventually(
          () => pull.items().length > 0 || pull.now() !== undefined,
          arena.capabilities.times.deadlineMs,
        )
        const took = yield* pull.interrupt()
        yield* arena.expect(took !== undefined, "stuck", "an interrupted pull did not end within 100 ms", [pull.op])
        yield* Effect.sleep(100)
        const bytes = b.link.counters().bytesDown - before
        yield* arena.expect(
          bytes < 0.9 * wholeBytes,
          "leak",
          `a pull interrupted at its first of ${whole.items.length} pages went on: ${bytes} of ${wholeBytes} bytes came`,
          [pull.op],
        )
        const again = yield* b.pull()
        yield* arena.requireOk(again.settled, "a pull after an interrupted one")
      }),
  },
  {
    ...base,
    id: "pull/cut",
    clause: "pull/cut",
    needs: ["endpoint"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const { count, sizeBytes } = severalPages(arena)
        const events = yield* arena.fill(a, 0, count, { sizeBytes })
        const whole = yield* a.pull()
        yield* arena.requireOk(whole.settled, "a pull without a fault")
        const totalBytes = a.link.counters().bytesDown
        for (const [index, part] of [0.15, 0.5, 0.85].entries()) {
          const b = yield* arena.open(`b${index}`)
          yield* b.connect
          const cut = yield* b.link.fault({
            kind: "cut-after",
            bytes: Math.floor(totalBytes * part),
            direction: "down",
          })
          const pulled = yield* b.pull()
          yield* arena.premise(cut.bit() > 0, "the cut did not bite")
          yield* expectOfflineOrOn(arena, pulled, "a pull cut in the middle of its bytes")
          yield* cut.heal
          const rest = yield* pullFrom(arena, b, pulled)
          yield* arena.expect(
            rest !== undefined && pulled.events.length + rest.events.length === events.length,
            "cursor-skip",
            `a pull cut after ${positions(pulled.events)} went on with ${positions(rest?.events ?? [])}; the log has ${events.length} events`,
            [pulled.settled.op],
          )
          yield* b.close
        }
      }),
  },
  {
    ...base,
    id: "pull/cut#closed-cleanly",
    clause: "pull/cut",
    needs: ["endpoint", "classify"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const { count, sizeBytes } = severalPages(arena)
        const events = yield* arena.fill(a, 0, count, { sizeBytes })
        const closed = (nth: number) =>
          Effect.gen(function* () {
            const match = { direction: "down", operation: "pull", role: "page", nth } as const
            const close = yield* b.link.fault({ kind: "close", code: 1000, match })
            return { close, pulled: yield* b.pull() }
          })
        // Where all pages come in one frame there is no second one.
        const second = yield* closed(2)
        if (second.close.bit() === 0) yield* second.close.heal
        const { close, pulled } = second.close.bit() > 0 ? second : yield* closed(1)
        yield* arena.premise(close.bit() > 0, "the clean close did not bite")
        yield* expectOfflineOrOn(arena, pulled, "a pull whose connection was closed cleanly in place of a page")
        yield* close.heal
        const rest = yield* pullFrom(arena, b, pulled)
        yield* arena.expect(
          rest !== undefined && pulled.events.length + rest.events.length === events.length,
          "cursor-skip",
          `a pull closed after ${positions(pulled.events)} went on with ${positions(rest?.events ?? [])}; the log has ${events.length} events`,
          [pulled.settled.op],
        )
      }),
  },
  {
    ...base,
    id: "pull/offline-paced",
    clause: "pull/offline-paced",
    needs: ["endpoint"],
    premises: seedLog,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 1)
        // A client that was told to connect may try by itself as well; all of it counts.
        yield* arena.requireOk(yield* a.connect, "connect")
        const refuse = yield* cutOff(a)
        const before = a.link.counters()
        const windowMs = 3_000
        const over = Deferred.makeUnsafe<void>()
        const loop = yield* Effect.forkChild(pullForEver(a.raw as SyncProvider, over))
        yield* Effect.sleep(windowMs)
        const after = a.link.counters()
        Deferred.doneUnsafe(over, Exit.void)
        yield* Effect.forkDetach(Fiber.interrupt(loop))
        const attempts = after.refused - before.refused
        yield* arena.premise(refuse.bit() > 0, "nobody tried to connect while the backend was down")
        yield* arena.expect(
          attempts <= (5 * windowMs) / 1_000,
          "restless",
          `pulls retried at once made ${attempts} attempts in ${windowMs / 1_000} s while the backend was down; 5 a second are allowed`,
        )
      }),
  },
]

/** The rest of a log after a pull that failed: from its last event, or from the beginning. */
function pullFrom(arena: Arena, client: ArenaClient, pulled: Pulled): Effect.Effect<Pulled | undefined> {
  if (pulled.settled._tag === "ok") return Effect.succeed({ ...pulled, events: [], items: [] })
  return Effect.gen(function* () {
    for (let n = 0; n < 20; n++) {
      const rest = yield* client.pull(pulled.cursor)
      if (rest.settled._tag === "ok") return rest
      yield* Effect.sleep(arena.capabilities.times.recoveryMs / 20)
    }
    return undefined
  })
}

/** Pulls as LiveStore's leader does: at once again after `IsOffline`, for ever. Only the event loop gets its turn. */
function pullForEver(provider: SyncProvider, over: Deferred.Deferred<void>): Effect.Effect<void> {
  return Effect.gen(function* () {
    while (!Deferred.isDoneUnsafe(over)) {
      yield* Effect.exit(Stream.runDrain(provider.pull(Option.none())))
      yield* Effect.sleep(1)
    }
  })
}
