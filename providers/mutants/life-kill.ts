import { Effect } from "effect"
import { reference } from "../mock/seams.ts"
import type { StoreData } from "../mock/storage.ts"
import type { Mutant } from "./mutant.ts"

/** Planted bugs that a kill of the backend brings to light. */
export const lifeKillMutants: ReadonlyArray<Mutant> = [
  {
    id: "life/kill#unflushed",
    clause: "life/kill",
    check: "life/kill",
    title: "an acknowledgement does not wait until the batch is safe from a loss of power",
    source: "L01",
    seam: "storage.flush",
    anomaly: "lost-ack",
    make: (fire) => {
      const written = new WeakMap<StoreData, { readonly rows: number; readonly head: number }>()
      return {
        storage: {
          // Always one write behind.
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
    id: "life/kill#large-batches-in-part",
    clause: "life/kill",
    check: "life/kill",
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
    id: "life/kill#before-the-hook",
    clause: "life/kill",
    check: "life/kill#before-commit",
    title: "events before one that the hook takes its time over are stored already",
    source: "F02",
    seam: "backend.rejectEvents",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) =>
          Effect.gen(function* () {
            const { context, events } = call
            if (events.length < 2 || !events.some(({ name }) => name === "gauntlet.slow")) {
              return yield* reference.backend.rejectEvents(call)
            }
            fire()
            const backendId = context.storage.identity(context.storeId)
            const staged = events.slice(0, 1)
            yield* Effect.ignore(
              reference.backend.append({ context, backendId, events: staged, head: staged[0]!.seqNum }),
            )
            return yield* reference.backend.rejectEvents(call)
          }),
      },
    }),
  },
  {
    id: "life/kill#two-writes",
    clause: "life/kill",
    check: "life/kill#under-load",
    title: "a batch is stored in two writes, with time between them",
    source: "R03",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        append: (call) =>
          Effect.gen(function* () {
            const { events } = call
            if (events.length < 10) return yield* reference.backend.append(call)
            fire()
            const [first, second] = [events.slice(0, 10), events.slice(10)]
            yield* reference.backend.append({ ...call, events: first, head: first.at(-1)!.seqNum })
            yield* Effect.sleep(4)
            // A process that was killed meanwhile has closed its connections, and writes no more.
            if (!call.context.connection.isOpen) return yield* Effect.never
            return yield* reference.backend.append({ ...call, events: second })
          }),
      },
    }),
  },
]
