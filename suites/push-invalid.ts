import { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectFailed } from "./support/expect-failed.ts"
import { expectAbsent, renumbered } from "./support/log.ts"
import { refusalTags, typedErrorsOnly } from "./support/tags.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

type Batch = ReadonlyArray<EventEncoded>

/** A batch that no backend may take, made of good events on the head. */
interface BadBatch {
  readonly what: string
  /** How many good events it is made of. */
  readonly count: number
  readonly spoil: (good: Batch, head: number) => Batch
}

const at = (batch: Batch, index: number, change: (event: EventEncoded) => Partial<EventEncoded>): Batch =>
  batch.map((event, each) => (each === index ? { ...event, ...change(event) } : event))

const brokenChains: ReadonlyArray<BadBatch> = [
  { what: "a batch in reverse order", count: 4, spoil: (good) => good.toReversed() },
  { what: "a batch with two events swapped", count: 4, spoil: ([a, b, c, d]) => [a!, c!, b!, d!] },
  { what: "a batch that holds one event twice", count: 3, spoil: ([a, b, c]) => [a!, b!, b!, c!] },
  {
    what: "a batch in which two events have one number",
    count: 3,
    spoil: (good) =>
      at(good, 2, ({ seqNum, parentSeqNum }) => ({ seqNum: seqNum - 1, parentSeqNum: parentSeqNum - 1 })),
  },
  { what: "a batch without its middle event", count: 5, spoil: (good) => good.filter((_, index) => index !== 2) },
  {
    what: "a batch whose last event names an older parent",
    count: 3,
    spoil: (good) => at(good, 2, ({ parentSeqNum }) => ({ parentSeqNum: parentSeqNum - 1 })),
  },
  {
    what: "a batch whose last event names a later parent",
    count: 3,
    spoil: (good) => at(good, 2, ({ parentSeqNum }) => ({ parentSeqNum: parentSeqNum + 5 })),
  },
  {
    what: "a batch whose numbers fall while its parents follow",
    count: 3,
    spoil: (good, head) => renumbered(good, head, [head + 3, head + 2, head + 4]),
  },
  {
    what: "a batch whose second event is its own parent",
    count: 2,
    spoil: (good) => at(good, 1, ({ parentSeqNum }) => ({ seqNum: parentSeqNum })),
  },
  {
    what: "an event that is its own parent",
    count: 1,
    spoil: (good, head) => at(good, 0, () => ({ seqNum: head, parentSeqNum: head })),
  },
  {
    what: "a batch of 100 that breaks at the last event",
    count: 100,
    spoil: (good) => at(good, 99, ({ parentSeqNum }) => ({ parentSeqNum: parentSeqNum - 1 })),
  },
]

/** The right numbers, and not numbers: text, as a store of keys and values would have them. */
const asText: ReadonlyArray<BadBatch> = [
  {
    what: "an event whose number is text",
    count: 1,
    spoil: (good) => at(good, 0, ({ seqNum }) => ({ seqNum: String(seqNum) as unknown as number })),
  },
  {
    what: "a batch in which every number is text",
    count: 2,
    spoil: (good) =>
      good.map((event) => ({
        ...event,
        seqNum: String(event.seqNum) as unknown as number,
        parentSeqNum: String(event.parentSeqNum) as unknown as number,
      })),
  },
]

const noNumbers: ReadonlyArray<unknown> = [0, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, "7", null]

/** Each bad number in a batch of its own, and behind a good event; the chain follows it where it can. */
const badNumbers: ReadonlyArray<BadBatch> = noNumbers.flatMap((value): ReadonlyArray<BadBatch> => {
  const seqNum = value as number
  const shown = typeof value === "string" ? `"${value}"` : String(value)
  return [
    { what: `an event with the number ${shown}`, count: 1, spoil: (good) => at(good, 0, () => ({ seqNum })) },
    { what: `a batch with the number ${shown} inside`, count: 2, spoil: (good) => at(good, 1, () => ({ seqNum })) },
    {
      what: `a batch whose second event follows the number ${shown}`,
      count: 2,
      spoil: ([first, second]) => [
        { ...first!, seqNum },
        { ...second!, parentSeqNum: seqNum },
      ],
    },
  ]
})

/** Pushes each bad batch on the head and a good one behind it; `judge` says what the bad one's end has to be. */
const eachThenGood = (
  arena: Arena,
  kinds: ReadonlyArray<BadBatch>,
  judge: (settled: Settled, what: string) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
    yield* arena.fill(a, 0, 2)
    const pushed: Array<{ readonly batch: Batch; readonly what: string }> = []
    let head = 2
    for (const [index, { what, count, spoil }] of kinds.entries()) {
      const client: ArenaClient = index % 2 === 0 ? a : b
      const batch = spoil(arena.chain(client, head, count), head)
      const settled = yield* client.push(batch)
      yield* judge(settled, what)
      if (settled._tag !== "ok") pushed.push({ batch, what })
      yield* arena.requireOk(
        yield* client.push(arena.chain(client, head, 1)),
        `a good push on the head ${head} after ${what}`,
      )
      head += 1
    }
    yield* expectAbsent(arena, pushed)
  })

