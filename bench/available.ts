import { Effect } from "effect"
import { loadProvider } from "../providers/registry.ts"

/** Those of these providers that can run on this machine; a line on standard error says of the others what is missing. */
export const availableOf = async (keys: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const here: Array<string> = []
  for (const key of keys) {
    const provider = await loadProvider(key)
    if (provider === undefined) continue
    const availability = await Effect.runPromise(provider.availability)
    if (availability._tag === "Available") here.push(key)
    else console.error(`${key} is not measured: ${availability.missing}`)
  }
  return here
}
