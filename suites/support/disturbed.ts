import { Effect, type Scope } from "effect"
import type { Arena, CheckStop } from "../../harness/arena.ts"
import type { Check } from "../../harness/check.ts"
import type { SyncClient } from "../../workloads/sync-client/sync-client.ts"
import { expectConverged, healthyMs, recoveringMs, settle, startAll } from "./converge.ts"

const base = {
  clause: "converge/under-faults",
  cost: "heavy",
  waits: true,
  isolation: "store",
  needs: [],
  premises: ["the fault takes effect"],
} as const satisfies Partial<Check>

/** The clients of a check: two that a fault of links meets, and one that it does not. */
export type Clients = readonly [SyncClient<number>, SyncClient<number>, SyncClient<number>]

/** Puts something on; gives what makes sure that it has taken effect and takes it off. */
export type Disturb = (
  arena: Arena,
  clients: Clients,
) => Effect.Effect<Effect.Effect<void, CheckStop>, CheckStop, Scope.Scope>

/** How a disturbance is looked at. */
export type Scene = Partial<Check> & {
  /**
   * While it lasts only the first client commits, and until it is made good nobody else does: what others push would
   * bring everything about.
   */
  readonly alone?: boolean
}

/** All commit, in three portions with time in between. */
const commitMeanwhile = (arena: Arena, clients: Clients): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let n = 0; n < 3; n++) {
      for (const client of clients) client.commit(1 + arena.draw(`during ${client.id} ${n}`, 4))
      yield* Effect.sleep(100 + arena.draw(`pause ${n}`, 200))
    }
  })

/**
 * Three clients that have converged once and are disturbed while they commit; once the disturbance is over they
 * converge again, commit more, and converge.
 */
export const under = (word: string, what: string, { alone = false, ...check }: Scene, disturb: Disturb): Check => ({
  ...base,
  id: `converge/under-faults#${word}`,
  ...check,
  run: (arena) =>
    Effect.gen(function* () {
      const clients = (yield* startAll(arena, ["a", "b", "c"])) as unknown as Clients
      for (const client of clients) client.commit(3)
      yield* settle(arena, clients, healthyMs(arena))
      const end = yield* disturb(arena, clients)
      if (alone) clients[0].commit(2)
      else yield* commitMeanwhile(arena, clients)
      yield* end
      if (alone) yield* expectConverged(arena, clients, recoveringMs(arena), `with one writer, ${what}`)
      for (const client of clients) client.commit(2)
      yield* expectConverged(arena, clients, recoveringMs(arena), what)
      for (const client of clients) client.commit(1)
      yield* expectConverged(arena, clients, recoveringMs(arena), `later, ${what}`)
    }),
})
