import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../contract/provider.ts"
import { postgresBinaries } from "../electric/postgres/binaries.ts"
import { installedVersion } from "../livestore-host/installed-version.ts"
import { capabilities } from "./capabilities.ts"

const findParts = (): Availability => {
  if (installedVersion("sync-electric") === undefined) {
    return {
      _tag: "Unavailable",
      missing: "@livestore/sync-electric: run the package manager's install in this folder",
    }
  }
  try {
    postgresBinaries()
    return available
  } catch (error) {
    return { _tag: "Unavailable", missing: String((error as Error).message) }
  }
}

/** LiveStore's published Electric provider, unmodified, over embedded Postgres and the small shape server. */
export const livestoreElectric: Provider = {
  key: "livestore-electric",
  title: "LiveStore's published @livestore/sync-electric over embedded Postgres and a small shape server",
  world: "real",
  capabilities,
  availability: Effect.sync(findParts),
  layer: Layer.effect(
    ProviderHost,
    Effect.flatMap(
      Effect.promise(() => Promise.all([import("./host.ts"), import("../electric/embedded-pair.ts")])),
      ([{ startLivestoreElectric }, { startEmbeddedPair }]) =>
        Effect.flatMap(startEmbeddedPair(), startLivestoreElectric),
    ),
  ),
}
