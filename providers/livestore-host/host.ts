import { randomUUID } from "node:crypto"
import type { EventEncoded } from "../../contract/event.ts"
import type { Gauges } from "../../contract/provider.ts"
import type { HookRecord } from "../../contract/test-application.ts"
import { startMiniflareBackend, type MiniflareBackend } from "../cloudflare/miniflare-backend.ts"
import type { AsyncHost } from "../async-host.ts"
import type { StartedHost } from "../from-async.ts"
import { published, type LivestoreBuild } from "./build.ts"
import { durableObjectClass, livestoreWorker } from "./bundle-worker.ts"
import { classifyRpc } from "./classify.ts"
import type { LivestoreForm } from "./form.ts"
import { harnessRoutes, type HarnessRoutes } from "./harness-routes.ts"
import { openRemoteClient } from "./remote-client.ts"

/** What a host keeps beside the worker, because the worker's memory ends with workerd. */
interface HostState {
  readonly form: LivestoreForm
  readonly build: LivestoreBuild
  readonly backend: MiniflareBackend
  readonly routes: HarnessRoutes
  readonly token: string
  readonly stores: Set<string>
  readonly revoked: Set<string>
  /** What the hooks saw in incarnations of workerd that ended orderly. */
  readonly seenBefore: Map<string, ReadonlyArray<HookRecord>>
  version: number
}

/**
 * LiveStore's heartbeat and how long connect and ping wait for an answer to one, in milliseconds: its published
 * options, both 10 s by default. The heartbeat is shorter here, so that checks of lost connections end soon; the wait
 * is longer than it, because a ping takes no notice but of the next heartbeat.
 */
const ping = { requestInterval: 3_000, requestTimeout: 4_500 }

/** The same for HTTP, where a live pull polls: published options, 5 s and 10 s by default. */
const polling = {
  livePull: { pollInterval: 1_500 },
  ping: { requestInterval: 2_000, requestTimeout: 2_000 },
}

/** Starts LiveStore's worker in a workerd of its own. */
export const startHost = async (
  form: LivestoreForm = { transport: "ws", storage: "do" },
  build: LivestoreBuild = published,
): Promise<StartedHost> => {
  const token = randomUUID()
  // Loaded now, so that the first client does not pay for it within its deadline.
  const [worker, clients] = await Promise.all([
    livestoreWorker(form, build.worker, { token, version: 1 }),
    build.clients(),
  ])
  const backend = await startMiniflareBackend(worker)
  const state: HostState = {
    form,
    build,
    backend,
    routes: harnessRoutes(backend.target, token),
    token,
    stores: new Set(),
    revoked: new Set(),
    seenBefore: new Map(),
    version: 1,
  }
  const { routes } = state
  const opening = await opener(state, clients)
  return {
    identity: async () => ({
      name: "@livestore/sync-cf",
      version: build.versionOf("sync-cf") ?? "unknown",
      detail: `workerd ${backend.workerdVersion}`,
    }),
    // Between two objects there is no socket that a link could stand in.
    ...(form.transport !== "do-rpc" && {
      endpoint: { protocol: form.transport === "ws" ? "websocket" : "http", target: backend.target },
      classify: classifyRpc,
    }),
    open: (args) => {
      state.stores.add(args.storeId)
      return opening(args)
    },
    interruption: "settled",
    app: appOf(state),
    process: processOf(state),
    storage: storageOf(routes),
    inspect: async (storeId) => (await routes.of(storeId, { do: "inspect" })) as ReadonlyArray<EventEncoded>,
    // A client over HTTP leaves nothing at the backend that could be counted.
    ...(form.transport !== "http" && {
      gauges: async (storeId: string) => ({
        ...(await gaugesOf(state, storeId)),
        memoryBytes: backend.usage().memoryBytes,
      }),
    }),
    logTail: async () => backend.logTail(),
    reset: () => reset(state),
    stop: backend.stop,
  }
}

/** What can be counted: a client over RPC has no socket. */
const gaugesOf = async ({ form, routes }: HostState, storeId: string): Promise<Gauges> => {
  const all = (await routes.of(storeId, { do: "gauges" })) as Gauges
  return form.transport === "ws" ? all : { subscriptions: all.subscriptions ?? 0 }
}

/** Opens clients of the form's transport. */
const opener = async (
  { form, backend, token }: HostState,
  { openWsClient, openHttpClient, rpcMetadata }: typeof import("../livestore/client.ts"),
): Promise<AsyncHost["open"]> => {
  const url = ({ host, port }: { readonly host: string; readonly port: number }) => `http://${host}:${port}`
  switch (form.transport) {
    case "ws":
      return (args) => openWsClient(args, { url: url(args.address ?? backend.target()), ping })
    case "http":
      return (args) => openHttpClient(args, { url: url(args.address ?? backend.target()), ...polling })
    case "do-rpc": {
      const metadata = await rpcMetadata()
      return (args) =>
        openRemoteClient(args, {
          // Each client has an object of its own.
          url: () => `${url(backend.target()).replace("http", "ws")}/?client=${randomUUID()}`,
          token,
          metadata,
        })
    }
  }
}

