import { Effect } from "effect"
import type { HostPart } from "../contract/provider.ts"
import type { Arena, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { resetRestoredChecks } from "./reset-restored.ts"
import { resetWipeChecks } from "./reset-wipe.ts"
import { past, pushesAgain } from "./support/again.ts"
import { bareCursor, positions } from "./support/cursor.ts"
import { knowing, pullOf } from "./support/knowing.ts"
import { changesInstance } from "./support/process.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/**
 * Things that happen to a backend and keep its life: after each of them a client that knew it before pulls at its
 * old cursor, the log is whole, and pushes go on. A backendId that changed would be a mismatch here, which the
 * record judges as false.
 */
const keepsLife = (
  word: string,
  needs: ReadonlyArray<HostPart>,
  check: Partial<Check>,
  steps: ReadonlyArray<readonly [string, (arena: Arena) => Effect.Effect<void, CheckStop>]>,
): Check => ({
  ...base,
  id: `reset/id-stable${word}`,
  clause: "reset/id-stable",
  needs,
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      const { client, cursor } = yield* knowing(arena, "a", 0)
      let head = 3
      for (const [what, happen] of steps) {
        yield* changesInstance(arena, what, happen(arena))
        yield* arena.requireOk(yield* past(arena, pullOf(client, cursor)), `a pull with the old cursor after ${what}`)
        const pulled = yield* client.pull()
        yield* arena.expect(
          pulled.events.length === head,
          "lost-ack",
          `after ${what} the log has ${positions(pulled.events)}; ${head} events were acknowledged`,
          [pulled.settled.op],
        )
        head = yield* pushesAgain(arena, client, `after ${what}`)
      }
    }),
})

export const resetChecks: ReadonlyArray<Check> = [
  keepsLife("", ["process.restart"], { isolation: "host" }, [["a restart", (arena) => arena.backend.restart]]),
  keepsLife("#evict", ["process.evict"], {}, [
    ["an eviction that ends the connections", (arena) => arena.backend.evict("close")],
    ["an eviction that keeps the connections", (arena) => arena.backend.evict("hibernate")],
  ]),
  keepsLife("#deploy", ["process.deploy"], { cost: "heavy", isolation: "host" }, [
    ["a restart", (arena) => arena.backend.restart],
    ["an upgrade", (arena) => arena.backend.deploy],
    ["a restart after it", (arena) => arena.backend.restart],
  ]),
  {
    ...base,
    id: "reset/never-false",
    clause: "reset/never-false",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // A cut, a crash, a bare cursor, a lost client, new clients. Any mismatch is false.
        const { client, cursor } = yield* knowing(arena, "a", 0)
        const reset = yield* client.link.fault({ kind: "reset" })
        yield* arena.requireOk(yield* past(arena, pullOf(client, cursor)), "a pull after a reset connection")
        yield* arena.premise(yield* reset.bites(), "the reset did not bite")
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
    id: "reset/never-false#first-contact",
    clause: "reset/never-false",
    run: (arena) =>
      Effect.gen(function* () {
        // A new store's identity comes into being while several clients ask at once: it must be one.
        const clients = yield* Effect.forEach(["a", "b", "c", "d"], (id) => arena.open(id))
        yield* arena.together(clients.flatMap((client) => [client.push(arena.chain(client, 0, 1)), pullOf(client)]))
        for (const client of clients) {
          yield* arena.requireOk(yield* pullOf(client), `a pull of client ${client.id} after the first contact`)
          yield* pushesAgain(arena, client, `after the first contact of client ${client.id}`)
        }
      }),
  },
  {
    ...base,
    id: "reset/never-false#kill",
    clause: "reset/never-false",
    cost: "heavy",
    isolation: "host",
    needs: ["process.kill"],
    run: (arena) =>
      Effect.gen(function* () {
        const { client, cursor } = yield* knowing(arena, "a", 0)
        yield* changesInstance(arena, "a kill", Effect.andThen(arena.backend.kill, arena.backend.start))
        yield* arena.requireOk(yield* past(arena, pullOf(client, cursor)), "a pull with the old cursor after a kill")
        yield* pushesAgain(arena, client, "after a kill")
      }),
  },
  {
    ...base,
    id: "reset/never-false#outage",
    clause: "reset/never-false",
    needs: ["storage.outage"],
    run: (arena) =>
      Effect.gen(function* () {
        // Storage that cannot be read is not another storage.
        const { client, cursor } = yield* knowing(arena, "a", 0)
        const end = yield* arena.backend.outage()
        yield* arena.expectSettled(yield* pullOf(client, cursor), "a pull during an outage of storage")
        yield* arena.expectSettled(yield* client.push(arena.chain(client, 3, 1)), "a push during an outage of storage")
        yield* arena.premise((yield* arena.backend.storageBit()) > 0, "the storage outage did not bite")
        yield* end
        yield* arena.requireOk(yield* past(arena, pullOf(client, cursor)), "a pull with the old cursor after an outage")
        yield* pushesAgain(arena, client, "after an outage of storage")
      }),
  },
  {
    ...base,
    id: "reset/never-false#other-store",
    clause: "reset/never-false",
    needs: ["storage.wipe"],
    run: (arena) =>
      Effect.gen(function* () {
        // One client process with two stores: the life of the other store ends.
        const other = yield* knowing(arena, "a", 0, { storeId: arena.newStore("wiped") })
        const kept = yield* knowing(arena, "a", 0)
        yield* arena.backend.wipe(other.client.storeId)
        yield* past(arena, pullOf(other.client, other.cursor))
        yield* arena.requireOk(
          yield* past(arena, pullOf(kept.client, kept.cursor)),
          "a pull after another store was wiped",
        )
        yield* arena.requireOk(yield* pullOf(kept.client), "a pull without a cursor after another store was wiped")
        yield* pushesAgain(arena, kept.client, "after another store was wiped")
      }),
  },
  ...resetWipeChecks,
  ...resetRestoredChecks,
]
