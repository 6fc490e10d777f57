import { Effect, type Scope } from "effect"
import type { Json } from "../contract/json.ts"
import type { Hook } from "../contract/test-application.ts"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { payloadNamesChecks } from "./payload-names.ts"
import { payloadRejectedChecks } from "./payload-rejected.ts"
import { past } from "./support/again.ts"
import { expectHooks, hooksDuring, sawPayload } from "./support/hooks.ts"
import { awkwardPayloads, payloadOfSize } from "./support/payloads.ts"

const base = { cost: "quick", isolation: "store", needs: ["app"], premises: [] } as const

/** One operation of a client and the hooks of which one must be asked about it. */
interface Asked {
  readonly what: string
  /** A backend whose protocol cannot tell a live pull from another says `pull`. */
  readonly hooks: ReadonlyArray<Hook>
  readonly run: (arena: Arena, client: ArenaClient, log: Log) => Effect.Effect<unknown, CheckStop, Scope.Scope>
}

/** How far the log has come that the operations push to. */
interface Log {
  head: number
}

const operations: ReadonlyArray<Asked> = [
  { what: "push", hooks: ["push"], run: (arena, client, log) => arena.fill(client, log.head++, 1) },
  {
    what: "pull",
    hooks: ["pull"],
    run: (arena, client) =>
      Effect.flatMap(client.pull(), ({ settled }) => arena.requireOk(settled, `a pull of ${client.id}`)),
  },
  {
    what: "live pull",
    hooks: ["live", "pull"],
    run: (arena, client) => Effect.flatMap(openLive(arena, client), (live) => live.interrupt()),
  },
]

/** Runs operations, each alone, and looks at what the hooks saw meanwhile: they were asked, and saw this payload. */
const asking =
  (arena: Arena, log: Log = { head: 0 }) =>
  (client: ArenaClient, asked: ReadonlyArray<Asked>, payload: Json | undefined, when = "") =>
    Effect.forEach(
      asked,
      ({ what, hooks, run }) =>
        Effect.flatMap(hooksDuring(arena, run(arena, client, log), { storeId: client.storeId, hooks }), (calls) =>
          expectHooks(arena, calls, hooks, payload, `client ${client.id}'s ${what}${when}`),
        ),
      { discard: true },
    )

/**
 * Opens a client and connects it. A client may dial as soon as it is opened, so the connect hook counts from there.
 */
const opening = (arena: Arena, clientId: string, payload: Json | undefined) =>
  Effect.gen(function* () {
    const opened: Array<ArenaClient> = []
    const connect = Effect.gen(function* () {
      const client = yield* arena.open(clientId, payload === undefined ? {} : { payload })
      opened.push(client)
      yield* arena.requireOk(yield* client.connect, `connect of ${clientId}`)
    })
    const calls = yield* hooksDuring(arena, connect, { hooks: ["connect"] })
    yield* expectHooks(arena, calls, ["connect"], payload, `client ${clientId}'s connect`)
    return opened[0]!
  })

const ada = { user: "ada", roles: ["writer", { team: 7 }], note: "é&=#%" }

export const payloadChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "payload/reaches",
    clause: "payload/reaches",
    run: (arena) =>
      Effect.gen(function* () {
        const expectAsked = asking(arena)
        yield* expectAsked(yield* opening(arena, "a", ada), operations, ada)
        // Without a connect before, whatever the first operation is.
        for (const operation of operations) {
          const client = yield* arena.open(`first-${operation.what.replace(" ", "-")}`, { payload: ada })
          yield* expectAsked(client, [operation], ada, ", its first operation")
        }
      }),
  },
  {
    ...base,
    id: "payload/reaches#after-eviction",
    clause: "payload/reaches",
    needs: ["app", "process.evict"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a", { payload: ada })
        yield* arena.requireOk(yield* a.connect, "connect with a payload")
        yield* arena.fill(a, 0, 1)
        const expectAsked = asking(arena, { head: 1 })
        for (const sockets of ["hibernate", "close"] as const) {
          yield* arena.backend.evict(sockets)
          yield* past(arena, a.ping)
          yield* expectAsked(a, operations, ada, ` after an eviction (${sockets})`)
        }
      }),
  },
  {
    ...base,
    id: "payload/reaches#after-reconnect",
    clause: "payload/reaches",
    needs: ["app", "endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a", { payload: ada })
        yield* arena.requireOk(yield* a.connect, "connect with a payload")
        const reset = yield* a.link.fault({ kind: "reset" })
        yield* past(arena, a.ping)
        yield* arena.premise(yield* reset.bites(), "the reset did not bite")
        yield* asking(arena)(a, operations, ada, " after its connection was made again")
      }),
  },
  {
    ...base,
    id: "payload/absent",
    clause: "payload/absent",
    run: (arena) =>
      Effect.gen(function* () {
        // Another client with a payload came first and stays: its payload must not stick.
        const expectAsked = asking(arena)
        const other = yield* opening(arena, "other", { user: "other" })
        yield* expectAsked(other, operations, { user: "other" })
        const a = yield* opening(arena, "a", undefined)
        yield* expectAsked(a, operations, undefined)
        // The other way round: the absence of one client's payload takes nothing from the other.
        yield* expectAsked(other, operations, { user: "other" })
      }),
  },
  {
    ...base,
    id: "payload/own",
    clause: "payload/own",
    run: (arena) =>
      Effect.gen(function* () {
        const payloads: ReadonlyArray<Json | undefined> = [
          { user: "ada" },
          { user: "bob" },
          { user: "bob", second: true },
          undefined,
        ]
        const clients = yield* Effect.forEach(payloads, (payload, n) =>
          arena.open(`c${n}`, payload === undefined ? {} : { payload }),
        )
        yield* arena.together(clients.map((client) => Effect.asVoid(client.connect)))
        const expectAsked = asking(arena)
        for (const [n, client] of clients.entries()) yield* expectAsked(client, operations, payloads[n])
        // All at once: nobody's call may carry another's, so each payload is seen as often as its client asked.
        const calls = yield* hooksDuring(
          arena,
          arena.together(clients.flatMap((client) => [client.pull(), client.pull()])),
        )
        const pulls = calls.filter(({ hook }) => hook === "pull")
        for (const [n, client] of clients.entries()) {
          const own = pulls.filter((call) => sawPayload(call, payloads[n])).length
          yield* arena.expect(
            own === 2,
            "payload-bleed",
            `${clients.length} clients pulled twice each at once, and ${own} of ${pulls.length} calls of the pull hook saw the payload of ${client.id}`,
          )
        }
      }),
  },
  {
    ...base,
    id: "payload/any-json",
    clause: "payload/any-json",
    run: (arena) =>
      Effect.gen(function* () {
        const expectAsked = asking(arena)
        // A live pull hands the payload over as a pull does.
        const once = operations.filter(({ what }) => what !== "live pull")
        const largest = payloadOfSize(arena.capabilities.limits.payloadBytes)
        for (const [n, payload] of [...awkwardPayloads, largest].entries()) {
          const client = yield* opening(arena, `a${n}`, payload)
          yield* expectAsked(client, once, payload)
          yield* client.close
        }
      }),
  },
  ...payloadRejectedChecks,
  ...payloadNamesChecks,
]
