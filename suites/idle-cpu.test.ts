import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import { ProviderHost, type Provider } from "../contract/provider.ts"
import { makeMock } from "../providers/mock/provider.ts"
import { reference, type MockSeams } from "../providers/mock/seams.ts"
import { lifePlatformChecks } from "./life-platform.ts"
import { runOn } from "./support/mutant-test.ts"

/** CPU that the metered backend says it uses for each frame that it reads, in milliseconds. */
const frameMs = 1

/** A mock that says what its backend costs, as one in a process of its own would. */
const meteredMock = (client: MockSeams["client"] = {}): Provider => {
  let frames = 0
  const backend: MockSeams["backend"] = {
    decodeUp: (line) => {
      frames += 1
      return reference.backend.decodeUp(line)
    },
  }
  const mock = makeMock({ key: "mock-metered", seams: () => ({ client, backend }) })
  const cpuMs = Effect.sync(() => frames * frameMs)
  return {
    ...mock,
    capabilities: { ...mock.capabilities, transport: "other" },
    layer: Layer.effect(
      ProviderHost,
      Effect.map(ProviderHost, (host) =>
        host.process === undefined ? host : { ...host, process: { ...host.process, cpuMs } },
      ),
    ).pipe(Layer.provide(mock.layer)),
  }
}

const idleCpu = lifePlatformChecks.find(({ id }) => id === "life/idle-cpu")!

describe("the check of what idle live pulls cost", () => {
  it("passes where a backend hears of its idle clients now and then", async () => {
    const { result } = await runOn(meteredMock(), idleCpu, 1)
    expect(result.outcome, result.reason).toBe("pass")
  })

  it("catches clients that ask for a sign of life fifty times a second", async () => {
    let asked = 0
    const heartbeat: MockSeams["client"]["heartbeat"] = (client) => {
      asked += 1
      return { ...reference.client.heartbeat(client), pingAfterMs: 20 }
    }
    const { result, anomalies } = await runOn(meteredMock({ heartbeat }), idleCpu, 1)
    expect(asked).toBeGreaterThan(0)
    expect([result.outcome, ...anomalies], result.reason).toEqual(["should-fail", "restless"])
  })
})
