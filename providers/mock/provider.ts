import { Effect, Layer } from "effect"
import { available, ProviderHost, type Provider } from "../../contract/provider.ts"
import { mockCapabilities } from "./capabilities.ts"
import { startMock } from "./host.ts"
import type { MockSeams } from "./seams.ts"

/** How a mock differs from the reference. */
export interface MockOptions {
  /** Default "mock". */
  readonly key?: string
  readonly title?: string
  /** Makes the changed seams; called once for each host, so that what they count begins afresh. */
  readonly seams?: () => Partial<MockSeams>
}

/** A provider that runs the mock in the virtual world, with seams changed where a mutant says so. */
export const makeMock = (options: MockOptions = {}): Provider => ({
  key: options.key ?? "mock",
  title: options.title ?? "Reference backend in memory, on a simulated network",
  world: "virtual",
  capabilities: mockCapabilities,
  availability: Effect.succeed(available),
  layer: Layer.effect(
    ProviderHost,
    Effect.suspend(() => startMock(options.seams?.() ?? {})),
  ),
})

/** The reference provider in memory. */
export const mock: Provider = makeMock()
