import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../contract/provider.ts"
import { postgresBinaries } from "../electric/postgres/binaries.ts"
import { published, type LivestoreBuild } from "../livestore-host/build.ts"
import { capabilities } from "./capabilities.ts"

const findParts = (build: LivestoreBuild): Availability => {
  if (build.versionOf("sync-electric") === undefined) {
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

/** LiveStore's Electric provider, unmodified, over embedded Postgres and the small shape server. */
export const makeLivestoreElectric = (build: LivestoreBuild = published): Provider => ({
  key: "livestore-electric",
  title: `LiveStore's ${build.whose} @livestore/sync-electric over embedded Postgres and a small shape server`,
  world: "real",
  capabilities,
  availability: Effect.sync(() => findParts(build)),
  layer: Layer.effect(
    ProviderHost,
    Effect.flatMap(
      Effect.promise(() => Promise.all([import("./host.ts"), import("../electric/embedded-pair.ts")])),
      ([{ startLivestoreElectric }, { startEmbeddedPair }]) =>
        Effect.flatMap(startEmbeddedPair(), (pair) => startLivestoreElectric(pair, build)),
    ),
  ),
})
