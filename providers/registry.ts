import type { AnomalyName } from "../contract/anomaly.ts"
import type { Provider } from "../contract/provider.ts"
import type { LivestoreBuild } from "./livestore-host/build.ts"
import type { LivestoreForm } from "./livestore-host/form.ts"

/** A provider that the harness knows by name. Nothing of it loads before it is chosen. */
export interface RegisteredProvider {
  readonly key: string
  readonly title: string
  /** Who wrote it: this project, which keeps it without failures, or others, whose failures are listed as deviations. */
  readonly origin: "project" | "published"
  /** It runs in the virtual world, where several processes may share its checks. */
  readonly virtual?: true
  /** A published provider runs the code of a working copy in place of what is published, where one is handed over. */
  readonly load: (build?: LivestoreBuild) => Promise<Provider>
}

const livestore =
  (form: LivestoreForm) =>
  async (build?: LivestoreBuild): Promise<Provider> =>
    (await import("./livestore-host/provider.ts")).makeLivestore(form, build)

/** Every built-in provider, in the order of reports. */
export const registry: ReadonlyArray<RegisteredProvider> = [
  {
    key: "mock",
    title: "the reference backend in process, on a simulated network and a virtual clock",
    origin: "project",
    virtual: true,
    load: async () => (await import("./mock/provider.ts")).mock,
  },
  {
    key: "cf-ws-do",
    title: "the reference Cloudflare provider: hibernatable WebSockets, Durable Object SQLite, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareWsDo,
  },
  {
    key: "cf-ws-d1",
    title: "the reference Cloudflare provider: hibernatable WebSockets, D1, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareWsD1,
  },
  {
    key: "cf-http-do",
    title: "the reference Cloudflare provider: HTTP, Durable Object SQLite, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareHttpDo,
  },
  {
    key: "cf-http-d1",
    title: "the reference Cloudflare provider: HTTP, D1, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareHttpD1,
  },
  {
    key: "cf-do-rpc-do",
    title: "the reference Cloudflare provider: Durable Object RPC, Durable Object SQLite, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareDoRpcDo,
  },
  {
    key: "cf-do-rpc-d1",
    title: "the reference Cloudflare provider: Durable Object RPC, D1, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareDoRpcD1,
  },
  {
    key: "cf-url",
    title: "the reference Worker where it already runs (GAUNTLET_CF_URL, GAUNTLET_CF_TOKEN)",
    origin: "project",
    load: async () => (await import("./cloudflare/url-provider.ts")).cloudflareUrl,
  },
  {
    key: "electric-embedded",
    title: "Electric's protocol over embedded Postgres: a small shape server, the official client, a push API",
    origin: "project",
    load: async () => (await import("./electric/provider.ts")).electricEmbedded,
  },
  {
    key: "electric-docker",
    title: "Postgres and Electric in containers (GAUNTLET_POSTGRES_IMAGE, GAUNTLET_ELECTRIC_IMAGE)",
    origin: "project",
    load: async () => (await import("./electric/docker/provider.ts")).electricDocker,
  },
  {
    key: "electric-url",
    title: "Electric and Postgres where they already run (GAUNTLET_ELECTRIC_URL, GAUNTLET_DATABASE_URL)",
    origin: "project",
    load: async () => (await import("./electric/url/provider.ts")).electricUrl,
  },
  {
    key: "livestore-mock",
    title: "LiveStore's published mock backend (@livestore/common) in this process",
    origin: "published",
    load: async (build) => (await import("./livestore-host/mock-provider.ts")).makeLivestoreMock(build),
  },
  {
    key: "livestore-cf-ws-do",
    title: "LiveStore's published @livestore/sync-cf over WebSocket, Durable Object SQLite, in workerd",
    origin: "published",
    load: livestore({ transport: "ws", storage: "do" }),
  },
  {
    key: "livestore-electric",
    title: "LiveStore's published @livestore/sync-electric over embedded Postgres and a small shape server",
    origin: "published",
    load: async (build) => (await import("./livestore-electric/provider.ts")).makeLivestoreElectric(build),
  },
]

/** What a backend is known to be weak at. */
export interface Weakness {
  /** What it has to be convicted of. */
  readonly anomaly: AnomalyName
  /** A clause that it breaks. */
  readonly clause: string
}

/** A backend with a known weakness. It is chosen by its key alone and never part of a run that names nothing. */
export interface WeakProvider extends RegisteredProvider {
  readonly weakness: Weakness
}

