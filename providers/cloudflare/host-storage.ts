import { Effect } from "effect"
import type { BackendStorage } from "../../contract/provider.ts"
import type { HarnessRoutes } from "./harness-routes.ts"
import type { StorageFaults } from "./worker/isolate.ts"

/** What can be done to a store's data past the provider. */
export const hostStorage = (routes: HarnessRoutes): BackendStorage => {
  const setFaults = (storeId: string, faults: Partial<StorageFaults>) =>
    Effect.asVoid(routes.store(storeId, "faults", JSON.stringify(faults)))
  return {
    wipe: (storeId) => Effect.asVoid(routes.store(storeId, "wipe", "")),
    wipeBeneath: (storeId) => Effect.asVoid(routes.store(storeId, "wipe-beneath", "")),
    snapshot: (storeId) =>
      Effect.map(routes.store(storeId, "snapshot"), (rows) => Effect.asVoid(routes.store(storeId, "restore", rows))),
    outage: (storeId) => Effect.as(setFaults(storeId, { outage: true }), setFaults(storeId, { outage: false })),
    failWrite: (storeId, nth) => setFaults(storeId, { writesUntilFailure: nth }),
    bit: (storeId) => Effect.map(routes.store(storeId, "faults"), (text) => (JSON.parse(text) as StorageFaults).bit),
  }
}
