import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, StandingFault } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { past, pullsAgain } from "./support/again.ts"
import { cutOff } from "./support/cut-off.ts"
import { gaugesReach } from "./support/gauges-reach.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** A push and a pull that succeed: the connection is of use. */
export const expectWorks = (arena: Arena, client: ArenaClient, parent: number, what: string) =>
  Effect.gen(function* () {
    const settled = yield* client.push(arena.chain(client, parent, 1))
    yield* arena.requireOk(settled, `${what}, a push`)
    const pulled = yield* client.pull()
    yield* arena.requireOk(pulled.settled, `${what}, a pull`)
  })

/** Whether a change of the client's status to disconnected, after so many changes, comes in time. */
export const seesLoss = (arena: Arena, client: ArenaClient, after: number, withinMs: number) =>
  arena.eventually(
    () =>
      client
        .statusChanges()
        .slice(after)
        .some(({ connected }) => !connected),
    withinMs,
  )

export const connChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "conn/starts-disconnected",
    clause: "conn/starts-disconnected",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.expect(!(yield* a.isConnected), "status-lie", "isConnected is true before the first operation")
      }),
  },
  {
    ...base,
    id: "conn/connect",
    clause: "conn/connect",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const settled = yield* a.connect
        yield* arena.requireOk(settled, "connect to a healthy backend")
        yield* arena.expect(yield* a.isConnected, "status-lie", "connect succeeded and isConnected is false", [
          settled.op,
        ])
        yield* expectWorks(arena, a, 0, "after connect")
      }),
  },
  {
    ...base,
    id: "conn/connect-again",
    clause: "conn/connect-again",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const both = yield* arena.together([a.connect, a.connect, a.connect])
        for (const settled of both) yield* arena.requireOk(settled, "one of three concurrent connects")
        yield* arena.requireOk(yield* a.connect, "a second connect")
        const one = yield* arena.eventually(() => a.link.counters().open <= 1, arena.capabilities.times.deliveryMs)
        yield* arena.expect(
          one,
          "leak",
          `four connects of one client left ${a.link.counters().open} connections open`,
          both.map(({ op }) => op),
        )
        yield* expectWorks(arena, a, 0, "after four connects")
      }),
  },
  unreachable("conn/unreachable", "refuses connections", { waits: true }, ({ link }) => link.fault({ kind: "refuse" })),
  unreachable("conn/unreachable#silent", "never answers", {}, silence),
  {
    ...base,
    id: "conn/unreachable#down",
    clause: "conn/unreachable",
    cost: "heavy",
    isolation: "host",
    needs: ["process.kill"],
    run: (arena) =>
      Effect.gen(function* () {
        yield* arena.backend.kill
        const a = yield* arena.open("a")
        const settled = yield* a.connect
        yield* arena.expectError(settled, ["IsOffline"], "connect to a backend that was killed", "status-lie")
        yield* arena.backend.start
        yield* expectConnects(arena, a, "connect after the backend was started")
      }),
  },
  {
    ...base,
    id: "conn/ping",
    waits: true,
    clause: "conn/ping",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* a.connect
        for (let n = 0; n < 3; n++) yield* arena.requireOk(yield* a.ping, "ping on a healthy connection")
        const silent = yield* a.link.fault({ kind: "half-open", direction: "both" })
        const dead = yield* a.ping
        yield* arena.expectError(dead, ["IsOffline"], "ping on a silent link", "status-lie")
        // A ping that succeeded without a word on the wire was caught already.
        yield* arena.premise(silent.bit() > 0 || dead._tag === "ok", "the silence did not bite")
        yield* silent.heal
        yield* pullsAgain(arena, a, "after the link healed")
        const refuse = yield* cutOff(a)
        yield* arena.expectError(
          yield* a.ping,
          ["IsOffline"],
          "ping after a reset with connections refused",
          "status-lie",
        )
        yield* refuse.heal
      }),
  },
  lossDetected("conn/loss-detected", "the link was reset and refused", cutOff),
  lossDetected("conn/loss-detected#half-open", "the link went silent", silence),
  {
    ...base,
    id: "conn/recovers",
    clause: "conn/recovers",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs, recoveryMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        yield* a.connect
        yield* expectWorks(arena, a, 0, "before the cut")
        let live = yield* openLive(arena, a)
        const refuse = yield* cutOff(a)
        yield* a.statusIs(false, detectionMs)
        // Nothing but the live pull is left to bring the connection back; one that failed is reopened once, after the heal.
        yield* refuse.heal
        if (live.now() !== undefined) live = yield* a.live(live.cursor())
        yield* arena.expect(
          yield* a.statusIs(true, recoveryMs),
          "status-lie",
          `the link healed with a live pull open, and isConnected stayed false for the recovery time of ${recoveryMs} ms`,
          [live.op],
        )
        yield* expectWorks(arena, a, 1, "after the heal")
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/recovers#first-connect-failed",
    clause: "conn/recovers",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const { recoveryMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        const refuse = yield* a.link.fault({ kind: "refuse" })
        const settled = yield* a.connect
        yield* arena.expectError(settled, ["IsOffline"], "the only connect, to a backend that is down", "status-lie")
        let live = yield* a.live()
        yield* refuse.heal
        // A live pull may have failed while the backend was down: then the caller reopens it, and calls nothing else.
        yield* arena.eventually(() => live.now() !== undefined || a.link.counters().open > 0, recoveryMs / 4)
        for (let n = 0; n < 10 && live.now() !== undefined; n++) {
          live = yield* a.live()
          yield* arena.eventually(() => live.now() !== undefined, recoveryMs / 20)
        }
        yield* arena.expect(
          yield* a.statusIs(true, recoveryMs),
          "status-lie",
          `the only connect failed, the backend came up with a live pull open, and isConnected stayed false for ${recoveryMs} ms`,
          [settled.op, live.op],
        )
        yield* expectWorks(arena, a, 0, "after the backend came up")
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/status-honest",
    waits: true,
    clause: "conn/status-honest",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // The record's status-lie checker argues from operations and status; this makes all four phases.
        const { detectionMs, recoveryMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        yield* a.connect
        yield* expectWorks(arena, a, 0, "at the start")
        const live = yield* openLive(arena, a)
        const refuse = yield* cutOff(a)
        const down = yield* a.statusIs(false, detectionMs)
        yield* a.push(arena.chain(a, 1, 1))
        yield* a.pull()
        yield* arena.expect(
          down && !(yield* a.isConnected),
          "status-lie",
          "every push and pull fails, and isConnected is true beyond the detection time",
        )
        yield* refuse.heal
        yield* pullsAgain(arena, a, "after the heal")
        yield* arena.expect(
          yield* a.statusIs(true, recoveryMs),
          "status-lie",
          "pulls succeed, and isConnected stays false beyond the recovery time",
        )
        // A refusal is a success here: it must not turn the status.
        const before = a.statusChanges().length
        yield* a.push(arena.chain(a, 0, 1))
        yield* a.push(arena.chain(a, 0, 1))
        yield* arena.expect(a.statusChanges().length === before, "status-lie", "a refused push turned isConnected")
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "conn/close-releases",
    waits: true,
    clause: "conn/close-releases",
    needs: ["endpoint", "gauges"],
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* expectWorks(arena, b, 0, "a neighbour")
        const before = yield* arena.backend.gauges()
        yield* a.connect
        yield* openLive(arena, a)
        yield* openLive(arena, a)
        const closed = yield* a.close
        yield* arena.expect(closed, "stuck", "closing a client's scope did not end within the deadline")
        const here = yield* arena.eventually(() => a.link.counters().open === 0, arena.capabilities.times.deliveryMs)
        yield* arena.expect(here, "leak", `a closed client left ${a.link.counters().open} connections open`)
        const there = yield* gaugesReach(arena, {
          sockets: before.sockets ?? 0,
          subscriptions: before.subscriptions ?? 0,
        })
        yield* arena.expect(
          there.held,
          "leak",
          `after a client was closed the backend counts ${there.sockets} sockets and ${there.subscriptions} subscriptions; before it opened there were ${before.sockets} and ${before.subscriptions}`,
        )
        const attempts = a.link.counters().connections
        yield* Effect.sleep(arena.capabilities.times.detectionMs)
        yield* arena.expect(
          a.link.counters().connections === attempts,
          "leak",
          `a closed client opened ${a.link.counters().connections - attempts} connections`,
        )
      }),
  },
]

