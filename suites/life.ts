import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { worksAgain } from "./conn.ts"
import { expectGoesOn } from "./live-faults.ts"
import { openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"
import { headOf } from "./support/log.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** The head as a pull shows it, once pulls succeed again. */
const headAgain = (arena: Arena, client: ArenaClient, what: string): Effect.Effect<number, CheckStop> =>
  Effect.gen(function* () {
    yield* arena.require(yield* worksAgain(arena, client), "stuck", `${what} no pull succeeded within the recovery time`)
    return headOf((yield* client.pull()).events)
  })

/** A push on the head that a pull shows, once the backend is there again. */
const pushesAgain = (arena: Arena, client: ArenaClient, what: string) =>
  Effect.gen(function* () {
    for (let n = 0; ; n++) {
      const head = yield* headAgain(arena, client, what)
      const settled = yield* client.push(arena.chain(client, head, 1))
      const moved = settled._tag === "refused" && settled.error._tag === "ServerAhead"
      if (n < 10 && (moved || settled._tag === "indefinite")) {
        yield* Effect.sleep(arena.capabilities.times.recoveryMs / 20)
        continue
      }
      yield* arena.requireOk(settled, `${what}, a push on the head`)
      return head + 1
    }
  })

/** A live pull, a writer and something that happens to the backend in between: nothing is lost, repeated or left silent. */
const across = (
  id: string,
  clause: string,
  what: string,
  check: Partial<Check>,
  happen: (arena: Arena, writer: ArenaClient, head: number) => Effect.Effect<void, CheckStop>,
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
      yield* happen(arena, a, 5)
      const head = yield* pushesAgain(arena, a, what)
      const after = yield* expectGoesOn(arena, b, live, head, what)
      yield* arena.requireOk((yield* a.pull()).settled, `${what}, a pull`)
      yield* after.interrupt()
    }),
})

/** Kills the backend while a push is at each of its points: on the way, held before its answer, just acknowledged. */
const killAround = (arena: Arena, writer: ArenaClient, head: number): Effect.Effect<void, CheckStop> =>
  Effect.gen(function* () {
    const held = yield* writer.link.fault({
      kind: "hold",
      match: { direction: "down", operation: "push", role: "answer", times: Infinity },
    })
    const push = yield* writer.startPush(arena.chain(writer, head, 7))
    yield* held.bites()
    yield* arena.backend.kill
    yield* held.heal
    yield* arena.backend.start
    yield* push.settled
    const next = yield* pushesAgain(arena, writer, "after a kill before the answer")
    const sent = yield* writer.startPush(arena.chain(writer, next, 7))
    yield* arena.backend.kill
    yield* arena.backend.start
    yield* sent.settled
    const last = yield* pushesAgain(arena, writer, "after a kill while a push was on its way")
    yield* arena.fill(writer, last, 3)
    yield* arena.backend.kill
    yield* arena.backend.start
  })

