import type { Capabilities } from "../../contract/capabilities.ts"
import { limits } from "./wire.ts"

/** What the Electric provider promises with the times that `harnessClientOptions` gives its client. */
export const electricCapabilities: Capabilities = {
  errors: "full",
  transport: "http",
  storage: "postgres",
  limits,
  times: {
    // An operation ends within 9 s; the rest is room for a busy machine.
    deadlineMs: 10_000,
    // A silent link: two signs of life that are due each second. A backend that owes an answer: 5 s.
    detectionMs: 6_000,
    // The longest pause (4.4 s) and an attempt that hung when the link healed (4 s).
    recoveryMs: 9_000,
    // Rows that were lost are missed with the next sign of life (1 s) and read again 1 s later.
    deliveryMs: 3_000,
    // Electric answers a long poll after 20 s and sends a comment each 21 s.
    idleMs: 25_000,
  },
  supports: { pullPageInfoKnown: true, pullLive: true },
  pushWhileOffline: "fails",
  livePulls: 200,
  faults: ["storage.slow", "storage.full"],
}
