import { createHash, randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { ProviderHostShape } from "../../contract/provider.ts"
import { workerBundle } from "./bundle.ts"
import type { Dial } from "./client/link.ts"
import { formClients } from "./form-clients.ts"
import { keyOf, type CloudflareForm } from "./form.ts"
import { harnessRoutes } from "./harness-routes.ts"
import { hostApplication } from "./host-application.ts"
import { hostCosts } from "./host-costs.ts"
import { hostProcess } from "./host-process.ts"
import { hostStorage } from "./host-storage.ts"
import { hostViews } from "./host-views.ts"
import { startMiniflareBackend, type BackendWorker } from "./miniflare-backend.ts"
import { openStores } from "./open-stores.ts"
import { withClientObjects, type ClientTopology } from "./rpc/host-workers.ts"

/** An object hears that the client of a request is gone. */
const compatibilityFlags = ["enable_request_signal", "request_signal_passthrough"]

/** With more stores than this a fresh workerd is quicker than wiping each (150 ms against 12 ms a store). */
const wipedOneByOneAtMost = 6

/** How the host is started. */
export interface CloudflareHostOptions {
  /** The planted bug to run with, an id of `cloudflareMutants`. */
  readonly mutant?: string
  /** Told at the end of each host how often the planted bug made something wrong since workerd last started. */
  readonly onFired?: (times: number) => void
  /** Dials in place of the transport's own way: a planted bug of the client. */
  readonly dial?: Dial
  /** Where the objects' spans go, "http://127.0.0.1:4318". */
  readonly otlpUrl?: string
  /** Where clients that are objects live; default in a Worker of their own, as those of another application do. */
  readonly clients?: ClientTopology
}

/** Runs the Worker under miniflare for as long as the scope lasts. */
export const startCloudflareHost = Effect.fnUntraced(function* (
  form: CloudflareForm,
  options: CloudflareHostOptions = {},
): Effect.fn.Return<ProviderHostShape, HostError, Scope.Scope> {
  const { mutant, onFired, clients: topology = "separate" } = options
  const hasClients = form.transport === "do-rpc"
  const both = hasClients && topology === "same"
  const bundle = yield* hostPromise("bundle the Worker", () => workerBundle(both ? "worker-with-clients" : "worker"))
  const clientBundle = yield* hostPromise("bundle the clients' Worker", async () =>
    hasClients && !both ? workerBundle("client-worker") : "",
  )
  const token = randomUUID()
  const revoked = new Set<string>()
  const stores = openStores()
  let deploys = 0

  const storeWorker = (): BackendWorker => ({
    name: "sync",
    compatibilityDate: "2026-06-01",
    compatibilityFlags: [...compatibilityFlags],
    // Each deploy is another script, as it would be in life.
    modules: [{ type: "ESModule", path: "worker.js", contents: `${bundle}\n// deploy ${deploys}` }],
    durableObjects: { STORE: { className: "StoreObject", useSQLite: true } },
    ...(form.storage === "d1" ? { d1Databases: { LOGS: "logs" } } : {}),
    bindings: {
      HARNESS_TOKEN: token,
      BOOT: randomUUID().slice(0, 8),
      REVOKED: JSON.stringify([...revoked]),
      MUTANT: mutant ?? "",
      ...(options.otlpUrl === undefined ? {} : { OTLP_URL: options.otlpUrl }),
    },
  })
  const worker = (): BackendWorker =>
    hasClients ? withClientObjects(storeWorker(), topology, `${clientBundle}\n// deploy ${deploys}`) : storeWorker()
  const backend = yield* Effect.acquireRelease(
    hostPromise("start workerd", () => startMiniflareBackend(worker)),
    (started) => Effect.promise(() => started.stop()),
  )
  const routes = harnessRoutes(backend.target, token)
  const views = hostViews(routes)
  const app = hostApplication({ routes, views, stores })
  const clients = formClients({
    form,
    target: backend.target,
    token,
    stores,
    ...(options.dial === undefined ? {} : { dial: options.dial }),
  })
  const { objects } = clients
  // The count lives in the isolate: it is read before each orderly end of one.
  const reportFired =
    mutant === undefined || onFired === undefined
      ? Effect.void
      : Effect.ignore(Effect.map(routes.worker("fired"), (times) => onFired(Number(times))))
  yield* Effect.addFinalizer(() => reportFired)

  const forgetAll = Effect.sync(() => {
    revoked.clear()
    stores.forget()
    objects?.forget()
  })
  const reset = Effect.gen(function* () {
    const used = stores.used()
    if (!backend.isUp() || used.length > wipedOneByOneAtMost) {
      yield* forgetAll
      return yield* hostPromise("start workerd on empty storage", backend.startEmpty)
    }
    backend.resume()
    yield* Effect.forEach(used, (storeId) => routes.store(storeId, "wipe", ""), { concurrency: "unbounded" })
    yield* routes.worker("forget", "")
    yield* forgetAll
  })

  return {
    identity: Effect.succeed({
      name: keyOf(form),
      version: createHash("sha256").update(bundle).digest("hex").slice(0, 12),
      detail: `workerd ${backend.workerdVersion}${mutant === undefined ? "" : `, mutant ${mutant}`}`,
    }),
    open: clients.open,
    reset,
    ...(clients.endpoint === undefined ? {} : { endpoint: clients.endpoint }),
    classify: clients.classify,
    app: {
      ...app,
      revoke: (id) =>
        Effect.suspend(() => {
          revoked.add(id)
          return backend.isUp() ? app.revoke(id) : Effect.void
        }),
    },
    process: {
      ...(objects === undefined
        ? {}
        : {
            peekClients: (storeId: string) =>
              Effect.map(
                Effect.forEach(objects.objectsOf(storeId), (key) => routes.worker(`client/peek/${key}`)),
                (answers) =>
                  answers.flatMap((text) => (JSON.parse(text) as { readonly instance: string | null }).instance ?? []),
              ),
          }),
      ...hostProcess({
        backend,
        routes,
        stores,
        beforeEnd: reportFired,
        holdsRequests: form.transport === "http",
        nextVersion: () => {
          deploys += 1
          return worker
        },
      }),
    },
    storage: hostStorage(routes, form),
    inspect: views.inspect,
    costs: hostCosts(routes, objects),
    gauges: (storeId) =>
      Effect.map(views.gauges(storeId), (gauges) => ({ ...gauges, memoryBytes: backend.usage().memoryBytes })),
    logTail: Effect.sync(backend.logTail),
  }
})

/** A promise of the host; what it rejects with is the host's failure. */
export const hostPromise = <A>(what: string, body: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({ try: body, catch: (error) => new HostError({ message: `could not ${what}: ${String(error)}` }) })