/** That nothing of it is stored is shown by the good push behind it, by the final log, and by the record. */
const failed =
  (arena: Arena) =>
  (settled: Settled, what: string): Effect.Effect<void> =>
    expectFailed(arena, settled, what, "corrupted")

export const pushInvalidChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/broken-chain",
    clause: "push/broken-chain",
    run: (arena) => eachThenGood(arena, brokenChains, failed(arena)),
  },
  {
    ...base,
    id: "push/bad-number",
    clause: "push/bad-number",
    run: (arena) => eachThenGood(arena, [...badNumbers, ...asText], failed(arena)),
  },
  {
    ...base,
    id: "push/invalid-typed",
    clause: "push/invalid-typed",
    unsupported: typedErrorsOnly,
    run: (arena) =>
      eachThenGood(arena, [...brokenChains, ...badNumbers, ...asText], (settled, what) =>
        arena.expectError(settled, ["InvalidPush"], what, "corrupted"),
      ),
  },
  {
    ...base,
    id: "push/over-limit",
    clause: "push/over-limit",
    run: (arena) =>
      Effect.gen(function* () {
        const limit = arena.capabilities.limits.batchEvents
        const a = yield* arena.open("a")
        let head = 0
        for (const size of [limit + 1, limit + 1 + arena.draw("over", limit), 2 * limit, 2 * limit + 1]) {
          const what = `a batch of ${size} where the limit is ${limit}`
          const settled = yield* a.push(arena.chain(a, head, size))
          const tags = refusalTags(arena.capabilities, ["InvalidPush"])
          if (settled._tag === "ok") head += size
          else yield* arena.expectError(settled, tags, what, "torn-batch")
          // Refused whole or stored whole: either way one head is left on which the next good batch stands.
          yield* arena.requireOk(
            yield* a.push(arena.chain(a, head, 1)),
            `a good push on the head ${head} after ${what}`,
          )
          head += 1
        }
      }),
  },
  {
    ...base,
    id: "push/over-limit#against-others",
    clause: "push/over-limit",
    run: (arena) =>
      Effect.gen(function* () {
        // Others push on whatever they are shown: between two parts of one batch, if it comes in parts.
        const limit = arena.capabilities.limits.batchEvents
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const live = yield* b.live()
        yield* live.caughtUp()
        const over = yield* a.startPush(arena.chain(a, 0, 3 * limit))
        yield* arena.eventually(
          () => live.events().length > 0 || over.now() !== undefined,
          arena.capabilities.times.deadlineMs,
        )
        const shown = live.events().at(-1)?.seqNum ?? 0
        yield* b.push(arena.chain(b, shown, 1))
        yield* over.settled
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "push/oversize-event",
    clause: "push/oversize-event",
    run: (arena) =>
      Effect.gen(function* () {
        const limitBytes = arena.capabilities.limits.eventBytes
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        const oversize = (head: number, sizeBytes: number, count: number, which: number) => {
          const [large] = arena.chain(a, head, 1, { sizeBytes })
          return arena
            .chain(a, head, count)
            .map((event, index) => (index === which ? { ...event, args: large!.args } : event))
        }
        const just = yield* a.push(arena.chain(a, 0, 1, { sizeBytes: limitBytes - 1 }))
        yield* arena.requireOk(just, `an event of ${limitBytes - 1} bytes, just under the declared ${limitBytes}`)
        const pushed: Array<{ readonly batch: Batch; readonly what: string }> = []
        for (let head = 1; head < 4; head++) {
          // Alone; as the last of a batch; between small ones.
          const sizeBytes = 2 * limitBytes + 1_000 * head
          const batch = oversize(head, sizeBytes, head, Math.floor(head / 2))
          const what = `a batch of ${head} with an event of ${sizeBytes} bytes where ${limitBytes} are declared`
          yield* expectFailed(arena, yield* a.push(batch), what, "wrong-refusal")
          pushed.push({ batch, what })
          const good = yield* a.push(arena.chain(a, head, 1))
          yield* arena.requireOk(good, `a good push on the same connection after ${what}`)
        }
        yield* arena.requireOk(yield* b.push(arena.chain(b, 4, 1)), "another client's push after oversize events")
        yield* expectAbsent(arena, pushed)
      }),
  },
]
