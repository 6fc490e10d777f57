import { rowsUpTo } from "../../mock/store-data.ts"
import { makeMock } from "../../mock/provider.ts"
import { reference } from "../../mock/seams.ts"

/**
 * A table of events by number into which every batch is written over what stands there, as `INSERT OR REPLACE` does:
 * whoever pushes last on a parent wins, and what had been acknowledged from there on is gone.
 */
export const weakLastWriterWins = makeMock({
  key: "weak-last-writer-wins",
  title: "the mock, with a log in which the last writer wins",
  seams: () => ({
    backend: {
      admit: (call) => {
        const parent = call.events[0]!.parentSeqNum
        const stored = rowsUpTo(call.context.storage.data(call.context.storeId), parent) !== undefined
        return reference.backend.admit({ ...call, head: stored ? parent : call.head })
      },
    },
    storage: {
      write: (data, change) => {
        const from = change.rows[0]?.seqNum ?? Infinity
        data.rows = data.rows.filter(({ seqNum }) => seqNum < from)
        data.flushedRows = Math.min(data.flushedRows, data.rows.length)
        reference.storage.write(data, change)
      },
    },
  }),
})
