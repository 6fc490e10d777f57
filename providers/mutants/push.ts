import { Effect } from "effect"
import { reference } from "../mock/seams.ts"
import { onNth, type Mutant } from "./mutant.ts"

/** Planted bugs of the push family. */
export const pushMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/sequential#forgets-second",
    clause: "push/sequential",
    title: "the second batch is acknowledged and never stored",
    source: "L01",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => {
      const second = onNth(2)
      return {
        backend: {
          append: (call) => {
            if (!second()) return reference.backend.append(call)
            fire()
            return Effect.succeed(true)
          },
        },
      }
    },
  },
  {
    id: "push/stale-parent#accepts",
    clause: "push/stale-parent",
    title: "a batch whose first parent is behind the head is admitted",
    source: "F02",
    seam: "backend.admit",
    anomaly: "stale-parent-accepted",
    make: (fire) => ({
      backend: {
        admit: (call) => {
          const parent = call.events[0]?.parentSeqNum ?? call.head
          if (parent >= call.head) return reference.backend.admit(call)
          fire()
          return reference.backend.admit({ ...call, head: parent })
        },
      },
    }),
  },
  {
    id: "push/ahead-then-pull#deaf",
    clause: "push/ahead-then-pull",
    title: "an open live pull looks again for nothing that it is told of, so a loser waits for the winner in vain",
    source: "K01",
    seam: "client.onPoke",
    anomaly: "silent-live",
    make: (fire) => ({
      client: {
        onPoke: (call) => {
          if (reference.client.onPoke(call)) fire()
          return false
        },
      },
    }),
  },
]
