import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { LinkFault } from "../contract/fault.ts"
import type { Arena, ArenaClient, Running, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { liveAgain } from "./support/again.ts"
import { cutOff } from "./support/cut-off.ts"
import { headOf, pullAll, pushOnHead } from "./support/log.ts"
import { indefiniteTags } from "./support/tags.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

const dropAnswer: LinkFault = { kind: "drop", match: { operation: "push", role: "answer", direction: "down" } }

/** Pushes a batch whose answer gets lost. With `reset` the connection ends besides, right after the loss. */
const pushWithLostAnswer = (arena: Arena, client: ArenaClient, batch: ReadonlyArray<EventEncoded>, reset: boolean) =>
  Effect.gen(function* () {
    const fault = yield* client.link.fault(dropAnswer)
    const push = yield* client.startPush(batch)
    const bit = yield* fault.bites()
    if (reset) yield* client.link.fault({ kind: "reset" })
    const settled = yield* push.settled
    yield* arena.premise(bit, "the answer to the push was not lost")
    yield* fault.heal
    // A provider that asks again within the call may learn that its batch stands there; it may not call it refused.
    if (settled._tag !== "ok") {
      yield* arena.expectError(settled, indefiniteTags, "a push whose answer was lost", "lost-ack")
    }
  })

const lostAck =
  (reset: boolean): Check["run"] =>
  (arena) =>
    Effect.gen(function* () {
      const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
      yield* arena.fill(a, 0, 2)
      const batch = arena.chain(a, 2, 5)
      yield* pushWithLostAnswer(arena, a, batch, reset)
      if (reset) yield* Effect.flatMap(liveAgain(arena, a), (live) => live.interrupt())
      const log = (yield* pullAll(arena, b)).events
      yield* arena.premise(headOf(log) === 7, "the push whose answer was lost had not been accepted")
      // push/retry holds: the same batch again is in the log already.
      const again = yield* a.push(batch)
      if (again._tag !== "ok") {
        yield* arena.expectError(again, ["ServerAhead"], "a batch pushed again after its answer was lost", "duplicate")
      }
      const own = (yield* pullAll(arena, a)).events
      yield* arena.expect(
        headOf(own) === 7,
        "stale-read",
        `the client's own pull ends at ${headOf(own)} after its push up to 7 was accepted`,
      )
      yield* arena.requireOk(yield* a.push(arena.chain(a, 7, 1)), "the client's next push after a lost answer")
    })

/** How a push may end while the backend cannot be reached: `IsOffline` within the deadline. */
const expectOffline = (arena: Arena, settled: Settled, what: string) =>
  arena.expectError(settled, ["IsOffline"], what, "lost-ack")

/**
 * During an outage, by what the provider declares: the push fails with `IsOffline` within the deadline; or it
 * waits, is interruptible at once, and settles after the heal. `heal` ends the outage.
 */
const pushDuring = <E>(
  arena: Arena,
  client: ArenaClient,
  head: number,
  outage: { readonly what: string; readonly heal: Effect.Effect<void, E> },
) =>
  Effect.gen(function* () {
    const what = `a push while ${outage.what}`
    if (arena.capabilities.pushWhileOffline === "fails") {
      yield* expectOffline(arena, yield* client.push(arena.chain(client, head, 2)), what)
      // The second one meets a client that knows by now that it is offline.
      yield* expectOffline(arena, yield* client.push(arena.chain(client, head, 1)), `another push while ${outage.what}`)
      return yield* outage.heal
    }
    const stopped = yield* waits(arena, client, head)
    const tookMs = yield* stopped.interrupt()
    yield* arena.expect(tookMs !== undefined, "stuck", `${what} could not be interrupted within 100 ms`, [stopped.op])
    const waiting = yield* waits(arena, client, head)
    yield* outage.heal
    yield* arena.expectSettled(yield* waiting.settled, `${what}, after the heal`)
  })

/** How long a push is left alone in an outage, so that it has met it, in milliseconds. */
const meetsOutageMs = 1_000

/** A push that has met the outage: it waits by now, or it has failed already. */
const waits = (arena: Arena, client: ArenaClient, head: number) =>
  Effect.gen(function* () {
    const push = yield* client.startPush(arena.chain(client, head, 2))
    yield* arena.eventually(() => push.now() !== undefined, meetsOutageMs)
    return push
  })

/** The client is served again, and its pushes land. */
const expectBack = (arena: Arena, client: ArenaClient, what: string) =>
  Effect.gen(function* () {
    const live = yield* liveAgain(arena, client)
    const head = yield* pushOnHead(arena, client, 2, `a push after ${what}`)
    yield* live.reaches(head)
    yield* live.interrupt()
  })

/** What a client does between an acknowledgement and the kill; `head` is what was acknowledged. */
type Moment = (arena: Arena, client: ArenaClient, head: number) => Effect.Effect<Running | void>

/** Kills the backend at each of these moments after an acknowledgement: what was acknowledged is in the log. */
const durable = (word: string, check: Partial<Check>, moments: ReadonlyArray<Moment>): Check => ({
  ...base,
  id: `push/durable${word}`,
  clause: "push/durable",
  isolation: "host",
  needs: ["process.kill"],
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      for (const [round, moment] of moments.entries()) {
        const a = yield* arena.open(`a${round}`)
        const head = headOf((yield* pullAll(arena, a)).events)
        const count = 1 + arena.draw(`count ${round}`, 4)
        yield* arena.fill(a, head, count)
        const underWay = yield* moment(arena, a, head + count)
        yield* arena.backend.kill
        yield* arena.backend.start
        if (underWay !== undefined) yield* underWay.settled
        const log = yield* arena.truth()
        yield* arena.expect(
          headOf(log) >= head + count,
          "lost-ack",
          `a batch up to ${head + count} was acknowledged, the backend was killed, and its log ends at ${headOf(log)}`,
        )
        yield* a.close
      }
      const fresh = yield* arena.open("fresh")
      yield* pushOnHead(arena, fresh, 1, `a push after ${moments.length} kills`)
    }),
})

