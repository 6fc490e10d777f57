import { Effect } from "effect"
import type { HostError } from "../../contract/errors.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { Gauges } from "../../contract/provider.ts"
import type { HookRecord } from "../../contract/test-application.ts"
import type { HarnessRoutes } from "./harness-routes.ts"

/** What the harness reads off a running Worker, wherever it runs. */
export interface HostViews {
  /** The store's log, read from storage. */
  readonly inspect: (storeId: string) => Effect.Effect<ReadonlyArray<EventEncoded>, HostError>
  readonly gauges: (storeId: string) => Effect.Effect<Gauges, HostError>
  /** What the application's hooks saw of a store. */
  readonly seen: (storeId: string) => Effect.Effect<ReadonlyArray<HookRecord>, HostError>
}

export const hostViews = (routes: HarnessRoutes): HostViews => {
  const read = <A>(storeId: string, route: string): Effect.Effect<A, HostError> =>
    Effect.map(routes.store(storeId, route), (text) => JSON.parse(text) as A)
  return {
    inspect: (storeId) =>
      Effect.map(
        read<ReadonlyArray<{ readonly event: EventEncoded; readonly args: string | null }>>(storeId, "inspect"),
        (log) =>
          log.map(({ event, args }) => (args === null ? event : { ...event, args: JSON.parse(args) as unknown })),
      ),
    gauges: (storeId) => read(storeId, "gauges"),
    seen: (storeId) => read(storeId, "seen"),
  }
}
