import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { BackendProcess } from "../../contract/provider.ts"
import type { HarnessRoutes } from "./harness-routes.ts"
import type { BackendWorker, MiniflareBackend } from "./miniflare-backend.ts"
import type { OpenStores } from "./open-stores.ts"
import { storeKey } from "./wire.ts"

/**
 * Whether workerd has given up an eviction after half a minute because something still refers to the object. On a
 * busy machine that was seen of an object that had no request (once in several hundred evictions): where its sockets
 * are to be closed the object can be ended from inside as well, otherwise it is asked again.
 */
const isHeldByReferences = (error: HostError): boolean => error.message.includes("still has active references")

/** What can be done to workerd and to single objects. */
export const hostProcess = (parts: {
  readonly backend: MiniflareBackend
  readonly routes: HarnessRoutes
  readonly stores: OpenStores
  /** Whether live clients hold requests: those outlive no eviction, and workerd evicts no object that has any. */
  readonly holdsRequests: boolean
  /** Makes the worker of the next version. */
  readonly nextVersion: () => () => BackendWorker
  /** Reads what only the running process knows, before it ends in order. */
  readonly beforeEnd: Effect.Effect<void>
}): BackendProcess => {
  const { backend, routes, stores } = parts
  const attempt = <A>(what: string, body: () => A | Promise<A>): Effect.Effect<A, HostError> =>
    Effect.tryPromise({
      try: async () => body(),
      catch: (error) => new HostError({ message: `could not ${what}: ${String(error)}` }),
    })
  const instance = (storeId: string) =>
    Effect.map(routes.store(storeId, "instance"), (text) => (JSON.parse(text) as { instance: string }).instance)

  return {
    kill: attempt("kill workerd", backend.kill),
    start: attempt("start workerd", backend.start),
    restart: Effect.gen(function* () {
      yield* parts.beforeEnd
      // workerd knows no farewell of its own: the objects close their sockets first.
      yield* Effect.forEach(stores.open(), (storeId) => routes.store(storeId, "drain"), { concurrency: "unbounded" })
      yield* attempt("end workerd", backend.kill)
      yield* attempt("start workerd", backend.start)
    }),
    pause: attempt("pause workerd", backend.pause),
    resume: attempt("resume workerd", backend.resume),
    evict: (storeId, sockets) =>
      Effect.gen(function* () {
        // Only an object that runs can be evicted.
        yield* instance(storeId)
        if (parts.holdsRequests) return yield* Effect.asVoid(routes.store(storeId, "abort", ""))
        const key = yield* Effect.promise(() => storeKey(storeId))
        const evict = attempt("evict the object", () => backend.evict("StoreObject", key, sockets))
        yield* evict.pipe(
          Effect.catchIf(isHeldByReferences, () =>
            sockets === "close" ? Effect.asVoid(routes.store(storeId, "abort", "")) : evict,
          ),
        )
      }),
    deploy: attempt("deploy", () => backend.deploy(parts.nextVersion())),
    instance,
    peekInstance: (storeId) =>
      backend.isUp()
        ? Effect.map(
            routes.store(storeId, "peek"),
            (text) => (JSON.parse(text) as { instance: string | null }).instance ?? undefined,
          )
        : Effect.succeed(undefined),
    cpuMs: Effect.sync(() => backend.usage().cpuMs),
  }
}