export const pushFaultChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/lost-ack",
    waits: true,
    clause: "push/lost-ack",
    needs: ["endpoint", "classify"],
    premises: ["the push was accepted and its answer lost on the link"],
    run: lostAck(false),
  },
  {
    ...base,
    id: "push/lost-ack#reset",
    clause: "push/lost-ack",
    needs: ["endpoint", "classify"],
    premises: ["the push was accepted and its answer lost with the connection"],
    run: lostAck(true),
  },
  // Killed at once after the acknowledgement, and with the next push under way.
  durable("", {}, [() => Effect.void, (arena, client, head) => client.startPush(arena.chain(client, head, 3))]),
  // After a sign of life, and a while later.
  durable("#later", { cost: "heavy" }, [
    (_, client) => Effect.asVoid(client.ping),
    (arena) => Effect.sleep(arena.draw("later", 500)),
  ]),
  {
    ...base,
    id: "push/settles-under-fault",
    clause: "push/settles-under-fault",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        yield* cutOff(a)
        yield* pushDuring(arena, a, 2, { what: "connections are refused", heal: a.link.heal })
        yield* expectBack(arena, a, "connections were refused")
      }),
  },
  {
    ...base,
    id: "push/settles-under-fault#half-open",
    clause: "push/settles-under-fault",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const fault = yield* a.link.fault({ kind: "half-open", direction: "both" })
        const heal = Effect.gen(function* () {
          yield* arena.premise(yield* fault.bites(), "nothing was sent into the silent link")
          yield* fault.heal
        })
        yield* pushDuring(arena, a, 2, { what: "the link is silent", heal })
        yield* expectBack(arena, a, "the link was silent")
      }),
  },
  {
    ...base,
    id: "push/settles-under-fault#storage",
    clause: "push/settles-under-fault",
    needs: ["storage.outage"],
    premises: ["the storage refused a statement"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const bitBefore = yield* arena.backend.storageBit()
        const end = yield* arena.backend.outage()
        const heal = Effect.gen(function* () {
          yield* arena.premise((yield* arena.backend.storageBit()) > bitBefore, "the storage's outage was not noticed")
          yield* end
        })
        yield* pushDuring(arena, a, 2, { what: "the storage is down", heal })
        yield* expectBack(arena, a, "the storage was down")
      }),
  },
  {
    ...base,
    id: "push/settles-under-fault#frozen",
    clause: "push/settles-under-fault",
    isolation: "host",
    needs: ["process.pause"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        yield* arena.backend.pause
        yield* pushDuring(arena, a, 2, { what: "the backend is frozen", heal: arena.backend.resume })
        yield* expectBack(arena, a, "the backend was frozen")
      }),
  },
]
