import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { StorageFault } from "../../contract/fault.ts"
import type { BackendStorage } from "../../contract/provider.ts"
import type { CloudflareForm } from "./form.ts"
import type { HarnessRoutes } from "./harness-routes.ts"
import type { StorageFaults } from "./worker/isolate.ts"

/** What can be done to a store's data past the provider. */
export const hostStorage = (routes: HarnessRoutes, { storage }: CloudflareForm): BackendStorage => {
  const setFaults = (storeId: string, faults: Partial<StorageFaults>) =>
    Effect.asVoid(routes.store(storeId, "faults", JSON.stringify(faults)))
  const faultsOf = (storeId: string) =>
    Effect.map(routes.store(storeId, "faults"), (text) => JSON.parse(text) as StorageFaults)

  const fault = (storeId: string, { kind, ...slow }: StorageFault) =>
    Effect.gen(function* () {
      if (kind !== "slow" || !("ms" in slow)) return yield* new HostError({ message: `D1 cannot be made ${kind} here` })
      const before = yield* faultsOf(storeId)
      yield* setFaults(storeId, { slowMs: slow.ms, slowWritesOnly: slow.of === "writes" })
      return {
        bit: Effect.map(faultsOf(storeId), ({ slowed }) => slowed - before.slowed),
        heal: setFaults(storeId, { slowMs: 0 }),
      }
    })

  return {
    wipe: (storeId) => Effect.asVoid(routes.store(storeId, "wipe", "")),
    wipeBeneath: (storeId) => Effect.asVoid(routes.store(storeId, "wipe-beneath", "")),
    snapshot: (storeId) =>
      Effect.map(routes.store(storeId, "snapshot"), (rows) => Effect.asVoid(routes.store(storeId, "restore", rows))),
    outage: (storeId) => Effect.as(setFaults(storeId, { outage: true }), setFaults(storeId, { outage: false })),
    failWrite: (storeId, nth) => setFaults(storeId, { writesUntilFailure: nth }),
    // A Durable Object's own SQLite has no await that could be slow.
    ...(storage === "d1" ? { fault } : {}),
    bit: (storeId) => Effect.map(faultsOf(storeId), ({ bit }) => bit),
  }
}
