import { Effect, Layer } from "effect"
import { available, ProviderHost, type Provider } from "../../../contract/provider.ts"
import { capabilitiesOf } from "../capabilities.ts"
import { startSimulated, type SimulatedOptions } from "./host.ts"

const names = {
  do: {
    key: "cf-core",
    title: "core and client of the reference Cloudflare provider on a simulated platform: Durable Object SQLite",
  },
  d1: {
    key: "cf-core-d1",
    title: "core and client of the reference Cloudflare provider on a simulated platform: D1",
  },
} as const

/** With a planted bug the key says so: "cf-core+push/atomic#half-batch". */
const namesOf = ({ logs = "do", mutant }: SimulatedOptions) => {
  const { key, title } = names[logs]
  return { key: mutant === undefined ? key : `${key}+${mutant}`, title }
}

const faults = ["storage.slow", "storage.full", "client.clock-jump"] as const

/** The Cloudflare core in the virtual world; with `mutant` it runs with one planted bug. */
export const makeSimulatedCloudflare = (options: SimulatedOptions = {}): Provider => ({
  ...namesOf(options),
  world: "virtual",
  capabilities: {
    ...capabilitiesOf({ transport: "ws", storage: options.logs ?? "do" }),
    // D1 answers when what was written is safe, and asks nobody whether he is the latest, as an object's own storage does.
    faults: [...faults, options.logs === "d1" ? "storage.two-instances" : "storage.unsynced"],
  },
  availability: Effect.succeed(available),
  layer: Layer.effect(
    ProviderHost,
    Effect.suspend(() => startSimulated(namesOf(options), options)),
  ),
})

/** The Cloudflare core in the virtual world, on the SQLite of its object. */
export const cfCore: Provider = makeSimulatedCloudflare()

/** The same on D1: other messages of the same object run at each of its calls. */
export const cfCoreD1: Provider = makeSimulatedCloudflare({ logs: "d1" })
