import type { Provider } from "../contract/provider.ts"

/** A provider that the harness knows by name. Nothing of it loads before it is chosen. */
export interface RegisteredProvider {
  readonly key: string
  readonly title: string
  /** Who wrote it: this project, which keeps it without failures, or others, whose failures are listed as deviations. */
  readonly origin: "project" | "published"
  readonly load: () => Promise<Provider>
}

/** Every built-in provider, in the order of reports. */
export const registry: ReadonlyArray<RegisteredProvider> = [
  {
    key: "mock",
    title: "the reference backend in process, on a simulated network and a virtual clock",
    origin: "project",
    load: async () => (await import("./mock/provider.ts")).mock,
  },
  {
    key: "cf-ws-do",
    title: "the reference Cloudflare provider: hibernatable WebSockets, Durable Object SQLite, in workerd",
    origin: "project",
    load: async () => (await import("./cloudflare/provider.ts")).cloudflareWsDo,
  },
  {
    key: "livestore-cf-ws-do",
    title: "LiveStore's published @livestore/sync-cf over WebSocket, Durable Object SQLite, in workerd",
    origin: "published",
    load: async () => (await import("./livestore-host/provider.ts")).livestoreCfWsDo,
  },
]

/** Loads a provider by its key; undefined for a key that is not in the registry. */
export const loadProvider = async (key: string): Promise<Provider | undefined> =>
  registry.find((known) => known.key === key)?.load()