const appOf = ({ routes, revoked, seenBefore }: HostState): NonNullable<AsyncHost["app"]> => ({
  seen: async (storeId) => [
    ...(seenBefore.get(storeId) ?? []),
    ...((await routes.ask({ seen: storeId })) as ReadonlyArray<HookRecord>),
  ],
  revoke: async (id) => {
    revoked.add(id)
    await routes.ask({ revoke: id })
  },
})

const processOf = (state: HostState): NonNullable<AsyncHost["process"]> => {
  const { backend, routes } = state
  const start = async (): Promise<void> => {
    await backend.start()
    await revokeAgain(state)
  }
  return {
    kill: backend.kill,
    start,
    restart: async () => {
      await keepSeen(state)
      // workerd knows no farewell of its own: the objects close their sockets first.
      const open = backend.isUp() ? [...state.stores] : []
      await Promise.all(open.map((storeId) => routes.of(storeId, { do: "drain" })))
      await backend.kill()
      await start()
    },
    // Clients over RPC would freeze too.
    ...(state.form.transport !== "do-rpc" && {
      pause: async () => backend.pause(),
      resume: async () => backend.resume(),
    }),
    evict: async (storeId, sockets) =>
      sockets === "close" ? void (await routes.of(storeId, { do: "end" })) : hibernate(state, storeId),
    deploy: async () => {
      await keepSeen(state)
      state.version += 1
      const { form, build, token, version } = state
      await backend.deploy(await livestoreWorker(form, build.worker, { token, version }))
      await revokeAgain(state)
    },
    instance: async (storeId) => instanceName(backend, await routes.of(storeId, { do: "instance" })),
    peekInstance: async (storeId) => {
      const awake = backend.isUp() ? await routes.ask({ peek: storeId }) : null
      return awake === null ? undefined : instanceName(backend, awake)
    },
    cpuMs: async () => backend.usage().cpuMs,
  }
}

const instanceName = (backend: MiniflareBackend, instance: unknown): string => `${backend.boot()}-${String(instance)}`

const hibernateMs = 3_000

/**
 * Takes an object out of memory and keeps its sockets. workerd does so at once, or waits half a minute for an object
 * that something pins and then gives up; it is not waited for so long.
 */
const hibernate = async ({ backend, routes, form }: HostState, storeId: string): Promise<void> => {
  // Only an object that runs can be evicted.
  await routes.of(storeId, { do: "instance" })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const pinned = "the object cannot hibernate: something in it stays active, and workerd waits for that"
  const timer = setTimeout(() => reject(new Error(pinned)), hibernateMs)
  backend.evict(durableObjectClass(form), storeId, "hibernate").then(resolve, reject)
  await promise.finally(() => clearTimeout(timer))
}

const keepSeen = async ({ backend, routes, stores, seenBefore }: HostState): Promise<void> => {
  if (!backend.isUp()) return
  for (const storeId of stores) {
    const records = (await routes.ask({ seen: storeId })) as ReadonlyArray<HookRecord>
    seenBefore.set(storeId, [...(seenBefore.get(storeId) ?? []), ...records])
  }
}

const revokeAgain = async ({ routes, revoked }: HostState): Promise<void> => {
  for (const id of revoked) await routes.ask({ revoke: id })
}

const storageOf = (routes: HarnessRoutes): NonNullable<AsyncHost["storage"]> => ({
  wipe: async (storeId) => void (await routes.of(storeId, { do: "wipe" })),
  wipeBeneath: async (storeId) => void (await routes.of(storeId, { do: "wipeBeneath" })),
  snapshot: async (storeId) => {
    const snapshot = (await routes.of(storeId, { do: "snapshot" })) as never
    return async () => void (await routes.of(storeId, { do: "restore", snapshot }))
  },
  outage: async (storeId) => {
    await routes.of(storeId, { do: "outage", on: true })
    return async () => void (await routes.of(storeId, { do: "outage", on: false }))
  },
  failWrite: async (storeId, nth) => void (await routes.of(storeId, { do: "failWrite", nth })),
  bit: async (storeId) => Number(await routes.of(storeId, { do: "bit" })),
})

/** A clean state: workerd up and running, every store that was used wiped, nothing remembered. */
const reset = async (state: HostState): Promise<void> => {
  const { backend, routes, stores, revoked, seenBefore } = state
  if (backend.isUp()) backend.resume()
  await backend.start()
  await Promise.all([...stores].map((storeId) => routes.of(storeId, { do: "wipe" })))
  await routes.ask({ forget: true })
  stores.clear()
  revoked.clear()
  seenBefore.clear()
}
