import { defaultCapabilities, type Capabilities } from "../../contract/capabilities.ts"
import { shapeChunkBytes } from "../electric/pair.ts"

/** It names no largest event; this is the contract's least. */
const { eventBytes, batchEvents, payloadBytes } = defaultCapabilities.limits

/** What LiveStore's Electric client is held to: it says nothing of limits or times itself. */
export const capabilities: Capabilities = {
  errors: "livestore",
  transport: "http",
  storage: "postgres",
  limits: {
    batchEvents,
    eventBytes,
    payloadBytes,
    // A page is one answer of Electric's: a chunk, and what its last row has too much. Rows take more than 130 bytes.
    pageEvents: 2_000,
    pageBytes: shapeChunkBytes + eventBytes,
  },
  times: {
    // No operation has a limit of its own but the ping, of 1.5 s here: several times that.
    deadlineMs: 5_000,
    // A ping every 1.5 s that waits 1.5 s.
    detectionMs: 4_500,
    recoveryMs: 5_000,
    // Electric answers a waiting poll within milliseconds of a commit.
    deliveryMs: 2_000,
    // Electric answers a long poll after 20 s.
    idleMs: 25_000,
  },
  supports: { pullPageInfoKnown: false, pullLive: true },
  pushWhileOffline: "fails",
  livePulls: 200,
  faults: ["storage.slow", "storage.full"],
}
