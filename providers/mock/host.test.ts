import { Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { mockCapabilities } from "./capabilities.ts"
import { chain, cursorAfter, ending, inWorld, numbersOf, openClient, pullAll, startLive } from "./mock-fixture.ts"
import { reference, type MockSeams } from "./seams.ts"

const { recoveryMs, deadlineMs } = mockCapabilities.times
const seeds = Array.from({ length: 30 }, (_, seed) => seed)

type Host = Parameters<Parameters<typeof inWorld>[0]>[0]

/** Two clients of one store: one that connected and has a live pull open, and one that pushes. */
const pair = (host: Host) =>
  Effect.gen(function* () {
    const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
    yield* a.connect
    yield* b.connect
    const live = yield* startLive(a)
    yield* b.push(chain(0, 3))
    yield* Effect.sleep(10)
    return { a, b, live }
  })

describe("the mock's process", () => {
  it("keeps log and identity over kill, restart and deploy, and live pulls go on exactly or fail", () => {
    for (const what of ["kill", "restart", "deploy"] as const) {
      const { ids, ended, live, pulled } = inWorld((host) =>
        Effect.gen(function* () {
          const { a, b, live } = yield* pair(host)
          yield* host.process![what]!
          if (what === "kill") {
            yield* Effect.sleep(500)
            yield* host.process!.start!
          }
          yield* Effect.sleep(recoveryMs)
          yield* b.push(chain(3, 2))
          yield* Effect.sleep(100)
          const ids = [...a.memory.values(), ...b.memory.values()]
          return {
            ids: new Set(ids).size,
            ended: live.ended(),
            live: live.numbers(),
            pulled: numbersOf(yield* pullAll(a)),
          }
        }),
      )
      expect({ what, ids, pulled }).toEqual({ what, ids: 1, pulled: [1, 2, 3, 4, 5] })
      expect(ended === "IsOffline" ? [1, 2, 3] : pulled).toEqual(live)
    }
  })

  it("keeps every acknowledged batch whole when it is killed at any moment", () => {
    for (const seed of seeds) {
      const { acknowledged, stored } = inWorld(
        (host) =>
          Effect.gen(function* () {
            const a = yield* openClient(host, "a")
            let acknowledged = 0
            const pushing = yield* Effect.forkChild(
              Effect.gen(function* () {
                for (;;) {
                  yield* a.push(chain(acknowledged, 3))
                  acknowledged += 3
                }
              }),
            )
            for (let turn = 0; turn < 20 + seed * 3; turn++) yield* Effect.yieldNow
            yield* host.process!.kill!
            yield* Fiber.interrupt(pushing)
            yield* host.process!.start!
            const b = yield* openClient(host, "b")
            return { acknowledged, stored: numbersOf(yield* pullAll(b)) }
          }),
        { seed },
      )
      expect(stored).toEqual(stored.map((_, index) => index + 1))
      expect(stored.length % 3).toBe(0)
      expect([acknowledged, acknowledged + 3]).toContain(stored.length)
    }
  })

  it("loses what a mutant never flushed at a kill that takes the power with it", () => {
    const seams = (): Partial<MockSeams> => ({
      storage: { flush: (data) => void (data.rows.length < 3 && reference.storage.flush(data)) },
    })
    const stored = inWorld(
      (host) =>
        Effect.gen(function* () {
          const a = yield* openClient(host, "a")
          yield* a.push(chain(0, 2))
          yield* a.push(chain(2, 2))
          const counts = [(yield* pullAll(a)).flatMap(({ events }) => events).length]
          const again = Effect.andThen(host.process!.kill!, host.process!.start!)
          const count = Effect.map(host.inspect!("store"), (log) => counts.push(log.length))
          yield* Effect.andThen(again, count)
          yield* host.storage!.fault!("store", { kind: "unsynced" })
          yield* Effect.andThen(again, count)
          return counts
        }),
      { seams },
    )
    expect(stored).toEqual([4, 4, 2])
  })

  it("is unreachable while it is down and answers connect once it is up", () => {
    const outcomes = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* host.process!.kill!
        const down = [
          yield* ending(Effect.scoped(a.connect)),
          yield* ending(a.push(chain(0))),
          yield* ending(pullAll(a)),
          yield* ending(a.ping),
        ]
        const instance = yield* ending(host.process!.instance("store"))
        yield* host.process!.start!
        return [...down, instance, yield* ending(Effect.scoped(a.connect)), yield* ending(a.push(chain(0)))]
      }),
    )
    expect(outcomes).toEqual(["IsOffline", "IsOffline", "IsOffline", "IsOffline", "HostError", "ok", "ok"])
  })

  it("does nothing while it is frozen, and then what had reached it, once", () => {
    for (const seed of seeds) {
      const { during, outcome, stored, live } = inWorld(
        (host) =>
          Effect.gen(function* () {
            const { b, live } = yield* pair(host)
            const push = yield* Effect.forkChild(ending(b.push(chain(3, 2))))
            for (let turn = 0; turn < seed; turn++) yield* Effect.yieldNow
            yield* host.process!.pause!
            const before = (yield* host.inspect!("store")).length
            yield* Effect.sleep(2_000)
            const during = (yield* host.inspect!("store")).length - before
            yield* host.process!.resume!
            const outcome = yield* Fiber.join(push)
            yield* Effect.sleep(deadlineMs)
            return { during, outcome, stored: (yield* host.inspect!("store")).length, live: live.numbers() }
          }),
        { seed },
      )
      expect({ during, outcome, stored }).toEqual({ during: 0, outcome: "ok", stored: 5 })
      expect(live).toEqual([1, 2, 3, 4, 5])
    }
  })

  it("evicts a store without anybody noticing but for a new instance", () => {
    for (const sockets of ["hibernate", "close"] as const) {
      const { instances, asleep, live, ended, connections } = inWorld((host) =>
        Effect.gen(function* () {
          const { a, b, live } = yield* pair(host)
          const before = yield* host.process!.instance("store")
          yield* host.process!.evict!("store", sockets)
          const asleep = yield* host.process!.peekInstance!("store")
          yield* b.push(chain(3, 2))
          yield* Effect.sleep(2_000)
          const instances = [before, yield* host.process!.instance("store")]
          return {
            instances,
            asleep,
            live: live.numbers(),
            ended: live.ended(),
            connections: a.link.counters().connections,
          }
        }),
      )
      expect(new Set(instances).size).toBe(2)
      const expected = { asleep: undefined, live: [1, 2, 3, 4, 5], ended: "", connections: sockets === "close" ? 2 : 1 }
      expect({ asleep, live, ended, connections }).toEqual(expected)
    }
  })

  it("evicts, restarts and deploys beneath requests that only take longer for it", () => {
    const ways = {
      hibernate: (host: Host) => host.process!.evict!("store", "hibernate"),
      close: (host: Host) => host.process!.evict!("store", "close"),
      restart: (host: Host) => host.process!.restart!,
      deploy: (host: Host) => host.process!.deploy!,
    }
    for (const [name, way] of Object.entries(ways)) {
      for (const seed of seeds) {
        const { outcomes, stored } = inWorld(
          (host) =>
            Effect.gen(function* () {
              const { a, b } = yield* pair(host)
              const work = yield* Effect.forkChild(
                Effect.all([ending(b.push(chain(3))), ending(pullAll(a))], { concurrency: "unbounded" }),
              )
              for (let turn = 0; turn < seed; turn++) yield* Effect.yieldNow
              yield* way(host)
              return { outcomes: yield* Fiber.join(work), stored: (yield* host.inspect!("store")).length }
            }),
          { seed },
        )
        expect({ name, seed, outcomes, stored }).toEqual({ name, seed, outcomes: ["ok", "ok"], stored: 4 })
      }
    }
  })
})

