import { Effect } from "effect"
import type { LinkFault } from "../contract/fault.ts"
import type { Arena, ArenaClient, CheckStop, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectReaches, openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"
import { cutOff } from "./support/cut-off.ts"
import { gaugesReach } from "./support/gauges-reach.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/**
 * A live pull across a disturbance: it delivers everything up to `seqNum`, or it fails with `IsOffline` and the
 * one reopened at its cursor does. It never stays open and silent.
 */
export const expectGoesOn = (
  arena: Arena,
  client: ArenaClient,
  live: RunningPull,
  seqNum: number,
  what: string,
): Effect.Effect<RunningPull> =>
  Effect.gen(function* () {
    const { detectionMs, recoveryMs, deliveryMs } = arena.capabilities.times
    yield* arena.eventually(
      () => (live.events().at(-1)?.seqNum ?? 0) >= seqNum || live.now() !== undefined,
      detectionMs + recoveryMs + deliveryMs,
    )
    if ((live.events().at(-1)?.seqNum ?? 0) >= seqNum) return live
    const ended = live.now()
    if (ended === undefined) {
      yield* arena.violation(
        "silent-live",
        `${what}: the live pull stayed open and delivered ${positions(live.events())} and not ${seqNum} within detection, recovery and delivery time`,
        [live.op],
      )
      return live
    }
    yield* arena.expectError(ended, ["IsOffline"], `${what}: the live pull`, "silent-live")
    return yield* reopened(arena, client, live, seqNum, what)
  })

/** Opens a live pull at the cursor of one that failed, again after each `IsOffline`, until it delivers. */
const reopened = (arena: Arena, client: ArenaClient, failed: RunningPull, seqNum: number, what: string) =>
  Effect.gen(function* () {
    const { recoveryMs, deliveryMs } = arena.capabilities.times
    let live = failed
    for (let n = 0; n < 20; n++) {
      live = yield* client.live(failed.cursor())
      if (yield* live.reaches(seqNum, recoveryMs / 20 + deliveryMs)) return live
      if (live.now() === undefined) break
      yield* Effect.sleep(recoveryMs / 20)
    }
    yield* arena.violation(
      "silent-live",
      `${what}: a live pull reopened at the cursor delivered ${positions(live.events())} and not ${seqNum}`,
      [failed.op, live.op],
    )
    return live
  })

/** One disturbance between two pushes: what is pushed during and after it must come. */
const across = (
  id: string,
  clause: string,
  what: string,
  check: Partial<Check>,
  disturb: (
    arena: Arena,
    client: ArenaClient,
    live: RunningPull,
  ) => Effect.Effect<Effect.Effect<void, CheckStop>, CheckStop>,
): Check => ({
  ...base,
  id,
  clause,
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
      yield* arena.fill(a, 0, 5)
      const live = yield* openLive(arena, b)
      const end = yield* disturb(arena, b, live)
      yield* pushPatiently(arena, a, 5, 3)
      yield* end
      const after = yield* expectGoesOn(arena, b, live, 8, what)
      // One that stayed silent has said all that there is to say.
      if ((after.events().at(-1)?.seqNum ?? 0) < 8) return
      yield* pushPatiently(arena, a, 8, 2)
      const last = yield* expectGoesOn(arena, b, after, 10, `${what}, later`)
      yield* last.interrupt()
    }),
})

/** Pushes until it is acknowledged: the pusher's own connection may have been disturbed as well. */
const pushPatiently = (arena: Arena, client: ArenaClient, parent: number, count: number) =>
  Effect.gen(function* () {
    const events = arena.chain(client, parent, count)
    for (let n = 0; n < 40; n++) {
      const settled = yield* client.push(events)
      if (settled._tag === "ok") return
      // After an indefinite end the batch may be there: then the push again is refused as stale.
      if (settled._tag === "refused" && settled.error._tag === "ServerAhead" && n > 0) {
        if (settled.error.head >= parent + count) return
      }
      yield* Effect.sleep(arena.capabilities.times.recoveryMs / 40)
    }
    yield* arena.violation("stuck", `a push after ${parent} was not acknowledged within the recovery time`)
  })

