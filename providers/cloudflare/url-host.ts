import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import { harnessClientOptions } from "./capabilities.ts"
import { classifyFrames } from "./classify.ts"
import { openCloudflareClient } from "./client/client.ts"
import { keyOf, type CloudflareForm } from "./form.ts"
import { harnessRoutes } from "./harness-routes.ts"
import { hostStorage } from "./host-storage.ts"
import { hostViews } from "./host-views.ts"
import { openStores } from "./open-stores.ts"
import { readWorkerUrl } from "./url.ts"
import { storeKey } from "./wire.ts"

/** What a running Worker says of itself. */
interface About {
  readonly form: string
  readonly boot: string
}

/**
 * A host for a Worker that already runs: what its harness routes offer, and nothing that would take control of its
 * process. Links stand in between where it speaks plain HTTP.
 */
export const startUrlHost = Effect.fnUntraced(function* (options: {
  readonly url: string
  readonly token: string
  readonly form: CloudflareForm
}): Effect.fn.Return<ProviderHostShape, HostError, Scope.Scope> {
  const { form } = options
  const address = readWorkerUrl(options.url)
  if (typeof address === "string") return yield* new HostError({ message: address })
  const target = () => address
  const routes = harnessRoutes(target, options.token)
  const about = JSON.parse(yield* routes.worker("about")) as About
  if (about.form !== keyOf(form)) {
    return yield* new HostError({ message: `${options.url} is ${about.form}: set GAUNTLET_CF_FORM=${about.form}` })
  }
  const stores = openStores()
  const views = hostViews(routes)
  const wipe = (storeId: string) => routes.store(storeId, "wipe", "")
  // What a run leaves in somebody's Worker is removed with it.
  yield* Effect.addFinalizer(() => Effect.ignore(Effect.forEach(stores.used(), wipe, { concurrency: 8 })))

  return {
    identity: Effect.succeed({ name: "cf-url", version: about.boot, detail: about.form }),
    open: ({ link, ...args }) =>
      Effect.gen(function* () {
        if (link !== undefined && link.kind !== "tcp") {
          return yield* new HostError({ message: "this provider needs a TCP link" })
        }
        yield* Effect.acquireRelease(
          Effect.sync(() => stores.opened(args.storeId)),
          (closed) => Effect.sync(closed),
        )
        return yield* openCloudflareClient({
          ...args,
          form,
          target: link === undefined ? target : () => link,
          options: harnessClientOptions,
        })
      }),
    reset: Effect.gen(function* () {
      yield* Effect.forEach(stores.used(), wipe, { concurrency: 8 })
      yield* routes.worker("forget", "")
      stores.forget()
    }),
    ...(address.secure
      ? {}
      : { endpoint: { kind: "tcp", protocol: "websocket", target } as const, classify: classifyFrames }),
    app: {
      seen: views.seen,
      revoke: (id) =>
        Effect.gen(function* () {
          const keys = yield* Effect.promise(() => Promise.all(stores.open().map(storeKey)))
          yield* routes.worker("revoke", JSON.stringify({ id, stores: keys }))
        }),
    },
    storage: hostStorage(routes, form),
    inspect: views.inspect,
    gauges: views.gauges,
  }
})
