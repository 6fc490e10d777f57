import { Effect } from "effect"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectWorks, seesLoss } from "./conn.ts"
import { openLive } from "./live.ts"
import { pullsAgain } from "./support/again.ts"
import { gaugesReach } from "./support/gauges-reach.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** How long one cut took to be healed by the client itself, in milliseconds; undefined when it was not. */
const cutAndRecover = (arena: Arena, client: ArenaClient) =>
  Effect.gen(function* () {
    const { detectionMs, recoveryMs } = arena.capabilities.times
    const before = client.statusChanges().length
    yield* client.link.fault({ kind: "reset" })
    yield* seesLoss(arena, client, before, detectionMs)
    const recovered = yield* client.statusIs(true, recoveryMs)
    const changes = client.statusChanges().slice(before)
    const down = changes.find(({ connected }) => !connected)
    const up = changes.findLast(({ connected }) => connected)
    return recovered && down !== undefined && up !== undefined ? up.atMs - down.atMs : undefined
  })

export const connEnduranceChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "conn/recovery-does-not-decay",
    clause: "conn/recovery-does-not-decay",
    cost: "heavy",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* a.connect
        let live = yield* openLive(arena, a)
        const times: Array<number> = []
        for (let n = 0; n < 10; n++) {
          const ms = yield* cutAndRecover(arena, a)
          if (live.now() !== undefined) live = yield* a.live(live.cursor())
          yield* arena.require(
            ms !== undefined,
            "status-lie",
            `after cut ${n + 1} of 10 isConnected did not come back within the recovery time`,
          )
          times.push(ms ?? 0)
          yield* expectWorks(arena, a, n, `after cut ${n + 1}`)
        }
        const [first, last] = [Math.max(...times.slice(0, 3)), Math.max(...times.slice(-3))]
        yield* arena.expect(
          last <= 3 * first + 500,
          "restless",
          `the first of ten recoveries took at most ${Math.round(first)} ms and the last ones ${Math.round(last)} ms: back-off does not start afresh after success`,
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/churn",
    clause: "conn/churn",
    cost: "heavy",
    needs: ["endpoint", "gauges"],
    run: (arena) =>
      Effect.gen(function* () {
        const witness = yield* arena.open("witness")
        yield* expectWorks(arena, witness, 0, "before the churn")
        yield* Effect.forEach(
          Array.from({ length: 1_000 }, (_, n) => n),
          (n) =>
            Effect.gen(function* () {
              const client = yield* arena.open(`c${n}`)
              const settled = yield* client.connect
              if (settled._tag !== "ok") yield* arena.requireOk(settled, `connection ${n + 1} of 1,000`)
              // Half of them end orderly, half by a reset.
              if (n % 2 === 0) yield* client.close
              else yield* client.crash
            }),
          { concurrency: 10, discard: true },
        )
        const fresh = yield* arena.open("fresh")
        yield* expectWorks(arena, fresh, 1, "after 1,000 connections")
        const left = yield* gaugesReach(arena, { sockets: 2, subscriptions: 0 })
        yield* arena.expect(
          left.held,
          "leak",
          `after 1,000 connections opened and closed the backend counts ${left.sockets} sockets and ${left.subscriptions} subscriptions`,
        )
      }),
  },
  {
    ...base,
    id: "conn/long-lived",
    clause: "conn/long-lived",
    cost: "heavy",
    needs: ["endpoint", "gauges"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* expectWorks(arena, a, 0, "at the start")
        let head = 1
        let cursor = (yield* a.pull()).cursor
        const rounds = (count: number) =>
          Effect.gen(function* () {
            for (let n = 0; n < count; n++) {
              yield* arena.requireOk(yield* a.push(arena.chain(a, head, 1)), `push ${head + 1} on one connection`)
              head++
              const pulled = yield* a.pull(cursor)
              yield* arena.requireOk(pulled.settled, `pull ${head} on one connection`)
              cursor = pulled.cursor
            }
          })
        yield* rounds(100)
        const early = yield* arena.backend.gauges()
        yield* rounds(2_400)
        const late = yield* arena.backend.gauges()
        yield* arena.expect(
          (late.connectionStateBytes ?? 0) <= (early.connectionStateBytes ?? 0) + 64,
          "leak",
          `the state kept for one connection grew from ${early.connectionStateBytes} to ${late.connectionStateBytes} bytes over 2,400 pushes and as many pulls`,
        )
        // Requests share a connection that is kept between them, and one that was given up in mid-answer, as at the end
        // of a pull, is lost with it; not one for each.
        const atMost = arena.capabilities.transport === "http" ? 100 : 1
        yield* arena.expect(
          a.link.counters().connections <= atMost,
          "leak",
          `one client's 2,500 pushes and 2,500 pulls took ${a.link.counters().connections} connections`,
        )
      }),
  },
  ...garbageChecks(),
  {
    ...base,
    id: "conn/retry-budget",
    clause: "conn/retry-budget",
    cost: "idle",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // One client for each way of being turned away, all through the same minute.
        const ways = {
          refused: { kind: "refuse" },
          unavailable: { kind: "http-answer", status: 503, headers: {}, body: "unavailable" },
          conflict: { kind: "http-answer", status: 409, headers: {}, body: "conflict" },
          later: { kind: "http-answer", status: 429, headers: { "retry-after": "20" }, body: "later" },
        } as const
        const clients = yield* Effect.forEach(Object.entries(ways), ([name, fault]) =>
          Effect.gen(function* () {
            const client = yield* arena.open(name)
            yield* client.connect
            yield* client.live()
            yield* client.link.fault(fault)
            yield* client.link.fault({ kind: "reset" })
            return { name, client, before: attempts(client) }
          }),
        )
        yield* Effect.sleep(30_000)
        const half = clients.map(({ client, before }) => attempts(client) - before)
        yield* Effect.sleep(30_000)
        for (const [index, { name, client, before }] of clients.entries()) {
          const made = attempts(client) - before
          const firstHalf = half[index] ?? 0
          yield* arena.expect(
            made <= 20,
            "restless",
            `against a backend that was "${name}" a client made ${made} attempts in a minute; 20 are allowed`,
          )
          yield* arena.expect(
            made - firstHalf <= Math.max(2, firstHalf),
            "restless",
            `against a backend that was "${name}" a client made ${firstHalf} attempts in half a minute and ${made - firstHalf} in the next: the gaps do not grow`,
          )
          if (name === "later") {
            yield* arena.expect(
              made <= 5,
              "restless",
              `a client made ${made} attempts in a minute though each answer said retry-after 20 s`,
            )
          }
        }
        for (const { client } of clients) yield* client.link.heal
      }),
  },
  {
    ...base,
    id: "conn/retry-budget#payload-rejected",
    waits: true,
    clause: "conn/retry-budget",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a", { payload: { token: "reject" }, rejected: true })
        yield* a.connect
        const live = yield* a.live()
        yield* live.ends(arena.capabilities.times.deadlineMs)
        const before = attempts(a)
        yield* Effect.sleep(arena.capabilities.times.recoveryMs)
        yield* arena.expect(
          attempts(a) === before,
          "restless",
          `after its payload was rejected a client made ${attempts(a) - before} more attempts`,
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
]

/** Connections that a client tried to open, refused ones included. */
function attempts(client: ArenaClient): number {
  const { connections, refused } = client.link.counters()
  return connections + refused
}

/** What may come instead of an answer. Nothing of it becomes an event, a hole or a defect, and the next operation works. */
function garbageChecks(): ReadonlyArray<Check> {
  const html = "<!doctype html><html><body>502 Bad Gateway</body></html>"
  const bodies: ReadonlyArray<readonly [string, string]> = [
    ["an HTML page", html],
    ["an empty body", ""],
    ["an unknown message", '{"_tag":"Surprise","version":99,"id":"0"}'],
    ["half a message", '{"_tag":"Page","events":[{"seqNum":1,"par'],
  ]
  const answers: Check = {
    ...base,
    id: "conn/garbage",
    waits: true,
    clause: "conn/garbage",
    needs: ["endpoint", "classify"],
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const events = yield* arena.fill(a, 0, 6)
        for (const [index, [word, body]] of bodies.entries()) {
          const b = yield* arena.open(`b${index}`)
          yield* b.connect
          const page = yield* b.link.fault({
            kind: "garbage",
            body,
            match: { direction: "down", operation: "pull", role: ["page", "answer"] },
          })
          const pulled = yield* b.pull()
          yield* arena.premise(page.bit() > 0, `${word} was not delivered`)
          yield* arena.expect(
            pulled.settled._tag !== "ok" || pulled.events.length === events.length,
            "gap",
            `a pull that got ${word} instead of its page succeeded with ${pulled.events.length} of ${events.length} events`,
            [pulled.settled.op],
          )
          yield* page.heal
          yield* pullsAgain(arena, b, `after ${word} came instead of a page`, [pulled.settled.op])
          yield* b.close
        }
      }),
  }
  const pushes: Check = {
    ...base,
    id: "conn/garbage#push",
    waits: true,
    clause: "conn/garbage",
    needs: ["endpoint", "classify"],
    run: (arena) =>
      Effect.gen(function* () {
        for (const [index, [word, body]] of bodies.entries()) {
          const storeId = arena.newStore(`garbage${index}`)
          const b = yield* arena.open(`b${index}`, { storeId })
          yield* b.connect
          const answer = yield* b.link.fault({
            kind: "garbage",
            body,
            match: { direction: "down", operation: "push", role: "answer" },
          })
          const settled = yield* b.push(arena.chain(b, 0, 2))
          yield* arena.premise(answer.bit() > 0, `${word} was not delivered`)
          yield* arena.expect(
            settled._tag !== "ok" && settled._tag !== "refused",
            "wrong-refusal",
            `a push that got ${word} instead of its answer ended with ${settled._tag}; nobody said that`,
            [settled.op],
          )
          yield* answer.heal
          yield* pullsAgain(arena, b, `after ${word} came instead of an acknowledgement`, [settled.op])
          yield* b.close
        }
      }),
  }
  const frames: Check = {
    ...base,
    id: "conn/garbage#half-frame",
    clause: "conn/garbage",
    needs: ["endpoint", "classify"],
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 6)
        const b = yield* arena.open("b")
        yield* b.connect
        const half = yield* b.link.fault({
          kind: "truncate",
          match: { direction: "down", operation: "pull", role: ["page", "answer"] },
        })
        const pulled = yield* b.pull()
        yield* arena.premise(half.bit() > 0, "no frame was cut in half")
        yield* arena.expect(
          pulled.settled._tag !== "ok" || pulled.events.length === 6,
          "gap",
          `a pull that got half a frame succeeded with ${pulled.events.length} of 6 events`,
          [pulled.settled.op],
        )
        yield* half.heal
        yield* pullsAgain(arena, b, "after half a frame", [pulled.settled.op])
      }),
  }
  const handshake: Check = {
    ...base,
    id: "conn/garbage#handshake",
    waits: true,
    clause: "conn/garbage",
    needs: ["endpoint"],
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const answers = [
          ["an HTML page", { status: 200, headers: { "content-type": "text/html" }, body: html }],
          ["an upgrade without its headers", { status: 101, headers: {}, body: "" }],
          ["a 502", { status: 502, headers: {}, body: html }],
        ] as const
        // Each on a client of its own, at once: one that takes its deadline holds no other up.
        const answered = ([word, answer]: (typeof answers)[number], index: number) =>
          Effect.gen(function* () {
            const b = yield* arena.open(`b${index}`)
            const fault = yield* b.link.fault({ kind: "http-answer", ...answer })
            const pulled = yield* b.pull()
            yield* arena.premise(fault.bit() > 0, `${word} was not delivered`)
            yield* arena.expect(
              pulled.settled._tag !== "ok",
              "gap",
              `a pull whose connection was answered by ${word} succeeded with ${pulled.events.length} events`,
              [pulled.settled.op],
            )
            yield* fault.heal
            yield* pullsAgain(arena, b, `after ${word} answered a connection`, [pulled.settled.op])
          })
        yield* Effect.forEach(answers, answered, { concurrency: "unbounded", discard: true })
      }),
  }
  return [answers, pushes, frames, handshake]
}
