import { Effect } from "effect"
import type { StorageFault } from "../contract/fault.ts"
import type { Arena, CheckStop, StandingStorageFault } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { healthyMs, settle } from "./support/converge.ts"
import { needsFaults } from "./support/declared-fault.ts"
import { under, type Disturb } from "./support/disturbed.ts"

/** Whether it has changed something by now, or does so as long as clients that are slow may take to reach it. */
const bites = (arena: Arena, standing: StandingStorageFault): Effect.Effect<boolean, CheckStop> =>
  Effect.gen(function* () {
    for (let waitedMs = 0; waitedMs < arena.capabilities.times.deadlineMs; waitedMs += readAgainMs) {
      if ((yield* standing.bit) > 0) return true
      yield* Effect.sleep(readAgainMs)
    }
    return false
  })

const readAgainMs = 100

/** This fault on the storage, which has to change something. */
const onStorage =
  (fault: StorageFault, before?: Disturb): Disturb =>
  (arena, clients) =>
    Effect.gen(function* () {
      const standing = yield* arena.backend.fault(fault)
      if (before !== undefined) yield* before(arena, clients)
      return Effect.gen(function* () {
        yield* arena.premise(yield* bites(arena, standing), `the ${fault.kind} storage changed nothing`)
        yield* standing.heal
      })
    })

const storage = { needs: ["storage.fault"] } as const

/** Longer than clients wait between two commits, so that pushes queue up behind one another. */
const statementMs = 150

/** The last client comes anew: it works on the instance that began last, the others go on with the one before. */
const lastComesAnew: Disturb = (_arena, [, , c]) => Effect.as(Effect.andThen(c.close, c.start), Effect.void)

/** The last client is away while the first commits, and comes when the copy lacks what everybody else has. */
const lastComesBack: Disturb = (arena, [a, b, c]) =>
  Effect.gen(function* () {
    yield* c.close
    a.commit(3)
    yield* settle(arena, [a, b], healthyMs(arena))
    yield* c.start
    return Effect.void
  })

/** Whole clients under faults of storage that lose nothing acknowledged. */
export const convergeStorageChecks: ReadonlyArray<Check> = [
  under(
    "slow-storage",
    "after every statement of the storage took long",
    { ...storage, unsupported: needsFaults("storage.slow") },
    onStorage({ kind: "slow", ms: statementMs }),
  ),
  under(
    "storage-full",
    "after the storage had no room left",
    { ...storage, unsupported: needsFaults("storage.full") },
    onStorage({ kind: "full" }),
  ),
  under(
    "stale-replica",
    "after a copy of the log stood still",
    { ...storage, unsupported: needsFaults("storage.stale-replica") },
    onStorage({ kind: "stale-replica" }, lastComesBack),
  ),
  under(
    "two-instances",
    "after two instances of the backend worked on one storage",
    { ...storage, isolation: "host", unsupported: needsFaults("storage.two-instances") },
    onStorage({ kind: "two-instances" }, lastComesAnew),
  ),
]
