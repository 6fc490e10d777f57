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
  if (target.kind === "provider") return (await import("../providers/registry.ts")).loadProvider(target.key)
  const [{ mutants }, { planted }] = await Promise.all([
    import("../providers/mutants/index.ts"),
    import("../providers/mutants/mutant.ts"),
  ])
  const mutant = mutants.find(({ id }) => id === target.id)
  return mutant === undefined ? undefined : planted(mutant).provider
}

/** A host of a provider of the virtual world, only to be asked what it offers. */
export const virtualHost = (provider: Provider): ProviderHostShape => {
  const result = runVirtual(0, Effect.scoped(Effect.provide(ProviderHost, provider.layer)))
  if (result._tag === "done" && result.exit._tag === "Success") return result.exit.value
  throw new Error(`the host of ${provider.key} would not start in the virtual world`)
}
