import type { Provider } from "../../contract/provider.ts"
import { fromAsync } from "../from-async.ts"
import { installedVersion } from "./host.ts"

/** LiveStore's published Cloudflare provider over WebSocket: worker and client unmodified, storage in the Durable Object. */
export const livestoreCfWsDo: Provider = fromAsync({
  key: "livestore-cf-ws-do",
  title: "LiveStore's published @livestore/sync-cf over WebSocket, Durable Object SQLite, in workerd",
  missing: async () =>
    installedVersion() === undefined
      ? "@livestore/sync-cf: run the package manager's install in this folder"
      : undefined,
  start: async () => (await import("./host.ts")).startHost(),
  capabilities: {
    errors: "livestore",
    transport: "websocket",
    storage: "do-sqlite",
    limits: {
      batchEvents: 100,
      eventBytes: 850_000,
      payloadBytes: 1_000,
      pageEvents: 100,
      pageBytes: 900_000,
    },
    times: { deadlineMs: 10_000, detectionMs: 5_000, recoveryMs: 10_000, deliveryMs: 5_000, idleMs: 12_000 },
    supports: { pullPageInfoKnown: true, pullLive: true },
    pushWhileOffline: "fails",
    livePulls: 200,
    hibernatesAfterMs: 10_000,
  },
})
