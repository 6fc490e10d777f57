import { Effect } from "effect"
import { runVirtual } from "../chaos/world/run-virtual.ts"
import { ProviderHost, type Provider, type ProviderHostShape } from "../contract/provider.ts"
import type { SimTarget } from "./sim-messages.ts"

/** A target's key begins so when a bug is planted in the mock: "mock+push/one#…". */
const plantedPrefix = "mock+"

/** The target that a provider's key names. */
export const targetOf = (key: string): SimTarget =>
  key.startsWith(plantedPrefix) ? { kind: "mutant", id: key.slice(plantedPrefix.length) } : { kind: "provider", key }

/** Loads a target; undefined when nobody knows it. */
export const loadTarget = async (target: SimTarget): Promise<Provider | undefined> => {
  if (target.kind === "provider") return loadSimulated(target.key) ?? loadRegistered(target.key)
  const [{ mutants }, { planted }] = await Promise.all([
    import("../providers/mutants/index.ts"),
    import("../providers/mutants/mutant.ts"),
  ])
  const mutant = mutants.find(({ id }) => id === target.id)
  return mutant === undefined ? undefined : planted(mutant).provider
}

const loadRegistered = async (key: string): Promise<Provider | undefined> =>
  (await import("../providers/registry.ts")).loadProvider(key)

/** A planted bug of the Cloudflare provider on its simulated platform: "cf-core+push/atomic#half-batch". */
const loadSimulated = (key: string): Promise<Provider | undefined> | undefined => {
  const [, d1, mutant] = /^cf-core(-d1)?\+(.+)$/.exec(key) ?? []
  if (mutant === undefined) return undefined
  return plantedInCore(mutant, d1 === undefined ? "do" : "d1")
}

const plantedInCore = async (mutant: string, logs: "do" | "d1"): Promise<Provider | undefined> => {
  const [{ makeSimulatedCloudflare }, { cloudflareMutants }] = await Promise.all([
    import("../providers/cloudflare/simulated/provider.ts"),
    import("../providers/cloudflare/mutants.ts"),
  ])
  return cloudflareMutants.some(({ id }) => id === mutant) ? makeSimulatedCloudflare({ mutant, logs }) : undefined
}

/** A host of a provider of the virtual world, only to be asked what it offers. */
export const virtualHost = (provider: Provider): ProviderHostShape => {
  const result = runVirtual(0, Effect.scoped(Effect.provide(ProviderHost, provider.layer)))
  if (result._tag === "done" && result.exit._tag === "Success") return result.exit.value
  throw new Error(`the host of ${provider.key} would not start in the virtual world`)
}
