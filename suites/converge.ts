import { Effect } from "effect"
import type { LinkFault } from "../contract/fault.ts"
import type { Arena } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import type { SyncClient } from "../workloads/sync-client/sync-client.ts"
import { makePlainClient } from "../workloads/sync-client/sync-client.ts"
import { convergeChatChecks } from "./converge-chat.ts"
import { convergeClientChecks } from "./converge-client.ts"
import { convergeFaultChecks } from "./converge-faults.ts"
import { convergeWipeChecks } from "./converge-wipe.ts"
import {
  expectConverged,
  healthyMs,
  idsUpTo,
  recoveringMs,
  settle,
  startAll,
  withClients,
  expectSettledClients,
} from "./support/converge.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Commits in so many portions of one to five events, other clients running between any two. */
const commitInPortions = (arena: Arena, client: SyncClient<unknown>, portions: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let n = 0; n < portions; n++) {
      client.commit(1 + arena.draw(`portion ${client.id} ${n}`, 5))
      yield* Effect.sleep(arena.draw(`pause ${client.id} ${n}`, 20))
    }
  })

/** How long quiet is watched, in milliseconds. */
const quietMs = 3_000

/** Frames that a client may send in a second of quiet: signs of life. */
const framesPerSecond = 5

const activity = (client: SyncClient<unknown>) => ({ ...client.counters(), frames: client.link().counters().framesUp })

/** Nothing is pulled, pushed, rebased or delivered for a while, and little is sent. */
const expectQuiet = (arena: Arena, clients: ReadonlyArray<SyncClient<unknown>>, forMs: number, what: string) =>
  Effect.gen(function* () {
    const before = clients.map(activity)
    yield* Effect.sleep(forMs)
    for (const [n, client] of clients.entries()) {
      const [was, is] = [before[n]!, activity(client)]
      for (const act of ["pulls", "pushes", "items", "rebases"] as const) {
        yield* arena.expect(
          is[act] === was[act],
          "restless",
          `${what} nothing was pending for ${forMs} ms, and client ${client.id} counted ${is[act] - was[act]} more ${act}`,
        )
      }
      const most = Math.ceil((framesPerSecond * forMs) / 1_000)
      yield* arena.expect(
        is.frames - was.frames <= most,
        "restless",
        `${what} nothing was pending for ${forMs} ms, and client ${client.id} sent ${is.frames - was.frames} frames; ${most} are allowed`,
      )
    }
  })

