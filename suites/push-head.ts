import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { pullAll, renumbered } from "./support/log.ts"
import { refusalTags } from "./support/tags.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** A push on a parent behind the head must be refused; that nothing is stored and the head true, the record shows. */
const refuseStale = (
  arena: Arena,
  client: ArenaClient,
  options: { readonly parent: number; readonly seqNums: ReadonlyArray<number>; readonly head: number },
) =>
  Effect.gen(function* () {
    const { parent, seqNums, head } = options
    const batch = renumbered(arena.chain(client, parent, seqNums.length), parent, seqNums)
    const settled = yield* client.push(batch)
    const what = `a push of ${seqNums.join(", ")} on parent ${parent} with the head at ${head}`
    // A provider may take no numbers that jump; then it may say so instead.
    const tags = seqNums[0] === parent + 1 ? (["ServerAhead"] as const) : (["ServerAhead", "InvalidPush"] as const)
    yield* arena.expectError(settled, refusalTags(arena.capabilities, tags), what, "stale-parent-accepted")
  })

/** A push on the head, which nothing moves meanwhile: any refusal is a false one. */
const pushAtHead = (arena: Arena, client: ArenaClient, head: number, what: string): Effect.Effect<number, CheckStop> =>
  Effect.as(
    Effect.flatMap(client.push(arena.chain(client, head, 2)), (settled) =>
      arena.requireOk(settled, `${what}, on the head ${head}`),
    ),
    head + 2,
  )

export const pushHeadChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/stale-parent",
    clause: "push/stale-parent",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 3)
        // Behind the head at every distance; short of it, up to it, past it, and jumping over it; both clients.
        yield* refuseStale(arena, b, { parent: 1, seqNums: [2, 3], head: 3 })
        yield* refuseStale(arena, b, { parent: 0, seqNums: [1], head: 3 })
        yield* refuseStale(arena, b, { parent: 2, seqNums: [3, 4, 5, 6], head: 3 })
        yield* refuseStale(arena, b, { parent: 2, seqNums: [4], head: 3 })
        yield* refuseStale(arena, a, { parent: 0, seqNums: [10, 11], head: 3 })
        yield* refuseStale(arena, a, { parent: 1, seqNums: [2], head: 3 })
        yield* arena.requireOk(yield* b.push(arena.chain(b, 3, 2)), "a push on the head 3 after refused ones")
      }),
  },
  {
    ...base,
    id: "push/future-parent",
    clause: "push/future-parent",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const tags = refusalTags(arena.capabilities, ["ServerAhead", "InvalidPush"])
        const refuseFuture = (client: ArenaClient, parent: number, head: number) =>
          Effect.gen(function* () {
            const settled = yield* client.push(arena.chain(client, parent, 2))
            yield* arena.expectError(settled, tags, `a push on parent ${parent} with the head at ${head}`, "gap")
          })
        yield* refuseFuture(a, 1, 0)
        yield* refuseFuture(a, 100, 0)
        yield* arena.fill(a, 0, 3)
        yield* refuseFuture(b, 4, 3)
        yield* refuseFuture(a, 5, 3)
        yield* refuseFuture(b, 1_000_000, 3)
        yield* arena.requireOk(yield* b.push(arena.chain(b, 3, 2)), "a push on the head 3 after refused ones")
      }),
  },
  {
    ...base,
    id: "push/no-false-ahead",
    clause: "push/no-false-ahead",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        let head = 0
        // One client, push after push; two in turn without a pull between; two in turn with one.
        for (let n = 0; n < 5; n++) head = yield* pushAtHead(arena, a, head, "a client's next push")
        for (const client of [b, a, b]) head = yield* pushAtHead(arena, client, head, "a push of clients in turn")
        for (const client of [a, b, a, b]) {
          yield* pullAll(arena, client)
          head = yield* pushAtHead(arena, client, head, "a push after a pull")
        }
        // What was refused must not have moved the head; what nobody pushed neither.
        yield* a.push(arena.chain(a, head - 1, 1))
        head = yield* pushAtHead(arena, a, head, "a push after a stale one")
        yield* b.push(arena.chain(b, head + 7, 2))
        head = yield* pushAtHead(arena, b, head, "a push after one on a parent past the head")
        yield* a.push(renumbered(arena.chain(a, head, 3), head, [head + 1, head + 3, head + 2]))
        head = yield* pushAtHead(arena, a, head, "a push after a broken chain")
        yield* b.push([])
        yield* pushAtHead(arena, b, head, "a push after an empty one")
      }),
  },
  {
    ...base,
    id: "push/no-false-ahead#beside-pulls",
    waits: true,
    clause: "push/no-false-ahead",
    run: (arena) =>
      Effect.gen(function* () {
        // One writer alone moves the head; live pulls, pulls, pings and refused pushes of others run beside it.
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        const live = [yield* a.live(), yield* b.live()]
        const writer = Effect.gen(function* () {
          for (let head = 0; head < 30;) head = yield* pushAtHead(arena, a, head, "the only writer's push")
        })
        const beside = (client: ArenaClient) =>
          Effect.gen(function* () {
            for (let n = 0; n < 8; n++) {
              yield* client.pull()
              yield* client.push(arena.chain(client, 1_000 + n, 1))
              yield* client.ping
            }
          })
        yield* arena.together([writer, beside(b), beside(c)])
        for (const pull of live) yield* pull.interrupt()
      }),
  },
  {
    ...base,
    id: "push/retry",
    clause: "push/retry",
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const again = (client: ArenaClient, batch: Parameters<ArenaClient["push"]>[0], what: string) =>
          Effect.gen(function* () {
            const settled = yield* client.push(batch)
            if (settled._tag !== "ok") yield* arena.expectError(settled, ["ServerAhead"], what, "duplicate")
          })
        const first = yield* arena.fill(a, 0, 3)
        yield* again(a, first, "a batch that stands at the head, pushed again")
        const live = yield* a.live()
        const second = yield* arena.fill(a, 3, 100)
        yield* again(a, second, "a batch of 100, pushed again")
        yield* again(a, second, "a batch of 100, pushed a third time")
        yield* arena.fill(b, 103, 2)
        yield* again(a, second, "a batch that others have pushed on, pushed again")
        yield* again(a, first, "the log's first batch, pushed again")
        yield* live.interrupt()
        yield* a.crash
        const reopened = yield* arena.open("a")
        yield* again(reopened, second, "a batch pushed again by a new process of its client")
        yield* arena.requireOk(yield* reopened.push(arena.chain(reopened, 105, 1)), "a push on the head after retries")
      }),
  },
  {
    ...base,
    id: "push/retry#at-once",
    clause: "push/retry",
    run: (arena) =>
      Effect.gen(function* () {
        // The same batch under way twice, as after a retry that was too eager: once in the log, and either answer.
        const a = yield* arena.open("a")
        for (let head = 0; head < 12; head += 3) {
          const batch = arena.chain(a, head, 3)
          const ends = yield* arena.together([a.push(batch), a.push(batch), a.push(batch)])
          const accepted = ends.filter(({ _tag }) => _tag === "ok")
          yield* arena.require(
            accepted.length > 0,
            "wrong-refusal",
            `the batch on the head ${head} was pushed three times at once, and no push was acknowledged`,
            ends.map(({ op }) => op),
          )
          for (const settled of ends) {
            if (settled._tag !== "ok") {
              yield* arena.expectError(settled, ["ServerAhead"], "a batch under way twice", "duplicate")
            }
          }
        }
      }),
  },
]
