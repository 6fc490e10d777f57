import { Effect } from "effect"
import { makeMock } from "../../mock/provider.ts"
import { reference } from "../../mock/seams.ts"
import type { StoreView } from "../../mock/store-data.ts"

/** How far the copy is behind, in milliseconds. */
const lagMs = 300

const nothingYet: StoreView = { rows: [], head: 0, backendId: undefined, ascending: true, version: -1 }

/**
 * Pulls are answered by a copy that is written to a little after the primary, and told of new events when it has
 * them. A pull that begins soon after a push was acknowledged does not see it.
 */
export const weakStaleReplica = makeMock({
  key: "weak-stale-replica",
  title: "the mock, with pulls from a replica that lags behind",
  seams: () => {
    const copies = new Map<string, StoreView>()
    const copyOf = (storeId: string): StoreView => copies.get(storeId) ?? nothingYet
    return {
      backend: {
        append: (call) =>
          Effect.tap(reference.backend.append(call), () => {
            const { storage, storeId } = call.context
            const { rows, head, backendId, ascending, version } = storage.data(storeId)
            const copy: StoreView = { rows: [...rows], head, backendId, ascending, version }
            const replicate = Effect.sync(() => void copies.set(storeId, copy))
            return Effect.forkDetach(Effect.andThen(Effect.sleep(lagMs), replicate))
          }),
        source: ({ storage, storeId }) =>
          Effect.sync(() => {
            const copy = copyOf(storeId)
            const primary = storage.data(storeId)
            // Another life is read from the primary until the copy is of that life too.
            return copy.backendId === undefined || copy.backendId === primary.backendId ? copy : primary
          }),
        // A cursor past the copy is one on what the copy does not have yet.
        locate: (call) => {
          const { context, after = 0 } = call
          const { storage, storeId } = context
          if (after <= copyOf(storeId).head) return reference.backend.locate(call)
          const primary = { ...context, view: () => Effect.sync(() => storage.data(storeId)) }
          return reference.backend.locate({ ...call, context: primary })
        },
        publish: (call) =>
          Effect.asVoid(Effect.forkDetach(Effect.andThen(Effect.sleep(lagMs), reference.backend.publish(call)))),
      },
    }
  },
})
