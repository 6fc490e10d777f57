import { Effect, Exit, Scope } from "effect"
import { afterAll, describe, expect, it, type TestContext } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { startElectricHost } from "../host.ts"
import { follow, pushUntilThere, waitFor } from "../live-pull.fixture.ts"
import { startDockerPair, type DockerPair } from "./docker-pair.ts"
import { imagesOrSkip } from "./engine.fixture.ts"

interface Running {
  readonly pair: DockerPair
  readonly host: ProviderHostShape
}

const scope = Scope.makeUnsafe()
let started: Promise<Running> | undefined

/** The host that all tests share, started by the first of them. */
const hostOrSkip = async (context: TestContext): Promise<Running> => {
  const { images } = await imagesOrSkip(context)
  started ??= Effect.runPromise(
    Scope.provide(
      Effect.gen(function* () {
        const pair = yield* startDockerPair({ images })
        return { pair, host: yield* startElectricHost(pair, { key: "electric-docker", title: "Electric" }) }
      }),
      scope,
    ),
  )
  return started
}

afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const open = ({ host }: Running, storeId: string, clientId: string): Promise<SyncProvider> =>
  Effect.runPromise(Scope.provide(host.open({ storeId, clientId, memory: clientMemoryOver(new Map()) }), scope))

const faults: ReadonlyArray<readonly [string, (pair: DockerPair) => Promise<void>]> = [
  [
    "Electric's container is cut off from the network and joined again",
    async ({ containers, ready }) => {
      await containers.electric.cut()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      await containers.electric.join()
      await ready("electric")
    },
  ],
  [
    "Electric's container is made anew, its storage gone",
    async ({ containers, ready }) => {
      await containers.electric.recreate()
      await containers.electric.start()
      await ready("electric")
    },
  ],
  [
    "Postgres's container is killed and started",
    async ({ containers, ready }) => {
      await containers.postgres.kill()
      await containers.postgres.start()
      await ready("postgres")
    },
  ],
]

describe("a live pull goes on without a hole, a repeat or a false mismatch when", () => {
  it.for(faults)("%s", async ([what, fault], context) => {
    const running = await hostOrSkip(context)
    const writer = await open(running, what, "writer")
    const reader = follow(await open(running, what, "reader"))
    for (let n = 1; n <= 3; n += 1) await pushUntilThere(running.host, writer, n)
    expect(await waitFor(() => reader.numbers.length === 3, 20_000)).toBe(true)
    const broken = fault(running.pair)
    for (let n = 4; n <= 6; n += 1) await pushUntilThere(running.host, writer, n)
    await broken
    await pushUntilThere(running.host, writer, 7)
    await waitFor(() => reader.numbers.length >= 7 || reader.ended() !== undefined, 60_000)
    expect({ numbers: reader.numbers, ended: reader.ended() }).toEqual({
      numbers: [1, 2, 3, 4, 5, 6, 7],
      ended: undefined,
    })
    await reader.stop()
  })
})
