import { Effect } from "effect"
import { makeMock } from "../../mock/provider.ts"
import { reference } from "../../mock/seams.ts"

/** How long one statement takes to the database and back, in milliseconds. */
const roundTripMs = 1

/**
 * A batch is written event by event, each in a transaction of its own. A statement that fails, or a connection that
 * ends meanwhile, leaves the events before it in the log.
 */
export const weakNonAtomicBatch = makeMock({
  key: "weak-non-atomic-batch",
  title: "the mock, with batches that are written event by event",
  seams: () => ({
    backend: {
      append: (call) =>
        Effect.gen(function* () {
          for (const event of call.events) {
            if (!call.context.connection.isOpen) return yield* Effect.interrupt
            const stored = yield* reference.backend.append({ ...call, events: [event], head: event.seqNum })
            if (!stored) return false
            yield* Effect.sleep(roundTripMs)
          }
          return true
        }),
    },
  }),
})
