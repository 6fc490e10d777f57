import { Effect, Fiber, Option } from "effect"
import { describe, expect, it } from "vitest"
import {
  chain,
  cursorAfter,
  cursorAt,
  ending,
  inWorld,
  numbersOf,
  openClient,
  pullAll,
  startLive,
} from "./mock-fixture.ts"

const seeds = Array.from({ length: 40 }, (_, seed) => seed)

describe("the mock", () => {
  it("delivers live what it stored, in the order of the log, page by page", () => {
    const seen = inWorld((host) =>
      Effect.gen(function* () {
        const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
        const live = yield* startLive(b)
        yield* a.push(chain(0, 3))
        yield* a.push(chain(3, 100))
        yield* Effect.sleep(100)
        return { live: live.numbers(), pulled: yield* pullAll(b), ended: live.ended() }
      }),
    )
    expect(seen.live).toEqual(chain(0, 103).map(({ seqNum }) => seqNum))
    expect(numbersOf(seen.pulled)).toEqual(seen.live)
    expect(seen.pulled.map(({ pageInfo }) => pageInfo)).toEqual([
      { _tag: "MoreKnown", remaining: 3 },
      { _tag: "NoMore" },
    ])
    expect(seen.ended).toBe("")
  })

  it("lets one of ten pushes on one parent in, whatever the order, and tells the others the head", () => {
    for (const seed of seeds) {
      const { outcomes, stored } = inWorld(
        (host) =>
          Effect.gen(function* () {
            const clients = yield* Effect.forEach(
              Array.from({ length: 10 }, (_, n) => `c${n}`),
              (id) => openClient(host, id),
            )
            const pushes = clients.map(({ push }, n) => ending(push(chain(0, n + 1))))
            const outcomes = yield* Effect.all(pushes, { concurrency: "unbounded" })
            return { outcomes, stored: yield* host.inspect!("store") }
          }),
        { seed },
      )
      const winner = outcomes.indexOf("ok")
      expect(outcomes.filter((outcome) => outcome === "ServerAhead").length).toBe(9)
      expect(stored.map(({ seqNum }) => seqNum)).toEqual(chain(0, winner + 1).map(({ seqNum }) => seqNum))
    }
  })

  it("does not always let the same one in", () => {
    const winners = seeds.map((seed) =>
      inWorld(
        (host) =>
          Effect.gen(function* () {
            const clients = [yield* openClient(host, "a"), yield* openClient(host, "b"), yield* openClient(host, "c")]
            const pushes = clients.map(({ push }) => ending(push(chain(0))))
            return (yield* Effect.all(pushes, { concurrency: "unbounded" })).indexOf("ok")
          }),
        { seed },
      ),
    )
    expect(new Set(winners).size).toBe(3)
  })

  it("says a head that was true during the call", () => {
    const error = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* a.push(chain(0, 5))
        return yield* Effect.flip(a.push(chain(2)))
      }),
    )
    expect(error).toMatchObject({ _tag: "ServerAhead", head: 5, providedParent: 2 })
  })

  it("refuses what cannot be stored and takes the next good batch", () => {
    const circular: { self?: unknown } = {}
    circular.self = circular
    const bad: ReadonlyArray<ReadonlyArray<unknown>> = [
      chain(0, 1).map((event) => ({ ...event, seqNum: Number.NaN })),
      chain(0, 1).map((event) => ({ ...event, seqNum: "1" })),
      chain(0, 1).map((event) => ({ ...event, seqNum: 1n })),
      chain(0, 1).map((event) => ({ ...event, parentSeqNum: undefined })),
      [...chain(0, 2)].toReversed(),
      chain(0, 101),
      chain(0, 1, circular),
      chain(0, 1, 1n),
      chain(0, 1, {
        toJSON: () => {
          throw new Error("no")
        },
      }),
      chain(0, 1, "x".repeat(130_000)),
    ]
    const { outcomes, last, stored } = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        const outcomes = yield* Effect.forEach(bad, (batch) => ending(a.push(batch as never)))
        const last = yield* ending(a.push(chain(0, 2)))
        return { outcomes, last, stored: yield* host.inspect!("store") }
      }),
    )
    expect(outcomes).toEqual(bad.map(() => "InvalidPush"))
    expect({ last, stored: stored.length }).toEqual({ last: "ok", stored: 2 })
  })

  it("ends a pull at the head that it began with, however fast others push", () => {
    const numbers = inWorld((host) =>
      Effect.gen(function* () {
        const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
        yield* a.push(chain(0, 100))
        yield* a.push(chain(100, 50))
        let head = 150
        const pushing = yield* Effect.forkChild(Effect.forever(Effect.suspend(() => a.push(chain(head++)))))
        const pulled = yield* pullAll(b)
        yield* Fiber.interrupt(pushing)
        return numbersOf(pulled)
      }),
    )
    expect(numbers.length).toBeGreaterThanOrEqual(150)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })

  it("goes on after every cursor, with its metadata and without", () => {
    const { suffixes, bare, beyond } = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* a.push(chain(0, 6))
        const items = yield* pullAll(a)
        const events = items.flatMap((item) => item.events)
        const cursors = events.map((_, index) => cursorAfter([{ ...items[0]!, events: events.slice(0, index + 1) }]))
        const suffixes = yield* Effect.forEach(cursors, (cursor) => pullAll(a, cursor))
        const bare = yield* Effect.forEach(events, ({ event }) => pullAll(a, cursorAt(event.seqNum)))
        return {
          suffixes: suffixes.map(numbersOf),
          bare: bare.map(numbersOf),
          beyond: yield* ending(pullAll(a, cursorAt(7))),
        }
      }),
    )
    const expected = [1, 2, 3, 4, 5, 6].map((after) => [1, 2, 3, 4, 5, 6].filter((n) => n > after))
    expect(suffixes).toEqual(expected)
    expect(bare).toEqual(expected)
    expect(beyond).toBe("CursorAhead")
  })

  it("bounds pages by bytes as well as by events", () => {
    const pages = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        for (let head = 0; head < 6; head++) yield* a.push(chain(head, 1, "x".repeat(100_000)))
        return yield* pullAll(a)
      }),
    )
    expect(pages.map(({ events, pageInfo }) => [events.length, pageInfo])).toEqual([
      [2, { _tag: "MoreKnown", remaining: 4 }],
      [2, { _tag: "MoreKnown", remaining: 2 }],
      [2, { _tag: "NoMore" }],
    ])
  })

  it("asks the application about every operation, with the payload as it was given", () => {
    const { rejected, seen } = inWorld((host) =>
      Effect.gen(function* () {
        const bad = yield* openClient(host, "bad", { payload: { token: "reject" }, storeId: "other" })
        const rejected = [
          yield* ending(Effect.scoped(bad.connect)),
          yield* ending(bad.push(chain(0))),
          yield* ending(pullAll(bad)),
          yield* ending(bad.ping),
        ]
        const a = yield* openClient(host, "a", { payload: { deep: [null, { ключ: "'\"" }] } })
        const b = yield* openClient(host, "b")
        yield* a.connect
        yield* a.push(chain(0, 200).slice(0, 100))
        yield* a.push(chain(100, 50))
        yield* pullAll(a)
        const live = yield* startLive(b)
        yield* Effect.sleep(10)
        yield* live.stop
        return { rejected, seen: yield* host.app!.seen("store") }
      }),
    )
    expect(rejected).toEqual(["PayloadRejected", "PayloadRejected", "PayloadRejected", "PayloadRejected"])
    const payload = { deep: [null, { ключ: "'\"" }] }
    expect(seen).toEqual([
      { hook: "connect", storeId: "store", payload },
      { hook: "push", storeId: "store", payload },
      { hook: "push", storeId: "store", payload },
      { hook: "pull", storeId: "store", payload },
      { hook: "connect", storeId: "store" },
      { hook: "live", storeId: "store" },
    ])
  })

  it("ends live pulls of a revoked payload and shows them nothing that came after", () => {
    for (const seed of seeds.slice(0, 10)) {
      const { numbers, ended, push } = inWorld(
        (host) =>
          Effect.gen(function* () {
            const [a, b] = [
              yield* openClient(host, "a", { payload: { token: "revocable", id: "x" } }),
              yield* openClient(host, "b"),
            ]
            const live = yield* startLive(a)
            yield* b.push(chain(0, 2))
            yield* Effect.sleep(10)
            yield* host.app!.revoke("x")
            yield* b.push(chain(2, 2))
            yield* Effect.sleep(3_000)
            return { numbers: live.numbers(), ended: live.ended(), push: yield* ending(a.push(chain(4))) }
          }),
        { seed },
      )
      expect({ numbers, ended, push }).toEqual({ numbers: [1, 2], ended: "PayloadRejected", push: "PayloadRejected" })
    }
  })

  it("does what the application's push hook says: refuse, wait, throw", () => {
    const { outcomes, stored } = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        const named = (name: string, args?: unknown) =>
          chain(0, 2, args).map((event, n) => (n === 1 ? { ...event, name } : event))
        const outcomes = [
          yield* Effect.flip(a.push(named("gauntlet.reject", { reason: "no room" }))),
          yield* Effect.flip(a.push(named("gauntlet.throw"))),
          yield* ending(a.push(named("gauntlet.slow", { ms: 2_000 }))),
        ]
        return { outcomes, stored: (yield* host.inspect!("store")).length }
      }),
    )
    expect(outcomes[0]).toMatchObject({ _tag: "PushRejected", reason: "no room" })
    expect(outcomes[1]).toMatchObject({ _tag: "PushRejected" })
    expect({ last: outcomes[2], stored }).toEqual({ last: "ok", stored: 2 })
  })

  it("frees what a live pull and a client held", () => {
    const gauges = inWorld((host) =>
      Effect.gen(function* () {
        const counted = []
        yield* Effect.scoped(
          Effect.gen(function* () {
            const a = yield* openClient(host, "a")
            for (let cycle = 0; cycle < 20; cycle++) {
              const live = yield* startLive(a)
              if (cycle % 2 === 0) yield* Effect.sleep(5)
              yield* live.stop
            }
            const live = yield* startLive(a)
            yield* Effect.sleep(10)
            counted.push(yield* host.gauges!("store"))
            yield* live.stop
            yield* Effect.sleep(10)
            counted.push(yield* host.gauges!("store"))
          }),
        )
        yield* Effect.sleep(10)
        counted.push(yield* host.gauges!("store"))
        return counted.map(({ sockets, subscriptions }) => [sockets, subscriptions])
      }),
    )
    expect(gauges).toEqual([
      [1, 1],
      [1, 0],
      [0, 0],
    ])
  })

  it("lets an hour of idleness pass and then delivers", () => {
    const { numbers, sameConnection } = inWorld((host) =>
      Effect.gen(function* () {
        const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
        const live = yield* startLive(a)
        yield* Effect.sleep("1 hour")
        yield* b.push(chain(0, 2))
        yield* Effect.sleep(10)
        return { numbers: live.numbers(), sameConnection: a.link.counters().connections }
      }),
    )
    expect({ numbers, sameConnection }).toEqual({ numbers: [1, 2], sameConnection: 1 })
  })

  it("builds a pull without doing anything", () => {
    const connections = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        a.pull(Option.none(), { live: true })
        a.pull(cursorAt(99))
        yield* Effect.sleep(100)
        return a.link.counters().connections
      }),
    )
    expect(connections).toBe(0)
  })

  it("repeats a seed exactly", () => {
    const frames = (seed: number) =>
      inWorld(
        (host) =>
          Effect.gen(function* () {
            const clients = [yield* openClient(host, "a"), yield* openClient(host, "b"), yield* openClient(host, "c")]
            const lives = yield* Effect.forEach(clients, (client) => startLive(client))
            const order: Array<string> = []
            yield* Effect.all(
              clients.map(({ push }, n) =>
                Effect.map(ending(push(chain(0, n + 1))), (how) => void order.push(`${n} ${how}`)),
              ),
              { concurrency: "unbounded" },
            )
            yield* Effect.sleep(100)
            return JSON.stringify([
              order,
              lives.map(({ items }) => items),
              clients.map(({ link }) => link.lastFrames()),
            ])
          }),
        { seed },
      )
    const first = seeds.map(frames)
    expect(seeds.map(frames)).toEqual(first)
    expect(new Set(first).size).toBeGreaterThan(20)
  })
})
