import { Effect } from "effect"
import { reference } from "../../mock/seams.ts"
import type { Mutant } from "../mutant.ts"

const { backend } = reference

/** What outlives a loss of power. */
export const blindDurable: ReadonlyArray<Mutant> = [
  {
    id: "push/durable#group-commit",
    clause: "push/durable",
    title: "what is written while another request is being handled is left for that one to make durable",
    source: "L01, L02",
    seam: "backend.sync",
    anomaly: "lost-ack",
    make: (fire) => ({
      backend: {
        sync: (call) => {
          const { handling } = call.context.object
          if (call.why !== "acknowledge" || handling.size < 2) return backend.sync(call)
          fire()
          return Effect.void
        },
      },
    }),
  },
  {
    id: "pull/only-durable#shown-before-synced",
    clause: "pull/only-durable",
    title: "a pull shows rows that are written and would not outlive a loss of power",
    source: "L01",
    seam: "backend.sync",
    anomaly: "lost-ack",
    make: (fire) => ({
      backend: {
        sync: (call) => {
          const { storage, storeId } = call.context
          if (call.why !== "show" || !storage.hasUnsynced(storeId)) return backend.sync(call)
          fire()
          return Effect.void
        },
      },
    }),
  },
]
