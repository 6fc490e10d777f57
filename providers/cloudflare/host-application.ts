import { Effect } from "effect"
import type { ApplicationHost } from "../../contract/provider.ts"
import type { HarnessRoutes } from "./harness-routes.ts"
import type { HostViews } from "./host-views.ts"
import type { OpenStores } from "./open-stores.ts"
import { storeKey } from "./wire.ts"

/** The test application of a running Worker. */
export const hostApplication = (parts: {
  readonly routes: HarnessRoutes
  readonly views: HostViews
  readonly stores: OpenStores
}): ApplicationHost => ({
  seen: parts.views.seen,
  revoke: (id) =>
    Effect.gen(function* () {
      const keys = yield* Effect.promise(() => Promise.all(parts.stores.open().map(storeKey)))
      yield* parts.routes.worker("revoke", JSON.stringify({ id, stores: keys }))
    }),
})
