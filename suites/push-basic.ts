import { Effect } from "effect"
import type { Arena, ArenaClient, RunningPull, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { headOf, pullAll } from "./support/log.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Sizes just past the powers of two and the round numbers that batches are usually cut at; "push/batch" has all. */
const edges = [2, 9, 11, 17, 26, 33, 51, 65, 100]

/** Batches of these sizes, one after the other; each is refused or acknowledged whole. */
const fillWith = (arena: Arena, sizes: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const a = yield* arena.open("a")
    let head = 0
    for (const size of sizes) {
      const settled = yield* a.push(arena.chain(a, head, size))
      yield* arena.requireOk(settled, `a batch of ${size} on the head ${head}`)
      head += size
    }
  })

/** One round of what healthy clients do, in some order: who pushed first decides who is refused. */
const healthyRound = (arena: Arena, clients: ReadonlyArray<ArenaClient>, round: number) =>
  Effect.gen(function* () {
    const head = headOf((yield* pullAll(arena, clients[0]!)).events)
    const ends = yield* arena.together(
      clients.flatMap((client): ReadonlyArray<Effect.Effect<Settled>> => [
        client.push(arena.chain(client, head, 1 + arena.draw(`size ${client.id} ${round}`, 3))),
        Effect.map(client.pull(), ({ settled }) => settled),
        arena.draw(`other ${client.id} ${round}`, 2) === 0 ? client.ping : client.push([]),
      ]),
    )
    const stale = yield* clients[1]!.push(arena.chain(clients[1]!, 0, 1))
    return [...ends, stale]
  })

export const pushBasicChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/one",
    clause: "push/one",
    run: (arena) =>
      Effect.gen(function* () {
        // That the event is in the log, equal, is read from the record: lost-ack, corrupted.
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 1)
      }),
  },
  {
    ...base,
    id: "push/batch",
    clause: "push/batch",
    cost: "heavy",
    run: (arena) => {
      const limit = arena.capabilities.limits.batchEvents
      const every = Array.from({ length: 100 }, (_, index) => index + 1)
      // Above 100 a provider's own limit is tried at its end and at a few sizes in between.
      const above = [101, 100 + arena.draw("above", Math.max(1, limit - 100)), limit - 1, limit]
      return fillWith(arena, [...every, ...above.filter((size) => size > 100 && size <= limit)])
    },
  },
  {
    ...base,
    id: "push/batch#edges",
    clause: "push/batch",
    run: (arena) => {
      const limit = arena.capabilities.limits.batchEvents
      return fillWith(arena, limit > 100 ? [...edges, limit - 1, limit] : edges)
    },
  },
  {
    ...base,
    id: "push/batch#bytes",
    clause: "push/batch",
    run: (arena) =>
      Effect.gen(function* () {
        // Sums around the sizes that messages are usually cut at: below 64 KiB, above 256 KiB, 1 MiB.
        const a = yield* arena.open("a")
        let head = 0
        for (const sizeBytes of [640, 2_650, 10_700]) {
          const each = Math.min(sizeBytes, arena.capabilities.limits.eventBytes)
          const settled = yield* a.push(arena.chain(a, head, 100, { sizeBytes: each }))
          yield* arena.requireOk(settled, `a batch of 100 events of ${each} bytes`)
          head += 100
        }
      }),
  },
  {
    ...base,
    id: "push/empty",
    clause: "push/empty",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.requireOk(yield* a.push([]), "an empty batch on an empty log")
        yield* arena.fill(a, 0, 2)
        const live = yield* b.live()
        yield* live.caughtUp()
        yield* arena.requireOk(yield* a.push([]), "an empty batch by the client that is at the head")
        yield* arena.requireOk(yield* b.push([]), "an empty batch by a client that never pushed")
        const { events } = yield* pullAll(arena, a)
        yield* arena.expect(
          events.length === 2,
          "phantom",
          `after empty batches the log has ${events.length} events; it had 2`,
        )
        yield* arena.requireOk(yield* a.push(arena.chain(a, 2, 1)), "a push on the head after empty batches")
        yield* live.reaches(3)
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "push/sequential",
    clause: "push/sequential",
    run: (arena) =>
      Effect.gen(function* () {
        const clients = [yield* arena.open("a"), yield* arena.open("b")] as const
        let head = 0
        const pushed: Array<number> = []
        for (let n = 0; n < 20; n++) {
          const client = clients[arena.draw(`who ${n}`, 2)]!
          const count = 1 + arena.draw(`size ${n}`, 5)
          yield* arena.fill(client, head, count)
          head += count
          pushed.push(head)
        }
        const { events, settled } = yield* pullAll(arena, clients[0])
        const order = events.map(({ seqNum }) => seqNum)
        yield* arena.expect(
          order.length === head && order.every((seqNum, index) => seqNum === index + 1),
          "reordered",
          `batches that ended at ${pushed.join(", ")} stand in the log as ${order.join(", ")}`,
          [settled.op],
        )
      }),
  },
  {
    ...base,
    id: "push/definite-when-healthy",
    waits: true,
    clause: "push/definite-when-healthy",
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* Effect.forEach(["a", "b", "c", "d"], (id) => arena.open(id))
        const ends: Array<Settled> = yield* Effect.forEach(clients, ({ connect }) => connect)
        const live: Array<RunningPull> = yield* Effect.forEach(clients, (client) => client.live())
        for (let round = 0; round < 3; round++) ends.push(...(yield* healthyRound(arena, clients, round)))
        for (const pull of live) {
          const end = pull.now()
          if (end !== undefined) ends.push(end)
          yield* pull.interrupt()
        }
        for (const settled of ends) {
          if (settled._tag !== "indefinite") continue
          const sentence = `an operation of a healthy client ended with ${settled.error._tag} (${settled.error.message}), though no fault stood`
          yield* arena.violation("wrong-refusal", sentence, [settled.op])
        }
      }),
  },
]
