import type { Capabilities } from "../../contract/capabilities.ts"
import { declaredFaults } from "../../contract/fault.ts"

/** What the reference backend in memory promises. Times are virtual milliseconds. */
export const mockCapabilities: Capabilities = {
  errors: "full",
  transport: "memory",
  storage: "memory",
  limits: { batchEvents: 100, eventBytes: 128_000, payloadBytes: 16_000, pageEvents: 100, pageBytes: 256_000 },
  times: { deadlineMs: 5_000, detectionMs: 3_000, recoveryMs: 10_000, deliveryMs: 1_000, idleMs: 3_600_000 },
  supports: { pullPageInfoKnown: true, pullLive: true },
  pushWhileOffline: "fails",
  livePulls: 1_000,
  faults: declaredFaults,
}

/**
 * How the client keeps those promises, in milliseconds. Detection: a ping goes out `pingAfterMs` after the last
 * pong, so a link that falls silent is given up at most `lostAfterMs` later; a live pull that could not go on by
 * `silentMs` fails instead. Recovery: the longest gap between two attempts is `gapCeilingMs` and a tenth.
 */
export const mockTimes = {
  operationMs: 4_700,
  pingMs: 2_500,
  handshakeMs: 1_500,
  pingAfterMs: 1_200,
  lostAfterMs: 2_500,
  silentMs: 2_800,
  livePageMs: 2_000,
  gapFloorMs: 200,
  gapCeilingMs: 4_000,
  /** Pulls that are tried again while the backend fails them keep this distance on the wire: 4 a second. */
  pullPaceMs: 250,
  /** How long an eviction lets requests end that are being handled. */
  drainMs: 1_000,
} as const
