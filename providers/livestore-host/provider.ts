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
    // Its constants: 100 events a request and a page, 900,000 bytes a message, which frames an event with a little
    // more. It says nothing about payloads; they travel in the URL and in the 2,048 bytes of a socket's attachment.
    limits: {
      batchEvents: 100,
      eventBytes: 899_000,
      payloadBytes: 1_000,
      pageEvents: 100,
      pageBytes: 900_000,
    },
    // It promises no times, so these are what its client makes of the heartbeat that it runs with here (every 3 s,
    // where its default is 10 s), with room for a busy machine. A loss shows after two heartbeats. The first attempts
    // to connect again come after 1, 2, 4 and 8 s, of which one falls into every deadline. The rest is several times what it takes when nothing is wrong.
    times: { deadlineMs: 10_000, detectionMs: 7_000, recoveryMs: 10_000, deliveryMs: 4_000, idleMs: 12_000 },
    supports: { pullPageInfoKnown: true, pullLive: true },
    // A push that begins while the client is not connected goes out once it is.
    pushWhileOffline: "waits",
    livePulls: 200,
    hibernatesAfterMs: 10_000,
  },
})
