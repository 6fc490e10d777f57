import { Effect, Option } from "effect"
import type { Arena, ArenaClient, Settled } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { bareCursor, positions } from "./support/cursor.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** Repeats an operation that a wipe's own disturbance may answer with `IsOffline`, for at most the recovery time. */
const past = (arena: Arena, operation: Effect.Effect<Settled>): Effect.Effect<Settled> =>
  Effect.gen(function* () {
    let settled = yield* operation
    for (let n = 0; n < 20 && settled._tag === "indefinite" && settled.error._tag === "IsOffline"; n++) {
      yield* Effect.sleep(arena.capabilities.times.recoveryMs / 20)
      settled = yield* operation
    }
    return settled
  })

/** Requires `BackendIdMismatch`. Anything that succeeds adopted the new life. */
const expectMismatch = (arena: Arena, settled: Settled, what: string) =>
  settled._tag === "ok"
    ? arena.violation("identity-adopted", `${what} succeeded in the backend's new life`, [settled.op])
    : "error" in settled && settled.error._tag !== "BackendIdMismatch"
      ? arena.violation("identity-missed", `${what} ended with ${settled.error._tag} in the backend's new life; it had to fail with BackendIdMismatch`, [settled.op])
      : Effect.void

/** A client that knows the store's life: it has pushed and pulled. */
const knowing = (arena: Arena, clientId: string, parent: number) =>
  Effect.gen(function* () {
    const client = yield* arena.open(clientId)
    yield* arena.fill(client, parent, 3)
    const pulled = yield* client.pull()
    yield* arena.requireOk(pulled.settled, `a pull of client ${clientId}`)
    return { client, cursor: pulled.cursor }
  })

const pullOf = (client: ArenaClient, cursor?: Parameters<ArenaClient["pull"]>[0]) =>
  Effect.map(client.pull(cursor), ({ settled }) => settled)

