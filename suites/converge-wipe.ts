import { Effect, type Scope } from "effect"
import type { SyncErrorTag } from "../contract/errors.ts"
import type { Arena, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { stopInWords } from "../workloads/sync-client/stop.ts"
import { makePlainClient, type SyncClient } from "../workloads/sync-client/sync-client.ts"
import { expectConverged, healthyMs, recoveringMs, settle, startAll, expectSettledClients } from "./support/converge.ts"
import { refusalTags } from "./support/tags.ts"

const base = {
  clause: "converge/under-faults",
  cost: "quick",
  // On Miniflare an aborted object leaves sockets open if others connected while they did: nobody else may.
  isolation: "host",
  premises: ["the clients converged before"],
} as const

/** Somebody new begins the backend's new life: a client that only listens may hear of that life by what is pushed in it. */
const newcomer = (arena: Arena) =>
  Effect.gen(function* () {
    const client = makePlainClient(arena, "newcomer")
    yield* client.start
    client.commit(2)
    return client
  })

/** Every client ends, with an error that says why, and none of them goes on into the new life by itself. */
const expectEndTyped = (
  arena: Arena,
  clients: ReadonlyArray<SyncClient<number>>,
  tags: ReadonlyArray<SyncErrorTag>,
  what: string,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const withinMs = recoveringMs(arena)
    const allowed = refusalTags(arena.capabilities, tags)
    yield* arena.eventually(() => clients.every((client) => client.stop() !== undefined), withinMs)
    for (const client of clients) {
      const stop = client.stop()
      const ops = stop !== undefined && "op" in stop ? [stop.op] : []
      yield* arena.expect(
        stop !== undefined && allowed.some((tag) => tag === stop.ending),
        "identity-missed",
        `${what} client ${client.id} ${stopInWords(stop)} within ${withinMs} ms; it had to end with ${allowed.join(" or ")}`,
        ops,
      )
    }
  })

/** Clients that lost disk and memory begin anew, commit, and converge with the one that was new already. */
const beginAnew = (
  arena: Arena,
  clients: ReadonlyArray<SyncClient<number>>,
  other: SyncClient<number>,
  what: string,
): Effect.Effect<void, CheckStop, Scope.Scope> =>
  Effect.gen(function* () {
    for (const client of clients) {
      yield* client.close
      yield* client.forget
    }
    for (const client of clients) yield* client.start
    for (const client of clients) client.commit(3)
    yield* expectConverged(arena, [...clients, other], recoveringMs(arena), what)
  })

/** Three clients that converged, one of which is not running when it happens. */
const beforehand = (arena: Arena) =>
  Effect.gen(function* () {
    const clients = yield* startAll(arena, ["a", "b", "away"])
    for (const client of clients) client.commit(3)
    yield* expectSettledClients(arena, clients)
    return clients
  })

export const convergeWipeChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "converge/under-faults#wiped",
    waits: true,
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* beforehand(arena)
        const [a, , away] = clients as [SyncClient<number>, SyncClient<number>, SyncClient<number>]
        yield* away.close
        yield* arena.backend.wipe()
        a.commit(2)
        yield* away.start
        away.commit(2)
        const other = yield* newcomer(arena)
        yield* expectEndTyped(arena, clients, ["BackendIdMismatch"], "after a wipe")
        for (const client of clients) {
          const { log, pending } = client.disk()
          yield* arena.expect(
            client.stop()?.ending !== "BackendIdMismatch" || log.length + pending.length === 0,
            "identity-adopted",
            `client ${client.id} ended with BackendIdMismatch and kept ${log.length} events of the life before and ${pending.length} pending`,
          )
        }
        yield* beginAnew(arena, clients, other, "after a wipe, with cleared memory,")
      }),
  },
  {
    ...base,
    id: "converge/under-faults#restored",
    cost: "heavy",
    waits: true,
    needs: ["storage.snapshot"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* beforehand(arena)
        const away = clients[2]!
        const restore = yield* arena.backend.snapshot()
        for (const client of clients) client.commit(2)
        yield* arena.premise(yield* settle(arena, clients, healthyMs(arena)), "the clients did not converge again")
        yield* away.close
        yield* restore
        yield* away.start
        const other = yield* newcomer(arena)
        yield* expectEndTyped(arena, clients, ["BackendIdMismatch", "CursorAhead"], "after a restore of an older state")
        yield* beginAnew(arena, clients, other, "after a restore, with cleared memory,")
      }),
  },
]
