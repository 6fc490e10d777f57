import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../contract/provider.ts"
import { capabilities } from "./capabilities.ts"
import type { CloudflareHostOptions } from "./host.ts"

/** The reference Cloudflare provider; with `mutant` the Worker runs with one planted bug. */
export const makeCloudflareWsDo = (options: CloudflareHostOptions = {}): Provider => ({
  key: "cf-ws-do",
  title: "the reference Cloudflare provider: hibernatable WebSockets, Durable Object SQLite, in workerd",
  world: "real",
  capabilities,
  availability: Effect.sync(() => findWorkerd()),
  layer: Layer.effect(
    ProviderHost,
    // Miniflare is large: it loads when a host is built, not when the provider is listed.
    Effect.flatMap(
      Effect.promise(() => import("./host.ts")),
      (host) => host.startCloudflareHost(options),
    ),
  ),
})

/** The reference Cloudflare provider. */
export const cloudflareWsDo: Provider = makeCloudflareWsDo()

const findWorkerd = (): Availability => {
  try {
    const fromMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"))
    const { default: path } = fromMiniflare("workerd") as { readonly default: string }
    if (existsSync(path)) return available
    return { _tag: "Unavailable", missing: `workerd is not installed at ${path}: run pnpm install` }
  } catch (error) {
    return { _tag: "Unavailable", missing: `workerd cannot be found (${String(error)}): run pnpm install` }
  }
}