const checks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "converge/writers",
    clause: "converge/writers",
    run: (arena) =>
      Effect.gen(function* () {
        // Some have events pending before they ever connect; all go on committing while they sync.
        const clients = idsUpTo(4).map((id) => makePlainClient(arena, id))
        for (const [n, client] of clients.entries()) {
          yield* client.boot
          client.commit(n % 3)
        }
        yield* arena.together(clients.map((client) => client.sync))
        yield* arena.together(clients.map((client) => commitInPortions(arena, client, 3)))
        yield* expectConverged(arena, clients, healthyMs(arena), "with four writers")
      }),
  },
  {
    ...base,
    id: "converge/offline",
    clause: "converge/offline",
    run: (arena) =>
      Effect.gen(function* () {
        // One has been there before, the others are new; each comes with about a hundred events.
        const clients = ["old", "b", "c"].map((id) => makePlainClient(arena, id))
        const [old] = clients as [SyncClient<number>]
        yield* old.start
        old.commit(20)
        yield* settle(arena, [old], healthyMs(arena))
        yield* old.close
        for (const client of clients) yield* client.boot
        for (const [n, client] of clients.entries()) client.commit(80 + 20 * n)
        yield* arena.together(clients.map((client) => client.sync))
        yield* expectConverged(
          arena,
          clients,
          2 * healthyMs(arena),
          "with about a hundred events pending on each client",
        )
      }),
  },
  {
    ...base,
    id: "converge/offline#cut-off",
    clause: "converge/offline",
    cost: "heavy",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* startAll(arena, ["a", "b", "c"])
        for (const client of clients) client.commit(5)
        yield* settle(arena, clients, healthyMs(arena))
        // Offline for so long that every pause of the provider's and the leader's is at its longest.
        const refusals = yield* Effect.forEach(clients, ({ link }) => link().fault({ kind: "refuse" }))
        for (const { link } of clients) yield* link().fault({ kind: "reset" })
        for (let n = 0; n < 10; n++) {
          for (const client of clients) client.commit(30)
          yield* Effect.sleep(arena.capabilities.times.recoveryMs / 5)
        }
        for (const refusal of refusals) {
          yield* arena.premise(refusal.bit() > 0, "nobody tried to come back while the link was refused")
          yield* refusal.heal
        }
        yield* expectConverged(arena, clients, 30_000 + recoveringMs(arena), "after a long time offline")
      }),
  },
  {
    ...base,
    id: "converge/quiet",
    clause: "converge/quiet",
    premises: ["the clients converged before"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* startAll(arena, ["a", "b", "c"])
        yield* arena.together(clients.map((client) => commitInPortions(arena, client, 3)))
        yield* expectSettledClients(arena, clients)
        yield* expectQuiet(arena, clients, quietMs, "after three writers")
        yield* expectConverged(arena, clients, healthyMs(arena), "after quiet")
      }),
  },
  {
    ...base,
    id: "converge/quiet#disturbed",
    clause: "converge/quiet",
    cost: "heavy",
    waits: true,
    needs: ["endpoint", "classify"],
    premises: ["the clients converged before"],
    run: (arena) =>
      Effect.gen(function* () {
        const clients = yield* startAll(arena, ["a", "b", "c"])
        const [a, b] = clients as [SyncClient<number>, SyncClient<number>]
        for (const client of clients) client.commit(3)
        yield* settle(arena, clients, healthyMs(arena))
        // A push of which nobody tells whether it was stored, and a connection that ends.
        const lost = yield* a.link().fault({ kind: "drop", match: { operation: "push", role: "answer" } })
        a.commit(2)
        yield* arena.premise(yield* lost.bites(), "no answer to a push came that could be lost")
        yield* b.link().fault({ kind: "reset" })
        b.commit(2)
        yield* lost.heal
        yield* arena.premise(yield* settle(arena, clients, recoveringMs(arena)), "the clients did not converge")
        // What was sent before the clients agreed may still be under way.
        yield* Effect.sleep(arena.capabilities.times.recoveryMs)
        yield* expectQuiet(arena, clients, 2 * quietMs, "after a lost answer and a lost connection")
        yield* expectConverged(arena, clients, healthyMs(arena), "after quiet")
      }),
  },
]

/** Everything that tells a client's live pull of new events, until healed. */
const noNews = {
  kind: "drop",
  match: { operation: "live", role: ["page", "poke"], direction: "down", times: Infinity },
} as const satisfies LinkFault

/** Pushes that a client may make while it is told nothing: one, and one more for each live pull that it opens anew. */
const pushesUnheard = 3

const refusedCheck: Check = {
  ...base,
  id: "converge/quiet#refused",
  clause: "converge/quiet",
  cost: "heavy",
  waits: true,
  needs: ["endpoint", "classify"],
  premises: ["the clients converged before", "the push was refused"],
  run: (arena) =>
    Effect.gen(function* () {
      const clients = yield* startAll(arena, ["a", "b"])
      const [a, b] = clients as [SyncClient<number>, SyncClient<number>]
      for (const client of clients) client.commit(2)
      yield* expectSettledClients(arena, clients)
      // b hears nothing of what a commits, so that its own push stands on the wrong event.
      const unheard = yield* b.link().fault(noNews)
      a.commit(2)
      yield* settle(arena, [a], healthyMs(arena))
      const before = b.counters().pushes
      b.commit(1)
      yield* arena.eventually(() => b.counters().pushes > before, healthyMs(arena))
      yield* Effect.sleep(quietMs)
      const pushes = b.counters().pushes - before
      yield* arena.premise(unheard.bit() > 0, "no live news came that could be lost")
      yield* arena.expect(
        pushes <= pushesUnheard,
        "restless",
        `a client that was told that the backend is ahead, and then nothing, pushed ${pushes} times in ${quietMs} ms; it had to wait for what it lacks`,
      )
      yield* unheard.heal
      yield* expectConverged(arena, clients, recoveringMs(arena), "after a refusal and lost news")
    }),
}

/** Checks of whole clients. */
export const convergeChecks: ReadonlyArray<Check> = [
  ...checks,
  refusedCheck,
  ...convergeChatChecks,
  ...convergeFaultChecks,
  ...convergeWipeChecks,
  ...convergeClientChecks,
].map(withClients)