export const lifeChecks: ReadonlyArray<Check> = [
  across("life/restart", "life/restart", "after an orderly restart", { isolation: "host", needs: ["process.restart"] }, (arena) => arena.backend.restart),
  across(
    "life/kill",
    "life/kill",
    "after kills",
    { isolation: "host", needs: ["process.kill", "endpoint", "classify"] },
    killAround,
  ),
  {
    ...base,
    id: "life/kill#under-load",
    clause: "life/kill",
    isolation: "host",
    needs: ["process.kill"],
    run: (arena) =>
      Effect.gen(function* () {
        const writers = yield* Effect.forEach(["a", "b", "c"], (id) => arena.open(id))
        for (let round = 0; round < 3; round++) {
          const head = yield* headAgain(arena, writers[0]!, "between kills")
          const pushes = yield* Effect.forEach(writers, (writer) => writer.startPush(arena.chain(writer, head, 20)))
          // The kill falls at another point of the pushes in each round.
          yield* Effect.sleep(arena.draw(`kill ${round}`, 12))
          yield* arena.backend.kill
          yield* arena.backend.start
          yield* Effect.forEach(pushes, (push) => push.settled, { discard: true })
        }
        yield* pushesAgain(arena, writers[1]!, "after three kills under load")
      }),
  },
  across(
    "life/pause",
    "life/pause",
    "after the backend froze and went on",
    { isolation: "host", needs: ["process.pause", "endpoint"] },
    (arena, writer, head) =>
      Effect.gen(function* () {
        yield* arena.backend.pause
        const push = yield* writer.startPush(arena.chain(writer, head, 4))
        yield* Effect.sleep(arena.capabilities.times.detectionMs)
        yield* arena.backend.resume
        yield* push.settled
      }),
  ),
  across(
    "life/evict",
    "life/evict",
    "after an eviction with open connections",
    { needs: ["process.evict"] },
    (arena, writer, head) =>
      Effect.gen(function* () {
        yield* arena.backend.evict("hibernate")
        yield* arena.fill(writer, head, 2)
        yield* arena.backend.evict("close")
      }),
  ),
  {
    ...base,
    id: "life/evict#no-connections",
    clause: "life/evict",
    needs: ["process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 5)
        const before = yield* arena.backend.instance()
        yield* a.close
        yield* arena.backend.evict("close")
        const b = yield* arena.open("b")
        const pulled = yield* b.pull()
        yield* arena.requireOk(pulled.settled, "a pull after an eviction without connections")
        yield* arena.expect(pulled.events.length === 5, "lost-ack", `after an eviction the log has ${positions(pulled.events)}`, [pulled.settled.op])
        yield* arena.requireOk(yield* b.push(arena.chain(b, 5, 1)), "a push after an eviction without connections")
        yield* arena.premise((yield* arena.backend.instance()) !== before, "the eviction changed no instance")
      }),
  },
  across("life/deploy", "life/deploy", "after a new version was deployed", { isolation: "host", needs: ["process.deploy"] }, (arena) => arena.backend.deploy),
  {
    ...base,
    id: "life/hibernates",
    clause: "life/hibernates",
    cost: "idle",
    needs: ["process.peekInstance"],
    unsupported: ({ hibernatesAfterMs }) => (hibernatesAfterMs === undefined ? "this platform does not hibernate" : undefined),
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        yield* a.close
        const live = yield* openLive(arena, b)
        const before = yield* arena.backend.peekInstance()
        yield* arena.premise(before !== undefined, "the object is not awake after a push")
        // A warm control: an object that is used all the time must keep its instance, or the change proves nothing.
        const warm = yield* arena.open("warm", { storeId: arena.newStore("warm") })
        yield* arena.fill(warm, 0, 1)
        const warmBefore = yield* arena.backend.instance(warm.storeId)
        const idleMs = (arena.capabilities.hibernatesAfterMs ?? 0) * 1.5
        for (let n = 0; n < 20; n++) {
          yield* Effect.sleep(idleMs / 20)
          yield* warm.pull()
        }
        const warmAfter = yield* arena.backend.instance(warm.storeId)
        yield* arena.premise(warmAfter === warmBefore, "the warm control's instance changed, so idleness proves nothing")
        const c = yield* arena.open("c")
        yield* arena.fill(c, 2, 1)
        const after = yield* arena.backend.instance()
        yield* arena.expect(
          after !== before,
          "restless",
          `with a live pull open and nothing happening for ${idleMs / 1_000} s the object did not hibernate: its instance is still ${before}`,
          [live.op],
        )
        yield* live.reaches(3)
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "life/idle-cpu",
    clause: "life/idle-cpu",
    cost: "idle",
    isolation: "host",
    needs: ["process.cpuMs"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const clients = yield* Effect.forEach([0, 1, 2, 3, 4], (n) => arena.open(`r${n}`))
        yield* Effect.forEach(clients, (client) => openLive(arena, client))
        yield* Effect.sleep(2_000)
        const windowMs = 8_000
        const before = yield* arena.backend.cpuMs
        yield* Effect.sleep(windowMs)
        const share = ((yield* arena.backend.cpuMs) - before) / windowMs
        yield* arena.expect(
          share < 0.02,
          "restless",
          `five idle live pulls cost ${(share * 100).toFixed(1)} % of a core on the backend's side`,
        )
      }),
  },
  {
    ...base,
    id: "life/small-attachment",
    clause: "life/small-attachment",
    needs: ["gauges"],
    unsupported: ({ attachmentBytes }) => (attachmentBytes === undefined ? "this platform keeps no state per socket" : undefined),
    run: (arena) =>
      Effect.gen(function* () {
        const payload = { pad: "x".repeat(arena.capabilities.limits.payloadBytes - 40), user: "ada" }
        const a = yield* arena.open("a", { payload })
        yield* arena.fill(a, 0, 3)
        const lives = yield* Effect.forEach(Array.from({ length: 20 }), () => openLive(arena, a))
        for (let n = 0; n < 200; n++) yield* arena.requireOk((yield* a.pull()).settled, `pull ${n + 1} on one socket`)
        const gauges = yield* arena.backend.gauges()
        yield* arena.premise(gauges.connectionStateBytes !== undefined, "the backend cannot measure its attachments")
        yield* arena.expect(
          (gauges.connectionStateBytes ?? 0) <= 2_048,
          "leak",
          `a socket with a payload of ${arena.capabilities.limits.payloadBytes} bytes, 20 live pulls and 200 pulls keeps ${gauges.connectionStateBytes} bytes of state; 2,048 are allowed`,
        )
        yield* Effect.forEach(lives, (live) => live.interrupt(), { discard: true })
      }),
  },
  {
    ...base,
    id: "life/storage-outage",
    clause: "life/storage-outage",
    needs: ["storage.outage"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 4)
        const end = yield* arena.backend.outage()
        const during = yield* a.push(arena.chain(a, 4, 2))
        yield* arena.expect(during._tag !== "ok", "lost-ack", "a push was acknowledged while the database was down", [during.op])
        yield* arena.expectSettled(during, "a push while the database was down")
        yield* arena.expectSettled((yield* a.pull()).settled, "a pull while the database was down")
        yield* arena.premise((yield* arena.backend.storageBit()) > 0, "the storage outage did not bite")
        yield* end
        yield* pushesAgain(arena, a, "after the database came back")
      }),
  },
]
