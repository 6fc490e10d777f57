import { Effect } from "effect"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { writesBehind } from "./push-storing.ts"

/** Planted bugs that a kill of the backend brings to light. */
export const lifeKillMutants: ReadonlyArray<Mutant> = [
  {
    id: "life/kill#writes-behind",
    clause: "life/kill",
    check: "life/kill",
    title: "a large batch is acknowledged first and written a moment later",
    source: "L02",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => ({ backend: { append: writesBehind(fire, 50) } }),
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
