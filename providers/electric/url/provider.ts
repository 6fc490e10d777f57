import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../../contract/provider.ts"
import { HostError } from "../../../contract/errors.ts"
import { electricCapabilities } from "../capabilities.ts"
import { namedPair } from "./variables.ts"

const key = "electric-url"
const title = "Electric and Postgres where they already run (GAUNTLET_ELECTRIC_URL, GAUNTLET_DATABASE_URL)"

const whatIsMissing = async (): Promise<Availability> => {
  const pair = namedPair()
  if (typeof pair === "string") return { _tag: "Unavailable", missing: pair }
  const { checkPair } = await import("./url-pair.ts")
  const missing = await checkPair(pair)
  return missing === undefined ? available : { _tag: "Unavailable", missing }
}

/** The Electric provider on a pair that somebody else runs. */
export const electricUrl: Provider = {
  key,
  title,
  world: "real",
  capabilities: electricCapabilities,
  availability: Effect.promise(whatIsMissing),
  layer: Layer.effect(
    ProviderHost,
    Effect.gen(function* () {
      const named = namedPair()
      if (typeof named === "string") return yield* new HostError({ message: named })
      const { startUrlPair } = yield* Effect.promise(() => import("./url-pair.ts"))
      const { startElectricHost } = yield* Effect.promise(() => import("../host.ts"))
      return yield* startElectricHost(yield* startUrlPair(named), { key, title })
    }),
  ),
}
