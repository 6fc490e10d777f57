import { Effect, Schedule } from "effect"
import type { PingError } from "../../contract/errors.ts"
import type { Provider } from "../../contract/provider.ts"
import { makeMock } from "../../providers/mock/provider.ts"
import { reference } from "../../providers/mock/seams.ts"

/** How a push waits until the client is served: `probe` asks for a sign of life, and fails while there is none. */
export type Wait = (probe: Effect.Effect<void, PingError>) => Effect.Effect<void>

/** Between two probes, in milliseconds. */
const pauseMs = 250

/** Asks until there is an answer, whatever it is: what else than being offline is wrong, the push will say. */
export const untilServed: Wait = (probe) =>
  probe.pipe(
    Effect.retry({ while: ({ _tag }) => _tag === "IsOffline", schedule: Schedule.spaced(pauseMs) }),
    Effect.ignore,
  )

/** A mock whose pushes wait while it is offline, and which declares it. */
export const mockThatWaits = (wait: Wait = untilServed): Provider => {
  const mock = makeMock({
    key: "mock-waits",
    seams: () => ({
      client: {
        wrap: (call) =>
          Effect.map(reference.client.wrap(call), (provider) => ({
            ...provider,
            push: (batch) => Effect.andThen(wait(provider.ping), provider.push(batch)),
          })),
      },
    }),
  })
  return { ...mock, capabilities: { ...mock.capabilities, pushWhileOffline: "waits" } }
}
