import { Effect } from "effect"
import { makeMock } from "../../mock/provider.ts"
import type { MockStorage } from "../../mock/storage.ts"

/** How often what was written is synced, in milliseconds. */
const syncEveryMs = 250

/** The store's data as on a disk whose cache goes with the process. */
const onCachedDisk = (storage: MockStorage, storeId: string): void => {
  const { faults } = storage.data(storeId)
  if (!faults.has("unsynced")) storage.fault(storeId, { kind: "unsynced" })
}

/**
 * Batches are acknowledged when they are written, and synced a little later. A process that ends in between takes the
 * tail of the log with it.
 */
export const weakLostTail = makeMock({
  key: "weak-lost-tail",
  title: "the mock, acknowledging before it syncs, so that an end of the process takes the log's tail",
  seams: () => ({
    backend: {
      sync: ({ context: { storage, storeId } }) =>
        Effect.suspend(() => {
          onCachedDisk(storage, storeId)
          if (!storage.hasUnsynced(storeId)) return Effect.void
          const { rows, head } = storage.data(storeId)
          const [writtenRows, writtenHead, first] = [rows.length, head, rows]
          const later = Effect.sync(() => {
            const data = storage.data(storeId)
            // What the end of a process took, or a wipe, is not there to be synced.
            if (data.rows !== first || data.rows.length < writtenRows || data.flushedRows >= writtenRows) return
            data.flushedRows = writtenRows
            data.flushedHead = writtenHead
          })
          return Effect.asVoid(Effect.forkDetach(Effect.andThen(Effect.sleep(syncEveryMs), later)))
        }),
    },
  }),
})
