import { Effect, type Scope } from "effect"
import type { Arena, CheckStop } from "../../harness/arena.ts"
import type { Check } from "../../harness/check.ts"
import { stopInWords } from "../../workloads/sync-client/stop.ts"
import { makePlainClient, type SyncClient } from "../../workloads/sync-client/sync-client.ts"

/** A client of any application: what converging takes of it. */
type AnyClient = Pick<
  SyncClient<unknown>,
  "id" | "disk" | "sessions" | "stop" | "isIdle" | "isDead" | "recordReplica" | "counters"
>

/** A check whose clients end with its own steps: they would go on pulling while the log is read. */
export const withClients = (
  check: Omit<Check, "run"> & { readonly run: (arena: Arena) => Effect.Effect<void, CheckStop, Scope.Scope> },
): Check => ({ ...check, run: (arena) => Effect.scoped(check.run(arena)) })

/** How long healthy clients may take until nothing moves any more: each batch may have to be rebased and pushed again. */
export const healthyMs = ({ capabilities: { times } }: Arena): number => times.deadlineMs + 5 * times.deliveryMs

/**
 * How long they may take from the end of the last disturbance: the provider notices and recovers, an operation that was
 * under way runs into its deadline, and the leader's pause before its next push, which doubles, passes.
 */
export const recoveringMs = (arena: Arena): number => {
  const { detectionMs, recoveryMs, deliveryMs } = arena.capabilities.times
  return healthyMs(arena) + detectionMs + recoveryMs + 2 * (detectionMs + deliveryMs)
}

/** Plain clients with these ids, syncing: each has caught up before the next one comes. */
export const startAll = (
  arena: Arena,
  ids: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<SyncClient<number>>, CheckStop, Scope.Scope> =>
  Effect.forEach(ids, (id) =>
    Effect.gen(function* () {
      const client = makePlainClient(arena, id)
      yield* client.start
      yield* client.caughtUp(arena.capabilities.times.deadlineMs)
      return client
    }),
  )

/** Ids "c1", "c2", … */
export const idsUpTo = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, n) => `c${n + 1}`)

/** Whether nothing waits anywhere and all have a log of one length. */
const areSettled = (clients: ReadonlyArray<AnyClient>): boolean =>
  clients.every((client) => client.isIdle() && client.disk().log.length === clients[0]!.disk().log.length)

/** Waits until nothing moves any more; false when time ran out or a client stopped syncing. */
export const settle = (arena: Arena, clients: ReadonlyArray<AnyClient>, withinMs: number): Effect.Effect<boolean> =>
  Effect.map(
    arena.eventually(() => areSettled(clients) || clients.some((client) => client.stop() !== undefined), withinMs),
    () => areSettled(clients),
  )

/** Every session shows what its leader has. */
const expectSessions = (arena: Arena, client: AnyClient): Effect.Effect<void> =>
  Effect.forEach(
    client.sessions(),
    (session) => {
      const { log } = client.disk()
      const shown = session.log()
      const at = log.findIndex((event, n) => shown[n]?.seqNum !== event.seqNum || !sameMark(shown[n], event))
      const agrees = at === -1 && shown.length === log.length
      const place = at === -1 ? Math.min(shown.length, log.length) : at
      return arena.expect(
        agrees,
        "diverged",
        `session ${session.id} shows ${shown.length} events, its leader has ${log.length}; they part at place ${place + 1}`,
      )
    },
    { discard: true },
  )

const sameMark = (a: { readonly args?: unknown } | undefined, b: { readonly args?: unknown }): boolean =>
  (a?.args as { readonly mark?: unknown } | undefined)?.mark ===
  (b.args as { readonly mark?: unknown } | undefined)?.mark

/**
 * Waits until nothing moves, and records what each client holds: the log that is read then is held against it. A client
 * that stopped syncing, and one that is not done in time, have diverged, and the check ends.
 */
export const expectConverged = (
  arena: Arena,
  clients: ReadonlyArray<AnyClient>,
  withinMs: number,
  what: string,
): Effect.Effect<void, CheckStop> =>
  Effect.gen(function* () {
    const settled = yield* settle(arena, clients, withinMs)
    for (const client of clients) {
      const stop = client.stop()
      yield* arena.expect(
        stop === undefined,
        "diverged",
        `${what} client ${client.id} ${stopInWords(stop)}; it had to go on and converge`,
        stop !== undefined && "op" in stop ? [stop.op] : [],
      )
      yield* client.recordReplica
      if (settled) yield* expectSessions(arena, client)
    }
    yield* arena.truth()
    const heads = clients.map(({ id, disk }) => `${id} at ${disk().log.at(-1)?.seqNum ?? 0}`).join(", ")
    yield* arena.require(settled, "diverged", `${what} the clients did not converge within ${withinMs} ms: ${heads}`)
  })

/** Requires that clients converge while nothing disturbs them: where they do not, the provider has failed already. */
export const expectSettledClients = (
  arena: Arena,
  clients: ReadonlyArray<SyncClient<unknown>>,
): Effect.Effect<void, CheckStop> =>
  Effect.flatMap(settle(arena, clients, healthyMs(arena)), (settled) =>
    arena.require(settled, "diverged", `with no fault standing the clients did not converge in ${healthyMs(arena)} ms`),
  )