/** Backends that a harness worth its name convicts, and the canary, which every run has to convict. */
export const weakProviders: ReadonlyArray<WeakProvider> = [
  {
    key: "weak-last-writer-wins",
    title: "batches are written over what stands there: who pushes last on a parent wins",
    origin: "project",
    weakness: { anomaly: "lost-ack", clause: "push/stale-parent" },
    load: async () => (await import("./mutants/weak/last-writer-wins.ts")).weakLastWriterWins,
  },
  {
    key: "weak-non-atomic-batch",
    title: "batches are written event by event, each in a transaction of its own",
    origin: "project",
    weakness: { anomaly: "torn-batch", clause: "push/atomic" },
    load: async () => (await import("./mutants/weak/non-atomic-batch.ts")).weakNonAtomicBatch,
  },
  {
    key: "weak-stale-replica",
    title: "pulls are answered by a copy that lags behind",
    origin: "project",
    weakness: { anomaly: "stale-read", clause: "pull/read-your-writes" },
    load: async () => (await import("./mutants/weak/stale-replica.ts")).weakStaleReplica,
  },
  {
    key: "weak-forgets-backend-id",
    title: "the backendId lives in the process's memory",
    origin: "project",
    weakness: { anomaly: "identity-false", clause: "reset/id-stable" },
    load: async () => (await import("./mutants/weak/forgets-backend-id.ts")).weakForgetsBackendId,
  },
  {
    key: "weak-lost-tail",
    title: "batches are acknowledged before they are synced",
    origin: "project",
    weakness: { anomaly: "lost-ack", clause: "push/durable" },
    load: async () => (await import("./mutants/weak/lost-tail.ts")).weakLostTail,
  },
  {
    key: "weak-at-least-once",
    title: "live pulls deliver a page again after a reconnect",
    origin: "project",
    weakness: { anomaly: "duplicate", clause: "live/after-drop" },
    load: async () => (await import("./mutants/weak/at-least-once.ts")).weakAtLeastOnce,
  },
  {
    key: "weak-lost-wake-ups",
    title: "wake-ups of live pulls are lost while they read",
    origin: "project",
    weakness: { anomaly: "silent-live", clause: "live/others" },
    load: async () => (await import("./mutants/weak/lost-wake-ups.ts")).weakLostWakeUps,
  },
  {
    key: "canary",
    title: "every push is acknowledged and none is stored: a run that does not convict it is worth nothing",
    origin: "project",
    weakness: { anomaly: "lost-ack", clause: "push/one" },
    load: async () => (await import("./mutants/weak/canary.ts")).canary,
  },
]

/**
 * Code of other providers on a simulated platform, in the virtual world: for simulation. They are chosen by key alone,
 * because a default run judges the same code where it really runs.
 */
export const simulatedProviders: ReadonlyArray<RegisteredProvider> = [
  {
    key: "cf-core",
    title: "core and client of the reference Cloudflare provider on a simulated platform: Durable Object SQLite",
    origin: "project",
    load: async () => (await import("./cloudflare/simulated/provider.ts")).cfCore,
  },
  {
    key: "cf-core-d1",
    title: "core and client of the reference Cloudflare provider on a simulated platform: D1",
    origin: "project",
    load: async () => (await import("./cloudflare/simulated/provider.ts")).cfCoreD1,
  },
]

/** The other forms of LiveStore's published provider: chosen by key alone, as all of them together take seven minutes. */
const publishedForms: ReadonlyArray<RegisteredProvider> = [
  {
    key: "livestore-cf-ws-d1",
    title: "LiveStore's published @livestore/sync-cf over WebSocket, D1, in workerd",
    origin: "published",
    load: livestore({ transport: "ws", storage: "d1" }),
  },
  {
    key: "livestore-cf-http-do",
    title: "LiveStore's published @livestore/sync-cf over HTTP, Durable Object SQLite, in workerd",
    origin: "published",
    load: livestore({ transport: "http", storage: "do" }),
  },
  {
    key: "livestore-cf-http-d1",
    title: "LiveStore's published @livestore/sync-cf over HTTP, D1, in workerd",
    origin: "published",
    load: livestore({ transport: "http", storage: "d1" }),
  },
  {
    key: "livestore-cf-do-rpc-do",
    title: "LiveStore's published @livestore/sync-cf over Durable Object RPC, Durable Object SQLite, in workerd",
    origin: "published",
    load: livestore({ transport: "do-rpc", storage: "do" }),
  },
  {
    key: "livestore-cf-do-rpc-d1",
    title: "LiveStore's published @livestore/sync-cf over Durable Object RPC, D1, in workerd",
    origin: "published",
    load: livestore({ transport: "do-rpc", storage: "d1" }),
  },
]

/** The other topology of a form: chosen by key alone, because it shares nearly all of its course with the first. */
const otherTopologies: ReadonlyArray<RegisteredProvider> = [
  {
    key: "cf-do-rpc-do-same",
    title: "cf-do-rpc-do with the clients' objects in the Worker of the stores",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareDoRpcDoSame,
  },
  {
    key: "cf-do-rpc-d1-same",
    title: "cf-do-rpc-d1 with the clients' objects in the Worker of the stores",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareDoRpcD1Same,
  },
]

/** Other forms of what a plain run has: chosen by key alone. */
export const otherForms: ReadonlyArray<RegisteredProvider> = [...otherTopologies, ...publishedForms]

/** Providers that are never part of a run that names none. */
export const byKeyAlone: ReadonlyArray<RegisteredProvider> = [...otherForms, ...simulatedProviders, ...weakProviders]

/** Providers that the suites judge, those of a default run first: all but the simulated and the weak ones. */
export const judgedProviders: ReadonlyArray<RegisteredProvider> = [...registry, ...otherForms]

/** Every provider that has a key: those of a default run, and those that are chosen by key alone. */
export const everyProvider: ReadonlyArray<RegisteredProvider> = [...registry, ...byKeyAlone]

/**
 * Loads a provider by its key; undefined for a key that nobody has. `bundles` is the folder of a working copy of
 * LiveStore that was made ready (`prepareCheckout`).
 */
export const loadProvider = async (key: string, bundles?: string): Promise<Provider | undefined> => {
  const registered = everyProvider.find((known) => known.key === key)
  if (bundles === undefined) return registered?.load()
  const { bundledIn } = await import("./livestore-host/build.ts")
  return registered?.load(bundledIn(bundles))
}
