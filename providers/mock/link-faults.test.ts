import { Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import type { LinkFault } from "../../contract/fault.ts"
import { Timers } from "../../chaos/timers.ts"
import { mockCapabilities } from "./capabilities.ts"
import { chain, ending, inWorld, numbersOf, openClient, pullAll, startLive } from "./mock-fixture.ts"

const { detectionMs, recoveryMs, deadlineMs } = mockCapabilities.times

/** How long an effect takes, in virtual milliseconds, and what it gives. */
const timed = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const { nowMs } = yield* Timers
    const fromMs = nowMs()
    const result = yield* effect
    return { result, ms: nowMs() - fromMs }
  })

describe("the mock behind a link", () => {
  it("notices a reset and a silent link while a live pull is open, and recovers by itself", () => {
    const faults: ReadonlyArray<LinkFault> = [
      { kind: "reset" },
      { kind: "half-open", direction: "both" },
      { kind: "half-open", direction: "up" },
      { kind: "half-open", direction: "down" },
    ]
    for (const fault of faults) {
      const { lost, back, push } = inWorld((host) =>
        Effect.gen(function* () {
          const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
          yield* a.connect
          const live = yield* startLive(a)
          yield* Effect.sleep(700)
          a.link.fault({ kind: "refuse" })
          const standing = a.link.fault(fault)
          yield* Effect.sleep(detectionMs)
          const lost = { connected: a.connected(), ended: live.ended() }
          yield* b.push(chain(0))
          a.link.heal()
          standing.heal()
          yield* Effect.sleep(recoveryMs)
          return { lost, back: a.connected(), push: yield* ending(a.push(chain(1))) }
        }),
      )
      expect({ fault, lost, back, push }).toEqual({
        fault,
        lost: { connected: false, ended: "IsOffline" },
        back: true,
        push: "ok",
      })
    }
  })

  it("lets a live pull go on exactly where it was when the link comes back at once", () => {
    const { numbers, ended, connections } = inWorld((host) =>
      Effect.gen(function* () {
        const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
        const live = yield* startLive(a)
        yield* b.push(chain(0, 3))
        yield* Effect.sleep(10)
        a.link.fault({ kind: "reset" })
        yield* b.push(chain(3, 2))
        yield* Effect.sleep(1_000)
        return { numbers: live.numbers(), ended: live.ended(), connections: a.link.counters().connections }
      }),
    )
    expect({ numbers, ended, connections }).toEqual({ numbers: [1, 2, 3, 4, 5], ended: "", connections: 2 })
  })

  it("delivers within the delivery time and a heartbeat though every poke is lost", () => {
    const numbers = inWorld((host) =>
      Effect.gen(function* () {
        const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
        const live = yield* startLive(a)
        yield* Effect.sleep(10)
        a.link.fault({ kind: "drop", match: { role: "poke", times: Infinity } })
        yield* b.push(chain(0, 2))
        yield* Effect.sleep(1_500)
        return live.numbers()
      }),
    )
    expect(numbers).toEqual([1, 2])
  })

  it("says that it does not know when the answer to a push is lost, and stores it once", () => {
    const { first, again, stored, live } = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* a.connect
        const live = yield* startLive(a)
        a.link.fault({ kind: "drop", match: { operation: "push", role: "answer" } })
        const first = yield* timed(ending(a.push(chain(0, 2))))
        yield* Effect.sleep(recoveryMs)
        const again = yield* ending(a.push(chain(0, 2)))
        return { first, again, stored: (yield* host.inspect!("store")).length, live: live.numbers() }
      }),
    )
    expect(first.result).toBe("IsOffline")
    expect(first.ms).toBeLessThan(deadlineMs)
    expect({ again, stored, live }).toEqual({ again: "ServerAhead", stored: 2, live: [1, 2] })
  })

  it("handles a push that the wire doubled once", () => {
    for (let seed = 0; seed < 30; seed++) {
      const { push, stored } = inWorld(
        (host) =>
          Effect.gen(function* () {
            const a = yield* openClient(host, "a")
            a.link.fault({ kind: "duplicate", match: { operation: "push", role: "request" } })
            const push = yield* ending(a.push(chain(0, 2)))
            yield* Effect.sleep(100)
            return { push, stored: (yield* host.inspect!("store")).length }
          }),
        { seed },
      )
      expect({ push, stored }).toEqual({ push: "ok", stored: 2 })
    }
  })

  it("fails an operation that garbage answers, and does the next", () => {
    const bodies = [
      "<html>bad gateway</html>",
      "{}",
      '{"t":"page","id":1,"events":"none"}\n',
      '{"t":"pa',
      "null\n",
      '{"t":"other"}\n',
    ]
    for (const body of bodies) {
      const { pull, push, pulled } = inWorld((host) =>
        Effect.gen(function* () {
          const a = yield* openClient(host, "a")
          yield* a.push(chain(0, 2))
          a.link.fault({
            kind: "garbage",
            match: { operation: ["pull", "push"], role: ["page", "answer"], times: 2 },
            body,
          })
          const pull = yield* ending(pullAll(a))
          yield* ending(a.push(chain(2)))
          const pulled = numbersOf(yield* pullAll(a))
          return { pull, push: yield* ending(a.push(chain(pulled.length))), pulled }
        }),
      )
      expect({ body, pull, push }).toEqual({ body, pull: "IsOffline", push: "ok" })
      expect([
        [1, 2],
        [1, 2, 3],
      ]).toContainEqual(pulled)
    }
  })

  it("is not misled by chunks that are split, joined and late", () => {
    const { pulled, live } = inWorld((host) =>
      Effect.gen(function* () {
        const [a, b] = [yield* openClient(host, "a"), yield* openClient(host, "b")]
        a.link.fault({ kind: "split", maxBytes: 7, direction: "both" })
        b.link.fault({ kind: "coalesce", windowMs: 20, direction: "both" })
        b.link.fault({ kind: "delay", ms: 30, jitterMs: 50, direction: "both" })
        const live = yield* startLive(b)
        for (let head = 0; head < 30; head += 3) yield* a.push(chain(head, 3))
        yield* Effect.sleep(5_000)
        return { pulled: numbersOf(yield* pullAll(a)), live: live.numbers() }
      }),
    )
    expect(pulled).toEqual(chain(0, 30).map(({ seqNum }) => seqNum))
    expect(live).toEqual(pulled)
  })

  it("makes at most twenty attempts a minute with gaps that never shrink, and starts afresh after success", () => {
    const { attempts, gaps, recovered } = inWorld((host) =>
      Effect.gen(function* () {
        const { nowMs } = yield* Timers
        const a = yield* openClient(host, "a")
        const tried: Array<number> = []
        yield* a.connect
        yield* startLive(a)
        yield* Effect.sleep(10)
        a.link.fault({ kind: "refuse" })
        a.link.fault({ kind: "reset" })
        let refused = 0
        for (let tick = 0; tick < 60_000; tick += 5) {
          yield* Effect.sleep(5)
          if (a.link.counters().refused > refused) tried.push(nowMs())
          refused = a.link.counters().refused
        }
        a.link.heal()
        yield* Effect.sleep(recoveryMs)
        yield* a.push(chain(0))
        a.link.fault({ kind: "reset" })
        const recovered = yield* timed(Effect.repeat(Effect.sleep(5), { until: () => a.connected() }))
        return { attempts: tried.length, gaps: tried.slice(1).map((at, n) => at - tried[n]!), recovered: recovered.ms }
      }),
    )
    expect(attempts).toBeLessThanOrEqual(20)
    expect(attempts).toBeGreaterThan(8)
    // A tick of the observer is 5 ms.
    for (const [n, gap] of gaps.slice(1).entries()) expect(gap).toBeGreaterThanOrEqual(gaps[n]! - 5)
    expect(recovered).toBeLessThan(500)
  })

  it("stays away for as long as an answer in HTTP asks", () => {
    const text = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 20\r\ncontent-length: 5\r\n\r\nlater"
    const counts = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* a.connect
        a.link.fault({ kind: "http-answer", status: 429, headers: { "retry-after": "20" }, body: text })
        a.link.fault({ kind: "reset" })
        const before = a.link.counters().connections
        const connect = yield* timed(ending(a.push(chain(0))))
        yield* Effect.sleep(60_000 - connect.ms)
        return { attempts: a.link.counters().connections - before, connect }
      }),
    )
    expect(counts.attempts).toBeLessThanOrEqual(4)
    expect(counts.connect.result).toBe("IsOffline")
    expect(counts.connect.ms).toBeLessThan(deadlineMs)
  })

  it("keeps pulls that are retried at once and for ever to five attempts a second", () => {
    for (const down of ["refused", "storage"] as const) {
      const { pulls, frames } = inWorld((host) =>
        Effect.gen(function* () {
          const a = yield* openClient(host, "a")
          yield* a.push(chain(0))
          if (down === "refused") {
            a.link.fault({ kind: "refuse" })
            a.link.fault({ kind: "reset" })
          } else yield* host.storage!.outage!("store")
          const before = a.link.counters()
          let pulls = 0
          const retrying = yield* Effect.forkChild(Effect.forever(Effect.map(ending(pullAll(a)), () => void pulls++)))
          yield* Effect.sleep(10_000)
          yield* Fiber.interrupt(retrying)
          const after = a.link.counters()
          return { pulls, frames: after.framesUp + after.connections - before.framesUp - before.connections }
        }),
      )
      expect(pulls).toBeGreaterThan(2)
      // Pings are not pulls: one in 1.2 seconds at most.
      expect({ down, frames: frames <= 60 }).toEqual({ down, frames: true })
    }
  })

  it("frees the subscription of an ended live pull though the wire loses its end, or brings its beginning late", () => {
    const faults: ReadonlyArray<LinkFault> = [
      { kind: "drop", match: { operation: "live", role: "cancel" } },
      { kind: "hold", match: { operation: "live", role: "request" } },
    ]
    for (const fault of faults) {
      const counted = inWorld((host) =>
        Effect.gen(function* () {
          const a = yield* openClient(host, "a")
          yield* a.connect
          const standing = a.link.fault(fault)
          const live = yield* startLive(a)
          yield* Effect.sleep(100)
          yield* live.stop
          standing.release()
          yield* Effect.sleep(2_000)
          const other = yield* startLive(a)
          yield* Effect.sleep(10)
          const { subscriptions } = yield* host.gauges!("store")
          yield* other.stop
          return { subscriptions, bit: standing.bit(), connections: a.link.counters().connections }
        }),
      )
      expect({ fault, ...counted }).toEqual({ fault, subscriptions: 1, bit: 1, connections: 1 })
    }
  })

  it("interrupts a push on a dead link at once and goes on with others", () => {
    const { interrupted, later } = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* a.connect
        const silent = a.link.fault({ kind: "half-open", direction: "both" })
        const push = yield* Effect.forkChild(ending(a.push(chain(0))))
        yield* Effect.sleep(100)
        const interrupted = yield* timed(Fiber.interrupt(push))
        silent.heal()
        yield* Effect.sleep(recoveryMs)
        return { interrupted: interrupted.ms, later: yield* ending(a.push(chain(0))) }
      }),
    )
    expect({ interrupted, later }).toEqual({ interrupted: 0, later: "ok" })
  })

  it("does not believe in a connection on which only pings are answered", () => {
    const { during, after } = inWorld((host) =>
      Effect.gen(function* () {
        const a = yield* openClient(host, "a")
        yield* a.connect
        a.link.fault({ kind: "drop", match: { operation: "push", role: "answer", times: Infinity } })
        const push = yield* Effect.forkChild(ending(a.push(chain(0))))
        yield* Effect.sleep(detectionMs)
        const during = a.connected()
        yield* Fiber.join(push)
        a.link.heal()
        yield* Effect.sleep(recoveryMs)
        return { during, after: a.connected() }
      }),
    )
    expect({ during, after }).toEqual({ during: false, after: true })
  })
})