const nothing: Effect.Effect<void> = Effect.void

const linkFault = (fault: LinkFault, mustBite: boolean) => (arena: Arena, client: ArenaClient) =>
  Effect.gen(function* () {
    const standing = yield* client.link.fault(fault)
    return Effect.gen(function* () {
      if (mustBite) yield* arena.premise(standing.bit() > 0, `the ${fault.kind} did not bite`)
      yield* standing.heal
    })
  })

/** The link goes silent, and heals only once the client has noticed by itself or the detection time is over. */
const silence = (direction: "both" | "down") => (arena: Arena, client: ArenaClient, live: RunningPull) =>
  Effect.gen(function* () {
    const connections = client.link.counters().connections
    const silent = yield* client.link.fault({ kind: "half-open", direction })
    return Effect.gen(function* () {
      const noticed = yield* arena.eventually(
        // A client over HTTP may have no connection open, and opens another, before it can notice anything.
        () =>
          silent.bit() > 0 &&
          (live.now() !== undefined ||
            client.link.counters().open === 0 ||
            client.link.counters().connections > connections),
        arena.capabilities.times.detectionMs,
      )
      yield* arena.premise(silent.bit() > 0, "the silence did not bite")
      yield* arena.expect(
        noticed || !(yield* client.isConnected),
        "silent-live",
        "the link was silent for the detection time, and the live pull stayed open with isConnected true",
        [live.op],
      )
      yield* silent.heal
    })
  })