/** The link says nothing more, both ways, and stays open. */
function silence({ link }: ArenaClient) {
  return link.fault({ kind: "half-open", direction: "both" })
}

/** The first connect meets a link that leads nowhere; the next one, after the heal, succeeds. */
function unreachable(
  id: string,
  how: string,
  check: Partial<Check>,
  fault: (client: ArenaClient) => Effect.Effect<StandingFault, CheckStop>,
): Check {
  return {
    ...base,
    id,
    clause: "conn/unreachable",
    needs: ["endpoint"],
    ...check,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const standing = yield* fault(a)
        const settled = yield* a.connect
        yield* arena.premise(standing.bit() > 0, "connect never reached the link")
        yield* arena.expectError(settled, ["IsOffline"], `connect to a backend that ${how}`, "status-lie")
        yield* standing.heal
        yield* expectConnects(arena, a, "connect after the link healed")
      }),
  }
}

/** With a live pull open the link is lost: `isConnected` says so within the detection time. */
function lossDetected(
  id: string,
  what: string,
  lose: (client: ArenaClient) => Effect.Effect<StandingFault, CheckStop>,
): Check {
  return {
    ...base,
    id,
    clause: "conn/loss-detected",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs } = arena.capabilities.times
        const a = yield* arena.open("a")
        yield* a.connect
        yield* openLive(arena, a)
        const before = a.statusChanges().length
        yield* lose(a)
        yield* arena.expect(
          yield* seesLoss(arena, a, before, detectionMs),
          "status-lie",
          `${what}, and isConnected stayed true for the detection time of ${detectionMs} ms`,
        )
      }),
  }
}

/** Connect succeeds soon: a client that backs off may refuse the first tries. */
function expectConnects(arena: Arena, client: ArenaClient, what: string) {
  return Effect.gen(function* () {
    const settled = yield* past(arena, client.connect)
    yield* arena.requireOk(settled, what)
    yield* arena.expect(yield* client.isConnected, "status-lie", `${what} succeeded and isConnected is false`, [
      settled.op,
    ])
  })
}