describe("the mock's storage", () => {
  it("ends a life: who knew it is told, who is new begins", () => {
    for (const how of ["wipe", "wipeBeneath"] as const) {
      const { ended, known, fresh } = inWorld((host) =>
        Effect.gen(function* () {
          const { a, b, live } = yield* pair(host)
          const cursor = cursorAfter(yield* pullAll(a))
          yield* host.storage![how]!("store")
          yield* Effect.sleep(deadlineMs)
          const known = [
            yield* ending(pullAll(a, cursor)),
            yield* ending(pullAll(a)),
            yield* ending(b.push(chain(3))),
            yield* ending(b.push(chain(0))),
            yield* ending(b.push([])),
          ]
          const c = yield* openClient(host, "c")
          const fresh = [yield* ending(pullAll(c)), yield* ending(c.push(chain(0, 2)))]
          const lost = yield* openClient(host, "lost-memory")
          return { ended: live.ended(), known, fresh: [...fresh, yield* ending(pullAll(lost, cursor))] }
        }),
      )
      expect({ how, ended, known }).toEqual({
        how,
        ended: "BackendIdMismatch",
        known: Array.from({ length: 5 }, () => "BackendIdMismatch"),
      })
      expect(fresh).toEqual(["ok", "ok", "BackendIdMismatch"])
    }
  })

  it("acknowledges nothing that a fresh pull does not show when it is wiped at any moment", () => {
    for (const seed of seeds) {
      const { outcome, numbers } = inWorld(
        (host) =>
          Effect.gen(function* () {
            const { b } = yield* pair(host)
            const c = yield* openClient(host, "c")
            const pushes = yield* Effect.forkChild(
              Effect.all([ending(b.push(chain(3))), ending(c.push(chain(0)))], { concurrency: "unbounded" }),
            )
            for (let turn = 0; turn < seed; turn++) yield* Effect.yieldNow
            yield* host.storage!.wipeBeneath!("store")
            const outcome = yield* Fiber.join(pushes)
            const fresh = yield* openClient(host, "fresh")
            return { outcome, numbers: numbersOf(yield* pullAll(fresh)) }
          }),
        { seed },
      )
      // b knew the life before: its event was there before the wipe, or never. c knew none: it is in the new life, or refused.
      expect(["ok", "BackendIdMismatch"]).toContain(outcome[0])
      expect(numbers).toEqual(outcome[1] === "ok" ? [1] : [])
    }
  })

  it("restores a snapshot as another life", () => {
    const { outcomes, pulled } = inWorld((host) =>
      Effect.gen(function* () {
        const { a, b } = yield* pair(host)
        const restore = yield* host.storage!.snapshot!("store")
        yield* b.push(chain(3, 2))
        yield* restore
        yield* Effect.sleep(recoveryMs)
        const c = yield* openClient(host, "c")
        const pulled = numbersOf(yield* pullAll(c))
        return { outcomes: [yield* ending(pullAll(a)), yield* ending(b.push(chain(5)))], pulled }
      }),
    )
    expect({ outcomes, pulled }).toEqual({ outcomes: ["BackendIdMismatch", "BackendIdMismatch"], pulled: [1, 2, 3] })
  })

  it("goes offline during an outage, shows it, and comes back with everything", () => {
    const { during, connected, after } = inWorld((host) =>
      Effect.gen(function* () {
        const { a, b, live } = yield* pair(host)
        const end = yield* host.storage!.outage!("store")
        const during = [yield* ending(b.push(chain(3))), yield* ending(pullAll(b)), yield* ending(b.ping)]
        yield* Effect.sleep(3_000)
        const connected = [a.connected(), b.connected()]
        const bit = yield* host.storage!.bit("store")
        yield* end
        yield* Effect.sleep(recoveryMs)
        connected.push(a.connected(), b.connected())
        return {
          during: [...during, bit > 0],
          connected,
          after: [yield* ending(b.push(chain(3))), live.numbers().length],
        }
      }),
    )
    expect(during).toEqual(["IsOffline", "IsOffline", "IsOffline", true])
    expect(connected).toEqual([false, false, true, true])
    expect(after[0]).toBe("ok")
  })

  it("leaves nothing of a batch whose statement failed, and takes it then", () => {
    const { outcomes, stored } = inWorld((host) =>
      Effect.gen(function* () {
        const { b } = yield* pair(host)
        yield* host.storage!.failWrite!("store", 1)
        const first = yield* ending(b.push(chain(3, 50)))
        const stored = (yield* host.inspect!("store")).length
        return { outcomes: [first, yield* ending(b.push(chain(3, 50)))], stored }
      }),
    )
    expect({ outcomes, stored }).toEqual({ outcomes: ["IsOffline", "ok"], stored: 3 })
  })

  it("is clean after a reset: no event, identity, connection, record or fault is left", () => {
    const { gauges, fresh, seen, push } = inWorld((host) =>
      Effect.gen(function* () {
        const { a } = yield* pair(host)
        yield* host.app!.revoke("x")
        yield* host.storage!.outage!("store")
        yield* host.reset!
        const gauges = yield* host.gauges!("store")
        const seen = yield* host.app!.seen("store")
        const c = yield* openClient(host, "c", { payload: { token: "revocable", id: "x" } })
        const fresh = numbersOf(yield* pullAll(c))
        yield* Effect.sleep(recoveryMs)
        return { gauges, fresh, seen, push: [yield* ending(c.push(chain(0))), yield* ending(a.push(chain(3)))] }
      }),
    )
    expect(gauges).toEqual({ sockets: 0, subscriptions: 0, connectionStateBytes: 0 })
    expect({ fresh, seen, push }).toEqual({ fresh: [], seen: [], push: ["ok", "BackendIdMismatch"] })
  })

  it("keeps stores with similar and odd names apart", () => {
    const names = [
      "a",
      "A",
      "a-b",
      "a_b",
      "é",
      "e\u0301",
      "'; DROP TABLE x",
      "../a",
      "a b",
      "__proto__",
      "",
      "x".repeat(101),
      "x".repeat(102),
    ]
    const found = inWorld((host) =>
      Effect.gen(function* () {
        const clients = yield* Effect.forEach(names, (storeId, n) =>
          Effect.gen(function* () {
            const client = yield* openClient(host, "one", { storeId })
            yield* client.push(chain(0, n + 1))
            return client
          }),
        )
        return yield* Effect.forEach(clients, (client) =>
          Effect.map(pullAll(client), (items) => numbersOf(items).length),
        )
      }),
    )
    expect(found).toEqual(names.map((_, n) => n + 1))
  })
})