export const liveFaultChecks: ReadonlyArray<Check> = [
  across(
    "live/after-drop",
    "live/after-drop",
    "after the connection was reset",
    { needs: ["endpoint"] },
    linkFault({ kind: "reset" }, true),
  ),
  across(
    "live/after-drop#closed-cleanly",
    "live/after-drop",
    "after the connection was closed cleanly",
    { needs: ["endpoint", "classify"] },
    linkFault({ kind: "close", code: 1001, match: { direction: "down" } }, false),
  ),
  across(
    "live/after-drop#stays-down",
    "live/after-drop",
    "after the connection was reset and refused for a while",
    { needs: ["endpoint"] },
    (arena, client) =>
      Effect.gen(function* () {
        const refuse = yield* cutOff(client)
        return Effect.gen(function* () {
          yield* arena.eventually(() => refuse.bit() > 0, arena.capabilities.times.detectionMs)
          yield* refuse.heal
        })
      }),
  ),
  across(
    "live/half-open",
    "live/half-open",
    "after the link went silent",
    { waits: true, needs: ["endpoint"] },
    silence("both"),
  ),
  across(
    "live/half-open#down-only",
    "live/half-open",
    "after only the backend's side went silent",
    { waits: true, needs: ["endpoint"] },
    silence("down"),
  ),
  across(
    "live/after-restart",
    "live/after-restart",
    "after a restart of the backend",
    { isolation: "host", needs: ["process.restart"] },
    (arena) => Effect.as(arena.backend.restart, nothing),
  ),
  across(
    "live/after-restart#evict",
    "live/after-restart",
    "after an eviction that ended connections",
    { waits: true, needs: ["process.evict"] },
    (arena) => Effect.as(arena.backend.evict("close"), nothing),
  ),
  across(
    "live/after-restart#hibernate",
    "live/after-restart",
    "after a hibernation that kept connections",
    { needs: ["process.evict"] },
    (arena) => Effect.as(arena.backend.evict("hibernate"), nothing),
  ),
  {
    ...base,
    id: "live/many",
    clause: "live/many",
    cost: "heavy",
    // Hundreds of clients at once keep a small machine busy for seconds: others would be told that nobody answers.
    isolation: "alone",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const count = arena.capabilities.livePulls
        const clients = yield* Effect.forEach(
          Array.from({ length: count }, (_, n) => n),
          (n) => arena.open(`r${n}`),
          { concurrency: 20 },
        )
        const lives = yield* Effect.forEach(clients, (client) => openLive(arena, client), { concurrency: 20 })
        for (let head = 2; head < 8; head += 2) yield* arena.fill(a, head, 2)
        const reached = yield* Effect.forEach(lives, (live) => live.reaches(8), { concurrency: "unbounded" })
        const missing = lives.filter((_, index) => reached[index] !== true)
        yield* arena.expect(
          missing.length === 0,
          "silent-live",
          `${missing.length} of ${count} live pulls did not deliver event 8 within the delivery time`,
          missing.slice(0, 4).map(({ op }) => op),
        )
        yield* Effect.forEach(lives, (live) => live.interrupt(), { concurrency: "unbounded", discard: true })
      }),
  },
  {
    ...base,
    id: "live/slow-consumer",
    clause: "live/slow-consumer",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, slow, quick] = [yield* arena.open("a"), yield* arena.open("slow"), yield* arena.open("quick")]
        const stopped = yield* openLive(arena, slow)
        const other = yield* openLive(arena, quick)
        yield* stopped.pause
        let head = 0
        for (let n = 0; n < 30; n++) {
          // About 1.5 MB in all: more than the buffers between backend and consumer hold.
          yield* arena.fill(a, head, 5, { sizeBytes: 10_000 })
          head += 5
        }
        yield* expectReaches(arena, other, head, "a live pull beside one that does not read")
        yield* stopped.resume
        const { deliveryMs, deadlineMs } = arena.capabilities.times
        yield* arena.eventually(
          () => (stopped.events().at(-1)?.seqNum ?? 0) >= head || stopped.now() !== undefined,
          deliveryMs + deadlineMs,
        )
        const last = yield* expectGoesOn(arena, slow, stopped, head, "when a slow consumer reads again")
        yield* last.interrupt()
        yield* other.interrupt()
      }),
  },
  {
    ...base,
    id: "live/bad-neighbour",
    clause: "live/bad-neighbour",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, good] = [yield* arena.open("a"), yield* arena.open("good")]
        const live = yield* openLive(arena, good)
        let head = 0
        const pushes = (word: string) =>
          Effect.gen(function* () {
            yield* arena.fill(a, head, 2)
            head += 2
            yield* expectReaches(arena, live, head, `a live pull beside ${word}`)
          })
        const dead = yield* arena.open("dead")
        yield* openLive(arena, dead)
        yield* dead.link.fault({ kind: "half-open", direction: "both" })
        yield* pushes("a dead subscriber")
        const gone = yield* arena.open("gone")
        yield* openLive(arena, gone)
        yield* gone.crash
        yield* pushes("a crashed subscriber")
        const closing = yield* arena.open("closing")
        yield* openLive(arena, closing)
        yield* arena.together([closing.close, pushes("a closing subscriber")])
        // A second device that calls itself by the same name.
        const twin = yield* arena.open("good", { memory: "fresh" })
        const second = yield* openLive(arena, twin)
        yield* pushes("a subscriber of the same name")
        yield* expectReaches(arena, second, head, "the live pull of the same-named subscriber")
        yield* arena.expect(
          live.events().length === head,
          "duplicate",
          `a live pull beside bad neighbours delivered ${positions(live.events())} where ${head} events were pushed`,
          [live.op],
        )
        yield* second.interrupt()
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "live/interrupt#dead-link",
    clause: "live/interrupt",
    needs: ["gauges", "endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 1)
        const live = yield* openLive(arena, b)
        yield* b.crash
        yield* live.interrupt(0)
        const freed = yield* gaugesReach(arena, { subscriptions: 0 })
        yield* arena.expect(
          freed.held,
          "leak",
          `a client with a live pull crashed, and the backend still counts ${freed.subscriptions} subscriptions`,
        )
      }),
  },
]
