import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../contract/provider.ts"
import { electricCapabilities } from "./capabilities.ts"
import type { ElectricHostOptions } from "./host.ts"
import { postgresBinaries } from "./postgres/binaries.ts"

const key = "electric-embedded"
const title = "Electric's protocol over embedded Postgres: a small shape server, the official client, a push API"

const findPostgres = (): Availability => {
  try {
    postgresBinaries()
    return available
  } catch (error) {
    return { _tag: "Unavailable", missing: String((error as Error).message) }
  }
}

/** The Electric provider with nothing to install; with `mutant` the push API runs with one planted bug. */
export const makeElectricEmbedded = (options: Omit<ElectricHostOptions, "key" | "title"> = {}): Provider => ({
  key,
  title,
  world: "real",
  capabilities: electricCapabilities,
  availability: Effect.sync(findPostgres),
  layer: Layer.effect(
    ProviderHost,
    // The official client is large: it loads when a host is built, not when the provider is listed.
    Effect.flatMap(
      Effect.promise(() => Promise.all([import("./host.ts"), import("./embedded-pair.ts")])),
      ([{ startElectricHost }, { startEmbeddedPair }]) =>
        Effect.flatMap(startEmbeddedPair(), (pair) => startElectricHost(pair, { key, title, ...options })),
    ),
  ),
})

/** Live pulls hear of news by server-sent events; with GAUNTLET_ELECTRIC_LIVE=long-poll by long polling. */
export const electricEmbedded: Provider = makeElectricEmbedded(
  process.env["GAUNTLET_ELECTRIC_LIVE"] === "long-poll" ? { live: "long-poll" } : {},
)
