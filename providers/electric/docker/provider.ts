import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../../contract/provider.ts"
import { electricCapabilities } from "../capabilities.ts"
import { namedImages } from "../images/image-names.ts"

const key = "electric-docker"
const title = "Postgres and Electric in containers (GAUNTLET_POSTGRES_IMAGE, GAUNTLET_ELECTRIC_IMAGE)"

const whatIsMissing = async (): Promise<Availability> => {
  const [{ findEngine }, { missingImages }] = await Promise.all([import("./engine.ts"), import("./image.ts")])
  try {
    const missing = await missingImages(await findEngine(), namedImages())
    return missing === undefined ? available : { _tag: "Unavailable", missing }
  } catch (error) {
    return { _tag: "Unavailable", missing: error instanceof Error ? error.message : String(error) }
  }
}

/** The Electric provider on containers. */
export const electricDocker: Provider = {
  key,
  title,
  world: "real",
  capabilities: electricCapabilities,
  availability: Effect.promise(whatIsMissing),
  layer: Layer.effect(
    ProviderHost,
    Effect.gen(function* () {
      const { startDockerPair } = yield* Effect.promise(() => import("./docker-pair.ts"))
      const { startElectricHost } = yield* Effect.promise(() => import("../host.ts"))
      const pair = yield* startDockerPair({ tell: (line) => process.stderr.write(`${line}\n`) })
      return yield* startElectricHost(pair, { key, title })
    }),
  ),
}
