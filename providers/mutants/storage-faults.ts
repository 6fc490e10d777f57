import { Effect } from "effect"
import type { StoreData } from "../mock/store-data.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** Planted bugs that only a loss of power brings to light: what was acknowledged or shown is written, and not synced. */
const unsyncedMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/durable#never-synced",
    clause: "push/durable",
    check: "push/durable#unsynced",
    title: "a batch is acknowledged once it is written, whether or not it would outlive a loss of power",
    source: "L01",
    seam: "backend.sync",
    anomaly: "lost-ack",
    make: (fire) => ({
      backend: {
        sync: (call) => {
          if (call.why !== "acknowledge") return reference.backend.sync(call)
          fire()
          return Effect.void
        },
      },
    }),
  },
  {
    id: "push/durable#flushes-every-second",
    clause: "push/durable",
    check: "push/durable#unsynced",
    title: "only every second batch is flushed before it is acknowledged",
    source: "L01",
    seam: "storage.flush",
    anomaly: "lost-ack",
    make: (fire) => {
      let writes = 0
      return {
        storage: {
          flush: (data) => {
            writes += 1
            if (writes % 2 === 0) return reference.storage.flush(data)
            fire()
          },
        },
      }
    },
  },
  {
    id: "push/durable#one-write-behind",
    clause: "push/durable",
    check: "push/durable#unsynced",
    title: "what is flushed is always one write behind",
    source: "L01",
    seam: "storage.flush",
    anomaly: "lost-ack",
    make: (fire) => {
      const written = new WeakMap<StoreData, { readonly rows: number; readonly head: number }>()
      return {
        storage: {
          flush: (data) => {
            const before = written.get(data) ?? { rows: 0, head: 0 }
            written.set(data, { rows: data.rows.length, head: data.head })
            data.flushedRows = before.rows
            data.flushedHead = before.head
            fire()
          },
        },
      }
    },
  },
  {
    id: "push/durable#large-batches-in-part",
    clause: "push/durable",
    check: "push/durable#unsynced",
    title: "of a large batch only the first half is safe from a loss of power when it is acknowledged",
    source: "L02",
    seam: "storage.flush",
    anomaly: "lost-ack",
    make: (fire) => ({
      storage: {
        flush: (data) => {
          const added = data.rows.length - data.flushedRows
          if (added < 50) return reference.storage.flush(data)
          fire()
          data.flushedRows += added >> 1
          data.flushedHead = data.rows[data.flushedRows - 1]!.seqNum
        },
      },
    }),
  },
  {
    id: "pull/only-durable#shown-unsynced",
    clause: "pull/only-durable",
    check: "pull/only-durable#unsynced",
    title: "batches are shown as soon as they are written, and acknowledged once they are synced",
    source: "L01",
    seam: "backend.sync",
    anomaly: "lost-ack",
    make: (fire) => ({
      backend: {
        sync: (call) => {
          const { storage, storeId } = call.context
          if (call.why !== "show" || !storage.hasUnsynced(storeId)) return reference.backend.sync(call)
          fire()
          return Effect.void
        },
      },
    }),
  },
]

/** For how long a push keeps others out, in milliseconds, and no longer. */
const leaseMs = 10

/** Planted bugs that only faults of storage, or of a client's clock, bring to light. */
export const storageFaultMutants: ReadonlyArray<Mutant> = [
  ...unsyncedMutants,
  {
    id: "race/same-parent#lease",
    clause: "race/same-parent",
    check: "race/same-parent#slow-storage",
    title: "a push that takes long loses its lock and goes on without it",
    source: "F02",
    seam: "backend.exclusive",
    anomaly: "double-winner",
    make: (fire) => ({
      backend: {
        exclusive: ({ object: { lock } }, admission) =>
          Effect.gen(function* () {
            yield* lock.take(1)
            let held = true
            const release = Effect.suspend(() => {
              if (!held) return Effect.void
              held = false
              return lock.release(1)
            })
            const expire = Effect.suspend(() => {
              if (held) fire()
              return release
            })
            yield* Effect.forkDetach(Effect.andThen(Effect.sleep(leaseMs), expire))
            return yield* Effect.ensuring(admission, release)
          }),
      },
    }),
  },
  {
    id: "race/same-parent#no-fence",
    clause: "race/same-parent",
    check: "race/same-parent#two-instances",
    title: "an instance of the backend writes on while another has begun on the same storage",
    source: "F08",
    seam: "backend.takeOver",
    anomaly: "double-winner",
    make: (fire) => ({
      backend: {
        takeOver: () => {
          fire()
          return Effect.void
        },
      },
    }),
  },
  {
    id: "pull/read-your-writes#trusts-replica",
    clause: "pull/read-your-writes",
    check: "pull/read-your-writes#stale-replica",
    title: "pages are read from the nearest copy, and nobody asks whether it has kept up",
    source: "S02",
    seam: "backend.source",
    anomaly: "stale-read",
    make: (fire) => ({
      backend: {
        source: ({ storage, storeId }) =>
          Effect.suspend(() => {
            if (storage.data(storeId).faults.copy === undefined) return Effect.succeed(storage.data(storeId))
            fire()
            return Effect.succeed(storage.nearest(storeId))
          }),
      },
    }),
  },
  {
    id: "life/storage-outage#full-is-done",
    clause: "life/storage-outage",
    check: "life/storage-outage#full",
    title: "a write that no longer fits is taken for done",
    source: "E08",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => ({
      backend: {
        append: (call) =>
          Effect.catchTag(reference.backend.append(call), "StorageFailure", (failure) => {
            if (!failure.message.includes("full")) return Effect.fail(failure)
            fire()
            return Effect.succeed(true)
          }),
      },
    }),
  },
  {
    id: "conn/loss-detected#wall-clock",
    clause: "conn/loss-detected",
    check: "conn/loss-detected#clock-jump",
    title: "the client measures silence on its wall clock",
    source: "X08",
    seam: "client.clock",
    anomaly: "status-lie",
    make: (fire) => ({
      client: {
        clock: ({ monotonicMs, wallMs }) => {
          if (wallMs() !== monotonicMs()) fire()
          return wallMs()
        },
      },
    }),
  },
]
