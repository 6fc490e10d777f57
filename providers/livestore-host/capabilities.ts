import type { Times } from "../../contract/capabilities.ts"
import type { CapabilitiesInput } from "../from-async.ts"
import type { LivestoreForm } from "./form.ts"

/**
 * It promises no times, so these are what its WebSocket client makes of the heartbeat that it runs with here (every
 * 3 s, where its default is 10 s), with room for a busy machine. A loss shows after two heartbeats. The first attempts
 * to connect again come after 1, 2, 4 and 8 s, of which one falls into every deadline. The rest is several times what
 * it takes when nothing is wrong.
 */
const overWebSocket: Times = {
  deadlineMs: 10_000,
  detectionMs: 7_000,
  recoveryMs: 10_000,
  deliveryMs: 4_000,
  idleMs: 12_000,
}

/** It polls every 1.5 s here and sends a heartbeat every 2 s, which it waits 2 s for; nothing else has a limit. */
const overHttp: Times = { deadlineMs: 8_000, detectionMs: 6_000, recoveryMs: 6_000, deliveryMs: 5_000, idleMs: 6_000 }

/** A call within one process takes milliseconds and has no limit, and nothing beats. An idle object sleeps after 9 to 11 s. */
const overRpc: Times = { deadlineMs: 6_000, detectionMs: 3_000, recoveryMs: 3_000, deliveryMs: 1_500, idleMs: 13_000 }

const transports = { ws: "websocket", http: "http", "do-rpc": "do-rpc" } as const
const storages = { do: "do-sqlite", d1: "d1" } as const
const times = { ws: overWebSocket, http: overHttp, "do-rpc": overRpc } as const

/** What LiveStore's provider says of itself in a form, and what it is held to where it says nothing. */
export const capabilitiesOf = ({ transport, storage }: LivestoreForm): CapabilitiesInput => ({
  errors: "livestore",
  transport: transports[transport],
  storage: storages[storage],
  // Its constants: 100 events a request and a page, 900,000 bytes a message, which frames an event with a little
  // more. It says nothing about payloads; they travel in the URL and in the 2,048 bytes of a socket's attachment.
  limits: {
    batchEvents: 100,
    eventBytes: 899_000,
    payloadBytes: 1_000,
    pageEvents: 100,
    pageBytes: 900_000,
  },
  times: times[transport],
  supports: { pullPageInfoKnown: true, pullLive: true },
  // A push that begins while the client is not connected goes out once it is.
  pushWhileOffline: transport === "ws" ? "waits" : "fails",
  livePulls: 200,
  // An object that is polled stays awake.
  ...(transport !== "http" && { hibernatesAfterMs: 10_000 }),
  ...(transport === "http" && { absent: { gauges: "a client over HTTP leaves nothing that could be counted" } }),
  ...(transport === "do-rpc" && {
    absent: {
      endpoint: "no link",
      classify: "no link",
      "process.pause": "clients and backend are objects of one process: it cannot be frozen alone",
      "clients.jumpClock": "clients are objects: they have the platform's clock",
    },
  }),
})
