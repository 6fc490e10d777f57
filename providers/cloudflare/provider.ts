import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../contract/provider.ts"
import { capabilitiesOf } from "./capabilities.ts"
import { keyOf, titleOf, type CloudflareForm } from "./form.ts"
import type { CloudflareHostOptions } from "./host.ts"

/** The reference Cloudflare provider in one of its forms; with `mutant` the Worker runs with one planted bug. */
export const makeCloudflare = (form: CloudflareForm, options: CloudflareHostOptions = {}): Provider => ({
  key: keyOf(form),
  title: titleOf(form),
  world: "real",
  capabilities: capabilitiesOf(form),
  availability: Effect.sync(() => findWorkerd()),
  layer: Layer.effect(
    ProviderHost,
    // Miniflare is large: it loads when a host is built, not when the provider is listed.
    Effect.flatMap(
      Effect.promise(() => import("./host.ts")),
      (host) => host.startCloudflareHost(form, options),
    ),
  ),
})

/** Over WebSockets, on Durable Object SQLite. */
export const cloudflareWsDo: Provider = makeCloudflare({ transport: "ws", storage: "do" })

/** Over WebSockets, on D1. */
export const cloudflareWsD1: Provider = makeCloudflare({ transport: "ws", storage: "d1" })

/** Over HTTP, on Durable Object SQLite. */
export const cloudflareHttpDo: Provider = makeCloudflare({ transport: "http", storage: "do" })

/** Over HTTP, on D1. */
export const cloudflareHttpD1: Provider = makeCloudflare({ transport: "http", storage: "d1" })

/** Over calls between objects, on Durable Object SQLite. */
export const cloudflareDoRpcDo: Provider = makeCloudflare({ transport: "do-rpc", storage: "do" })

/** Over calls between objects, on D1. */
export const cloudflareDoRpcD1: Provider = makeCloudflare({ transport: "do-rpc", storage: "d1" })

/** As `makeCloudflare`, with the clients' objects in the Worker of the stores: an application that is all one Worker. */
const inOneWorker = (form: CloudflareForm): Provider => ({
  ...makeCloudflare(form, { clients: "same" }),
  key: `${keyOf(form)}-same`,
  title: `${titleOf(form)}, clients in the same Worker`,
})

/** Over calls between objects of one Worker, on Durable Object SQLite. */
export const cloudflareDoRpcDoSame: Provider = inOneWorker({ transport: "do-rpc", storage: "do" })

/** Over calls between objects of one Worker, on D1. */
export const cloudflareDoRpcD1Same: Provider = inOneWorker({ transport: "do-rpc", storage: "d1" })

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
