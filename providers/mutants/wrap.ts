import { type Cause, Effect, Queue, Stream } from "effect"
import type { PullError } from "../../contract/errors.ts"
import type { PullItem } from "../../contract/event.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import type { Mutant } from "./mutant.ts"

/** The mock's client with some members replaced, as its caller sees it. */
export const wrapped = (change: (provider: SyncProvider) => Partial<SyncProvider>): ReturnType<Mutant["make"]> => ({
  client: { wrap: ({ provider }) => Effect.sync(() => ({ ...provider, ...change(provider) })) },
})

/** Replaces what pulls, live ones not, give. */
export const withPulls = (
  change: (stream: Stream.Stream<PullItem, PullError>) => Stream.Stream<PullItem, PullError>,
): ReturnType<Mutant["make"]> =>
  wrapped((provider) => ({
    pull: (cursor, options) => {
      const stream = provider.pull(cursor, options)
      return options?.live === true ? stream : change(stream)
    },
  }))

/** Runs a pull to its end in the background as soon as it is asked for its first item, and cannot be stopped. */
export const readsAhead = (stream: Stream.Stream<PullItem, PullError>): Stream.Stream<PullItem, PullError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<PullItem, PullError | Cause.Done>()
      yield* Effect.forkDetach(
        Effect.matchCauseEffect(
          Stream.runForEach(stream, (item) => Queue.offer(queue, item)),
          { onSuccess: () => Queue.end(queue), onFailure: (cause) => Queue.failCause(queue, cause) },
        ),
      )
      return Stream.fromQueue(queue)
    }),
  )