export const resetChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "reset/id-stable",
    clause: "reset/id-stable",
    isolation: "host",
    needs: ["process.restart"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client, cursor } = yield* knowing(arena, "a", 0)
        for (let round = 0; round < 2; round++) {
          yield* arena.backend.restart
          // A backendId that changed would be a mismatch here, which the record judges as false.
          const settled = yield* past(arena, pullOf(client, cursor))
          yield* arena.requireOk(settled, `a pull with the old cursor after restart ${round + 1}`)
        }
        const pulled = yield* client.pull()
        yield* arena.expect(pulled.events.length === 3, "lost-ack", `after two restarts the log has ${positions(pulled.events)}`, [pulled.settled.op])
        yield* arena.requireOk(yield* client.push(arena.chain(client, 3, 1)), "a push after two restarts")
      }),
  },
  {
    ...base,
    id: "reset/id-stable#evict",
    clause: "reset/id-stable",
    needs: ["process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client, cursor } = yield* knowing(arena, "a", 0)
        for (const sockets of ["close", "hibernate"] as const) {
          yield* arena.backend.evict(sockets)
          const settled = yield* past(arena, pullOf(client, cursor))
          yield* arena.requireOk(settled, `a pull with the old cursor after an eviction (${sockets})`)
        }
        yield* arena.requireOk(yield* past(arena, client.push(arena.chain(client, 3, 1))), "a push after two evictions")
      }),
  },
  {
    ...base,
    id: "reset/id-stable#deploy",
    clause: "reset/id-stable",
    isolation: "host",
    needs: ["process.deploy"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client, cursor } = yield* knowing(arena, "a", 0)
        yield* arena.backend.deploy
        yield* arena.requireOk(yield* past(arena, pullOf(client, cursor)), "a pull with the old cursor after an upgrade")
        yield* arena.requireOk(yield* past(arena, client.push(arena.chain(client, 3, 1))), "a push after an upgrade")
      }),
  },
  {
    ...base,
    id: "reset/never-false",
    clause: "reset/never-false",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // Everything but a wipe: cuts, a lost memory, a new process, a bare cursor. Any mismatch is false.
        const { client, cursor } = yield* knowing(arena, "a", 0)
        yield* client.link.fault({ kind: "reset" })
        yield* arena.requireOk(yield* past(arena, pullOf(client, cursor)), "a pull after a reset connection")
        yield* client.crash
        const again = yield* arena.open("a")
        yield* arena.requireOk(yield* pullOf(again, cursor), "a pull of the restarted client")
        yield* arena.requireOk(yield* pullOf(again, bareCursor(2)), "a pull with a bare cursor")
        const lost = yield* arena.open("a", { memory: "fresh" })
        yield* arena.requireOk(yield* pullOf(lost), "a pull of the client that lost its memory and cursor")
        yield* arena.requireOk(yield* lost.push(arena.chain(lost, 3, 1)), "a push of the client that lost its memory")
        const other = yield* arena.open("b")
        yield* arena.requireOk(yield* other.push(arena.chain(other, 4, 1)), "a first push of a new client")
        yield* arena.requireOk(yield* pullOf(other), "a pull of the new client")
      }),
  },
  {
    ...base,
    id: "reset/pull-mismatch",
    clause: "reset/pull-mismatch",
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* knowing(arena, "a", 0)
        const b = yield* knowing(arena, "b", 3)
        yield* arena.backend.wipe()
        yield* expectMismatch(arena, yield* past(arena, pullOf(a.client, a.cursor)), "a pull with an old cursor")
        // The other meets a new life that has grown as long as the old one.
        const fresh = yield* arena.open("fresh")
        yield* arena.requireOk(yield* past(arena, fresh.push(arena.chain(fresh, 0, 8))), "a fresh client's push after the wipe")
        yield* expectMismatch(arena, yield* past(arena, pullOf(b.client, b.cursor)), "a pull with an old cursor, once the new log is as long")
        // A new process of a client that kept its memory and cursor.
        yield* a.client.close
        const again = yield* arena.open("a")
        yield* expectMismatch(arena, yield* past(arena, pullOf(again, a.cursor)), "a restarted client's pull with an old cursor")
      }),
  },
  {
    ...base,
    id: "reset/push-mismatch",
    clause: "reset/push-mismatch",
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* knowing(arena, "a", 0)
        const b = yield* arena.open("b")
        // b knows the old life by a push alone.
        yield* arena.fill(b, 3, 1)
        yield* arena.backend.wipe()
        yield* expectMismatch(arena, yield* past(arena, a.client.push(arena.chain(a.client, 4, 1))), "a push on the old head")
        yield* expectMismatch(arena, yield* past(arena, b.push(arena.chain(b, 0, 1))), "a push on the root by a client that had only pushed")
        yield* a.client.close
        const again = yield* arena.open("a")
        yield* expectMismatch(arena, yield* past(arena, again.push(arena.chain(again, 0, 1))), "a restarted client's push on the root")
      }),
  },
  {
    ...base,
    id: "reset/live-mismatch",
    clause: "reset/live-mismatch",
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs, recoveryMs, deliveryMs } = arena.capabilities.times
        const { client, cursor } = yield* knowing(arena, "a", 0)
        const live = yield* openLive(arena, client, cursor)
        yield* arena.backend.wipe()
        const fresh = yield* arena.open("fresh")
        yield* arena.requireOk(yield* past(arena, fresh.push(arena.chain(fresh, 0, 6))), "a fresh client's push after the wipe")
        let last = live
        let ended = yield* last.ends(detectionMs + recoveryMs + deliveryMs)
        for (let n = 0; n < 20 && ended !== undefined && "error" in ended && ended.error._tag === "IsOffline"; n++) {
          yield* Effect.sleep(recoveryMs / 20)
          last = yield* client.live(cursor)
          ended = yield* last.ends(detectionMs + recoveryMs + deliveryMs)
        }
        yield* arena.expect(ended !== undefined, "identity-missed", "a live pull open across a wipe stayed open; it had to fail", [live.op, last.op])
        if (ended !== undefined) yield* expectMismatch(arena, ended, "a live pull open across a wipe")
        const shown = [...live.events(), ...last.events()]
        yield* arena.expect(shown.length === 0, "identity-adopted", `a live pull of the old life yielded ${positions(shown)} of the new one`, [live.op, last.op])
        yield* last.interrupt()
      }),
  },
  {
    ...base,
    id: "reset/never-adopted",
    clause: "reset/never-adopted",
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* knowing(arena, "a", 0)
        const b = yield* arena.open("b")
        // b knows the life by an empty-handed pull alone.
        yield* arena.requireOk(yield* pullOf(b, a.cursor), "a pull at the head")
        yield* arena.backend.wipe()
        const fresh = yield* arena.open("fresh")
        yield* arena.requireOk(yield* past(arena, fresh.push(arena.chain(fresh, 0, 2))), "a fresh client's push after the wipe")
        yield* expectMismatch(arena, yield* past(arena, pullOf(a.client)), "a pull without a cursor by a client that knew the old life")
        yield* expectMismatch(arena, yield* past(arena, pullOf(b)), "a pull without a cursor by a client that had only pulled")
        yield* expectMismatch(arena, yield* past(arena, pullOf(a.client)), "the same pull again")
        const live = yield* b.live()
        const ended = yield* live.ends(arena.capabilities.times.deadlineMs)
        yield* arena.expect(ended !== undefined, "identity-adopted", "a live pull without a cursor stayed open in the new life", [live.op])
        yield* live.interrupt()
        yield* a.client.close
        const again = yield* arena.open("a")
        yield* expectMismatch(arena, yield* past(arena, pullOf(again)), "a restarted client's pull without a cursor")
      }),
  },
  {
    ...base,
    id: "reset/fresh-client",
    clause: "reset/fresh-client",
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        yield* knowing(arena, "a", 0)
        yield* arena.backend.wipe()
        const fresh = yield* arena.open("fresh")
        const settled = yield* past(arena, pullOf(fresh))
        yield* arena.requireOk(settled, "a fresh client's pull after a wipe")
        const pulled = yield* fresh.pull()
        yield* arena.expect(pulled.events.length === 0, "phantom", `a fresh client after a wipe sees ${positions(pulled.events)}`, [pulled.settled.op])
        yield* arena.requireOk(yield* fresh.push(arena.chain(fresh, 0, 2)), "a fresh client's push after a wipe")
        // A client that lost its memory is a fresh one, whatever its name.
        const lost = yield* arena.open("a", { memory: "fresh" })
        yield* arena.requireOk(yield* lost.push(arena.chain(lost, 2, 1)), "a push of a client that lost its memory")
      }),
  },
  {
    ...base,
    id: "reset/wipe-under-running",
    clause: "reset/wipe-under-running",
    needs: ["storage.wipeBeneath"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client, cursor } = yield* knowing(arena, "a", 0)
        yield* arena.backend.wipeBeneath()
        const stale = yield* client.push(arena.chain(client, 3, 1))
        yield* arena.expectSettled(stale, "a push on the old head after storage was wiped beneath the backend")
        yield* arena.expectSettled(yield* pullOf(client, cursor), "a pull after storage was wiped beneath the backend")
        const fresh = yield* arena.open("fresh")
        const pushed = yield* past(arena, fresh.push(arena.chain(fresh, 0, 2)))
        const reader = yield* arena.open("reader")
        const pulled = yield* reader.pull()
        const wanted = [stale, pushed].filter(({ _tag }) => _tag === "ok").length
        yield* arena.expect(
          pushed._tag !== "ok" || pulled.events.length >= 2,
          "lost-ack",
          `after storage was wiped beneath the backend ${wanted} pushes were acknowledged and a fresh pull shows ${positions(pulled.events)}`,
          [stale.op, pushed.op, pulled.settled.op],
        )
        yield* arena.expect(
          stale._tag !== "ok" || pulled.events.some(({ seqNum }) => seqNum === 4),
          "lost-ack",
          `a push on the old head was acknowledged after the wipe and a fresh pull shows ${positions(pulled.events)}`,
          [stale.op, pulled.settled.op],
        )
      }),
  },
  {
    ...base,
    id: "reset/older-snapshot",
    clause: "reset/older-snapshot",
    needs: ["storage.snapshot"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        const restore = yield* arena.backend.snapshot()
        yield* arena.fill(a, 3, 3)
        const ahead = yield* a.pull()
        yield* restore
        // The restored log is overtaken by another client before the first one comes back.
        const b = yield* arena.open("b")
        yield* arena.requireOk(yield* past(arena, b.push(arena.chain(b, 3, 4))), "a push on the restored head")
        const settled = yield* past(arena, pullOf(a, ahead.cursor))
        yield* arena.expect(
          settled._tag !== "ok",
          "fork",
          "a client ahead of a restored backend pulled with success; it has events that the backend no longer has",
          [ahead.settled.op, settled.op],
        )
        yield* arena.expectSettled(settled, "a pull ahead of a restored backend")
        const pushed = yield* past(arena, a.push(arena.chain(a, 6, 1)))
        yield* arena.expect(pushed._tag !== "ok", "fork", "a client ahead of a restored backend pushed on its own head with success", [pushed.op])
      }),
  },
  {
    ...base,
    id: "reset/foreign-cursor",
    clause: "reset/foreign-cursor",
    run: (arena) =>
      Effect.gen(function* () {
        // Two stores of one backend: the cursor of one is handed to the other, where another event stands there.
        const other = yield* arena.open("other", { storeId: arena.newStore("other") })
        yield* arena.fill(other, 0, 3)
        const foreign = yield* other.pull()
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 5)
        const withMetadata = Option.isSome(foreign.cursor) && Option.isSome(foreign.cursor.value.metadata)
        yield* arena.note("foreign:a")
        const settled = yield* pullOf(a, foreign.cursor)
        yield* arena.expect(
          settled._tag !== "ok",
          "cursor-skip",
          `a cursor whose event stands in another store was accepted${withMetadata ? "" : " (this provider's cursors carry no metadata)"}`,
          [foreign.settled.op, settled.op],
        )
      }),
  },
  {
    ...base,
    id: "reset/clean-state",
    clause: "reset/clean-state",
    isolation: "host",
    needs: ["reset", "gauges"],
    run: (arena) =>
      Effect.gen(function* () {
        const before = yield* knowing(arena, "a", 0)
        yield* openLive(arena, before.client, before.cursor)
        yield* before.client.close
        yield* arena.note("the harness resets the backend")
        yield* arena.backend.reset
        const gauges = yield* arena.backend.gauges()
        yield* arena.expect(
          (gauges.sockets ?? 0) === 0 && (gauges.subscriptions ?? 0) === 0,
          "leak",
          `after a reset the backend counts ${gauges.sockets} sockets and ${gauges.subscriptions} subscriptions`,
        )
        const fresh = yield* arena.open("fresh")
        const pulled = yield* fresh.pull()
        yield* arena.requireOk(pulled.settled, "a fresh client's pull after a reset")
        yield* arena.expect(pulled.events.length === 0, "phantom", `after a reset the store shows ${positions(pulled.events)}`, [pulled.settled.op])
        yield* arena.requireOk(yield* fresh.push(arena.chain(fresh, 0, 2)), "a push after a reset")
        // The next test's client never knew the old life; one that did meets a new backendId.
        const again = yield* arena.open("a")
        const old = yield* past(arena, pullOf(again, before.cursor))
        yield* arena.expect(old._tag !== "ok", "identity-adopted", "after a reset a client of the life before pulled with success: the backendId is the old one", [old.op])
      }),
  },
]
