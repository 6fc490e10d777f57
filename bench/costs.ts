import { Context, Effect, Exit, Layer } from "effect"
import type { StoreCosts } from "../contract/costs.ts"
import { ProviderHost } from "../contract/provider.ts"
import { measureCosts } from "../harness/measure-costs.ts"
import { loadProvider } from "../providers/registry.ts"

/** Measures what a provider costs its platform, on a host of its own; undefined for one that does not tell. */
export const costsOfProvider = async (key: string): Promise<StoreCosts | undefined> => {
  const provider = await loadProvider(key)
  if (provider === undefined) throw new Error(`there is no provider "${key}"`)
  if (provider.world === "virtual") return undefined
  const availability = await Effect.runPromise(provider.availability)
  if (availability._tag === "Unavailable") return undefined
  const exit = await Effect.runPromiseExit(
    Effect.scoped(
      Effect.flatMap(Layer.build(provider.layer), (services) =>
        measureCosts(Context.get(services, ProviderHost), "bench-costs"),
      ),
    ),
  )
  if (Exit.isFailure(exit)) throw new Error(`${key} could not be measured: ${String(exit.cause)}`)
  return exit.value
}
