import { Effect } from "effect"
import type { Arena, ArenaClient, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectWorks } from "./conn.ts"
import { openLive } from "./live.ts"
import { severalPages } from "./pull-faults.ts"

const base = { cost: "quick", isolation: "store", needs: ["endpoint"], premises: [] } as const

/** Whether isConnected turned false since so many changes of it. */
const turnedFalse = (client: ArenaClient, before: number): boolean =>
  client
    .statusChanges()
    .slice(before)
    .some(({ connected }) => !connected)

/** Resets the connection and waits until the client is connected again by itself. Gives the live pull that is open then. */
const reconnected = (arena: Arena, client: ArenaClient, live: RunningPull, what: string) =>
  Effect.gen(function* () {
    const { detectionMs, recoveryMs } = arena.capabilities.times
    const before = client.statusChanges().length
    yield* client.link.fault({ kind: "reset" })
    yield* arena.eventually(() => turnedFalse(client, before), detectionMs)
    const open = live.now() === undefined ? live : yield* client.live(live.cursor())
    yield* arena.require(
      yield* client.statusIs(true, recoveryMs),
      "status-lie",
      `${what} isConnected did not come back within the recovery time of ${recoveryMs} ms`,
      [open.op],
    )
    return open
  })

/** Checks of clients that have been connected before: what was set up once has to be set up again. */
/** How often several pages are pulled on one connection. */
const rounds = 8

export const connReconnectedChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "conn/loss-detected#second-connection",
    waits: true,
    clause: "conn/loss-detected",
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        yield* a.connect
        const live = yield* reconnected(arena, a, yield* openLive(arena, a), "after a reset")
        yield* expectWorks(arena, a, 0, "on the second connection")
        const before = a.statusChanges().length
        yield* a.link.fault({ kind: "half-open", direction: "both" })
        yield* arena.expect(
          yield* arena.eventually(() => turnedFalse(a, before), detectionMs),
          "status-lie",
          `the second connection's link went silent, and isConnected stayed true for the detection time of ${detectionMs} ms`,
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/recovers#again",
    waits: true,
    clause: "conn/recovers",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* a.connect
        let live = yield* openLive(arena, a)
        for (let cut = 1; cut <= 4; cut++) {
          live = yield* reconnected(arena, a, live, `after cut ${cut} of 4`)
          yield* expectWorks(arena, a, cut - 1, `after cut ${cut} of 4`)
        }
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/churn#live",
    clause: "conn/churn",
    cost: "heavy",
    run: (arena) =>
      Effect.gen(function* () {
        // Connections that end in the midst of a live pull, in order and by a reset.
        const witness = yield* arena.open("witness")
        yield* expectWorks(arena, witness, 0, "before the churn")
        yield* Effect.forEach(
          Array.from({ length: 260 }, (_, n) => n),
          (n) =>
            Effect.gen(function* () {
              const client = yield* arena.open(`c${n}`)
              yield* openLive(arena, client)
              if (n % 2 === 0) yield* client.close
              else yield* client.crash
            }),
          { concurrency: 10, discard: true },
        )
        const fresh = yield* arena.open("fresh")
        yield* expectWorks(arena, fresh, 1, "after 260 connections with a live pull each")
      }),
  },
  {
    ...base,
    id: "conn/long-lived#pages",
    clause: "conn/long-lived",
    needs: ["endpoint", "gauges"],
    premises: ["the log's events were acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        // Pulls of several pages, run to the end and interrupted in the middle, all on one connection.
        const a = yield* arena.open("a")
        const { pageEvents } = arena.capabilities.limits
        const several = pageEvents <= 200 ? { count: pageEvents + 10, sizeBytes: 200 } : severalPages(arena)
        yield* arena.fill(a, 0, several.count, { sizeBytes: several.sizeBytes })
        const round = Effect.gen(function* () {
          yield* arena.requireOk((yield* a.pull()).settled, "a pull of several pages")
          const pull = yield* a.startPull()
          yield* pull.pause
          yield* arena.eventually(() => pull.items().length > 0, arena.capabilities.times.deadlineMs)
          yield* pull.interrupt()
        })
        yield* round
        const early = yield* arena.backend.gauges()
        for (let n = 0; n < rounds; n++) yield* round
        const late = yield* arena.backend.gauges()
        yield* arena.expect(
          (late.connectionStateBytes ?? 0) <= (early.connectionStateBytes ?? 0) + 12,
          "leak",
          `the state kept for one connection grew from ${early.connectionStateBytes} to ${late.connectionStateBytes} bytes over ${2 * rounds} pulls of several pages`,
        )
      }),
  },
  {
    ...base,
    id: "conn/retry-budget#long-outage",
    clause: "conn/retry-budget",
    cost: "idle",
    run: (arena) =>
      Effect.gen(function* () {
        // Long enough for a gap that is doubled without end to leave the numbers that it is kept in; real time is dear.
        const totalSeconds = arena.world === "virtual" ? 180 : 60
        const a = yield* arena.open("a")
        yield* a.connect
        const live = yield* a.live()
        const refuse = yield* a.link.fault({ kind: "refuse" })
        yield* a.link.fault({ kind: "reset" })
        const inSeconds: Array<number> = []
        for (let seconds = 0; seconds < totalSeconds; seconds += 10) {
          const before = refuse.bit()
          yield* Effect.sleep(10_000)
          inSeconds.push(refuse.bit() - before)
        }
        const rest = inSeconds.slice(3)
        const most = Math.max(...rest)
        yield* arena.expect(
          most <= Math.max(4, (inSeconds[2] ?? 0) + 1),
          "restless",
          `in the third 10 s of an outage a client made ${inSeconds[2]} attempts, and in some later 10 s ${most}: its gaps do not go on growing`,
        )
        yield* a.link.heal
        yield* live.interrupt()
      }),
  },
]
