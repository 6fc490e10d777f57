import { Effect } from "effect"
import type { Arena, ArenaClient, Running } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { headOf, pullAll, pushOnHead } from "./support/log.ts"
import { liveAgain } from "./support/again.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Interrupts a push; it has to be over within 100 ms. */
const interruptAtOnce = (arena: Arena, push: Running, what: string) =>
  Effect.gen(function* () {
    const tookMs = yield* push.interrupt(100)
    yield* arena.expect(tookMs !== undefined, "stuck", `the interruption of ${what} was not complete after 100 ms`, [
      push.op,
    ])
  })

/** Pushes go on, and what they bring reaches a live pull of this client. All or nothing of earlier batches: see the record. */
const expectGoesOn = (
  arena: Arena,
  client: ArenaClient,
  live: { readonly op: number; readonly reaches: (seqNum: number) => Effect.Effect<boolean> },
) =>
  Effect.gen(function* () {
    const head = yield* pushOnHead(arena, client, 2, "a push after an interrupted one")
    yield* arena.expect(
      yield* live.reaches(head),
      "silent-live",
      `after an interrupted push the client's live pull did not get to ${head} within the delivery time`,
      [live.op],
    )
  })

const deadLink =
  (waitForBite: boolean): Check["run"] =>
  (arena) =>
    Effect.gen(function* () {
      const a = yield* arena.open("a")
      yield* arena.fill(a, 0, 2)
      const fault = yield* a.link.fault({ kind: "half-open", direction: "both" })
      const push = yield* a.startPush(arena.chain(a, 2, 3))
      if (waitForBite) yield* arena.premise(yield* fault.bites(), "nothing was sent into the dead link")
      yield* interruptAtOnce(arena, push, "a push on a dead link")
      yield* fault.heal
      const live = yield* liveAgain(arena, a)
      yield* expectGoesOn(arena, a, live)
      yield* live.interrupt()
    })

export const pushInterruptedChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "push/interrupted",
    clause: "push/interrupted",
    run: (arena) =>
      Effect.gen(function* () {
        // At every stage of a push that nothing hinders: before it is sent, on its way, stored, acknowledged.
        const a = yield* arena.open("a")
        const live = yield* a.live()
        yield* live.caughtUp()
        for (let round = 0; round < 10; round++) {
          const head = headOf((yield* pullAll(arena, a)).events)
          const push = yield* a.startPush(arena.chain(a, head, 1 + (round % 4) * 12))
          for (let turn = arena.draw(`turns ${round}`, 4 * round + 1); turn > 0; turn--) yield* Effect.yieldNow
          yield* interruptAtOnce(arena, push, "a push on a healthy link")
          if (round % 3 === 2) yield* expectGoesOn(arena, a, live)
        }
        yield* expectGoesOn(arena, a, live)
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "push/interrupted#dead-link",
    clause: "push/interrupted",
    needs: ["endpoint"],
    premises: ["the push went into a link on which nothing arrives"],
    run: deadLink(true),
  },
  {
    ...base,
    id: "push/interrupted#dead-link-at-once",
    clause: "push/interrupted",
    needs: ["endpoint"],
    run: deadLink(false),
  },
  {
    ...base,
    id: "push/interrupted#own-echo",
    clause: "push/interrupted",
    needs: ["endpoint", "classify"],
    premises: ["a push's live echo came before its acknowledgement"],
    run: (arena) =>
      Effect.gen(function* () {
        // LiveStore's leader interrupts a push in flight whenever a pull delivers, its own echo included.
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* arena.fill(a, 0, 2)
        const live = yield* a.live((yield* pullAll(arena, a)).cursor)
        yield* live.caughtUp()
        for (let head = 2; head < 8; head += 2) {
          const held = yield* a.link.fault({
            kind: "hold",
            // All of them: the answer of the push before may still be under way.
            match: { operation: "push", role: "answer", direction: "down", times: Number.POSITIVE_INFINITY },
          })
          const push = yield* a.startPush(arena.chain(a, head, 2))
          const echoed = yield* live.reaches(head + 2)
          yield* arena.premise(
            echoed && push.now() === undefined,
            "the push's live echo did not come while its answer was held",
          )
          yield* interruptAtOnce(arena, push, "a push whose live echo has come")
          yield* held.release
        }
        yield* arena.requireOk(yield* a.push(arena.chain(a, 8, 1)), "a push after three that their echoes interrupted")
        yield* arena.requireOk(yield* b.push(arena.chain(b, 9, 1)), "another client's push after them")
        yield* arena.expect(
          yield* live.reaches(10),
          "silent-live",
          "the live pull did not go on after interrupted pushes",
          [live.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "push/interrupted#late-answer",
    clause: "push/interrupted",
    needs: ["endpoint", "classify"],
    premises: ["the interrupted push's answer came while the next push was under way"],
    run: (arena) =>
      Effect.gen(function* () {
        // The late answer of an interrupted push must not be taken for the next one's, which is stale and so refused.
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const late = yield* a.link.fault({
          kind: "hold",
          match: { operation: "push", role: "answer", direction: "down" },
        })
        const first = yield* a.startPush(arena.chain(a, 2, 2))
        yield* arena.premise(yield* late.bites(), "the first push's answer could not be held")
        yield* interruptAtOnce(arena, first, "a push whose answer is late")
        const request = yield* a.link.fault({
          kind: "hold",
          match: { operation: "push", role: "request", direction: "up" },
        })
        const second = yield* a.startPush(arena.chain(a, 1, 1))
        yield* arena.premise(yield* request.bites(), "the second push's request could not be held")
        yield* late.release
        yield* request.release
        const settled = yield* second.settled
        yield* arena.expectError(
          settled,
          ["ServerAhead"],
          "a stale push behind an interrupted one",
          "stale-parent-accepted",
        )
        yield* pushOnHead(arena, a, 1, "a push after a late answer")
      }),
  },
]
