import { Effect } from "effect"
import type { Arena, ArenaClient, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { headOf, pullAll, pushOnHead } from "./support/log.ts"
import { indefiniteTags } from "./support/tags.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** More writing statements than any backend needs for one batch; the next one is then the harness's own mistake. */
const mostStatements = 250

/** One push during which the nth writing statement fails. False once the push has fewer statements than that. */
const failNth = (arena: Arena, client: ArenaClient, count: number, nth: number) =>
  Effect.gen(function* () {
    const head = headOf((yield* pullAll(arena, client)).events)
    const before = yield* arena.backend.storageBit()
    yield* arena.backend.failWrite(nth)
    const settled = yield* client.push(arena.chain(client, head, count))
    const bit = (yield* arena.backend.storageBit()) > before
    const what = `a batch of ${count} while writing statement ${nth} failed`
    if (settled._tag !== "ok") yield* arena.expectError(settled, indefiniteTags, what, "torn-batch")
    if (!bit) yield* arena.requireOk(settled, `a batch of ${count} that no failing statement touched`)
    return bit
  })

/** Pushes until a failing statement that is still armed has struck, so that it strikes nothing else. */
const spendFault = (arena: Arena, client: ArenaClient, bitBefore: number) =>
  Effect.gen(function* () {
    for (let n = 0; n < mostStatements && (yield* arena.backend.storageBit()) === bitBefore; n++) {
      const head = headOf((yield* pullAll(arena, client)).events)
      yield* client.push(arena.chain(client, head, 1))
    }
  })

/** A batch of 100 of which the backend is killed somewhere in the middle, after a drawn number of frames or turns. */
const killWithin = (arena: Arena, client: ArenaClient, round: number) =>
  Effect.gen(function* () {
    const head = headOf((yield* pullAll(arena, client)).events)
    const framesUp = client.link.counters().framesUp
    const push = yield* client.startPush(arena.chain(client, head, 100))
    yield* arena.eventually(() => client.link.counters().framesUp > framesUp || push.now() !== undefined, 1_000)
    for (let turn = arena.draw(`turns ${round}`, 24); turn > 0; turn--) yield* Effect.yieldNow
    yield* arena.backend.kill
    yield* push.settled
    yield* arena.backend.start
  })

/** A second writer that pushes on whatever its live pull shows, until the other's push has ended. */
const cutIn = (arena: Arena, client: ArenaClient, live: RunningPull, over: () => boolean) =>
  Effect.gen(function* () {
    for (let tries = 0; tries < 20 && !over(); tries++) {
      const shown = headOf(live.events())
      yield* client.push(arena.chain(client, shown, 1))
      yield* arena.eventually(() => headOf(live.events()) > shown || over(), arena.capabilities.times.deliveryMs)
    }
  })

export const pushAtomicChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/atomic",
    clause: "push/atomic",
    needs: ["storage.failWrite"],
    premises: ["the failing statement struck while the batch was stored"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        for (const count of [1, 7, 100]) {
          const before = yield* arena.backend.storageBit()
          let nth = 1
          while (nth < mostStatements && (yield* failNth(arena, a, count, nth))) {
            yield* pushOnHead(arena, a, 1, `a good push after statement ${nth} of a batch of ${count} failed`)
            nth += 1
          }
          yield* arena.premise(nth > 1, `no writing statement failed while a batch of ${count} was stored`)
          yield* arena.require(
            nth < mostStatements,
            "stuck",
            `a batch of ${count} takes ${mostStatements} writing statements and more`,
          )
          yield* spendFault(arena, a, before + nth - 1)
          yield* pushOnHead(arena, a, 2, "a good push after the last failing statement")
        }
      }),
  },
  {
    ...base,
    id: "push/atomic#kill",
    clause: "push/atomic",
    cost: "heavy",
    isolation: "host",
    needs: ["process.kill", "endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // All of the batch or nothing, whatever was under way: torn-batch in the record.
        for (let round = 0; round < 3; round++) {
          const [a, b] = [yield* arena.open(`a${round}`), yield* arena.open(`b${round}`)]
          yield* killWithin(arena, a, round)
          yield* pushOnHead(arena, b, 2, "a good push of a new client after a kill in the middle of another's push")
          yield* a.close
        }
      }),
  },
  {
    ...base,
    id: "push/atomic#conflict",
    clause: "push/atomic",
    run: (arena) =>
      Effect.gen(function* () {
        // Two writers, one with large batches: where a batch is taken in parts, the other comes in between.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* b.live()
        yield* live.caughtUp()
        const sizeBytes = Math.min(11_000, arena.capabilities.limits.eventBytes)
        for (let round = 0; round < 2; round++) {
          const head = headOf((yield* pullAll(arena, a)).events)
          const large = yield* a.startPush(arena.chain(a, head, 100, round % 2 === 0 ? {} : { sizeBytes }))
          yield* cutIn(arena, b, live, () => large.now() !== undefined)
          const settled = yield* large.settled
          if (settled._tag !== "ok") {
            yield* arena.expectError(settled, ["ServerAhead"], "a batch of 100 beside another writer's", "torn-batch")
          }
          yield* pushOnHead(arena, a, 1, "a good push after two writers met")
        }
        yield* live.interrupt()
      }),
  },
]
