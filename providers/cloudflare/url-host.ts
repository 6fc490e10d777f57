import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import { formClients } from "./form-clients.ts"
import { keyOf, type CloudflareForm } from "./form.ts"
import { harnessRoutes } from "./harness-routes.ts"
import { hostApplication } from "./host-application.ts"
import { hostCosts } from "./host-costs.ts"
import { hostStorage } from "./host-storage.ts"
import { hostViews } from "./host-views.ts"
import { openStores } from "./open-stores.ts"
import { readWorkerUrl } from "./url.ts"
import type { AboutWorker } from "./worker/worker.ts"

/**
 * A host for a Worker that already runs: what its harness routes offer, and nothing that would take control of its
 * process.
 */
export const startUrlHost = Effect.fnUntraced(function* (options: {
  readonly url: string
  readonly token: string
  readonly form: CloudflareForm
}): Effect.fn.Return<ProviderHostShape, HostError, Scope.Scope> {
  const { url, token, form } = options
  const address = readWorkerUrl(url)
  if (typeof address === "string") return yield* new HostError({ message: address })
  const target = () => address
  const routes = harnessRoutes(target, token)
  const about = JSON.parse(yield* routes.worker("about")) as AboutWorker
  const stores = openStores()
  const views = hostViews(routes)
  const { open, endpoint, classify, objects } = formClients({
    form,
    target,
    token,
    stores,
    secure: address.secure === true,
  })
  const wipe = (storeId: string) => routes.store(storeId, "wipe", "")
  // What a run leaves in somebody's Worker is removed with it.
  yield* Effect.addFinalizer(() => Effect.ignore(Effect.forEach(stores.used(), wipe, { concurrency: 8 })))

  return {
    identity: Effect.succeed({ name: "cf-url", version: about.boot, detail: keyOf(form) }),
    open,
    reset: Effect.gen(function* () {
      yield* Effect.forEach(stores.used(), wipe, { concurrency: 8 })
      yield* routes.worker("forget", "")
      stores.forget()
      objects?.forget()
    }),
    ...(endpoint === undefined ? {} : { endpoint, classify }),
    app: hostApplication({ routes, views, stores }),
    storage: hostStorage(routes, form),
    inspect: views.inspect,
    costs: hostCosts(routes, objects),
    gauges: views.gauges,
  }
})
