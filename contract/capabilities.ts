import type { DeclaredFault } from "./fault.ts"
import type { HostPart } from "./provider.ts"
import type { Supports } from "./sync-provider.ts"

/** Largest things that a provider takes and gives. */
export interface Limits {
  /** Events in one pushed batch, at least 100. */
  readonly batchEvents: number
  /** Size of one event as JSON that is surely stored. */
  readonly eventBytes: number
  /** Size of a payload as JSON. */
  readonly payloadBytes: number
  /** Events in one pulled page. */
  readonly pageEvents: number
  /** Size of one pulled page: the sum of its events as JSON. */
  readonly pageBytes: number
}

/** Times that a provider promises, in milliseconds; the contract's ceilings in brackets. */
export interface Times {
  /** Every operation settles within it (30,000). */
  readonly deadlineMs: number
  /** A dead link shows in `isConnected` within it while a live pull is open (30,000). */
  readonly detectionMs: number
  /** After a heal `isConnected` is true again within it (60,000). */
  readonly recoveryMs: number
  /** From an acknowledgement to live pulls (10,000). */
  readonly deliveryMs: number
  /** Longer than each keep-alive, poll and hibernation period: what `live/idle` waits. */
  readonly idleMs: number
}

/** The contract's ceilings; a provider may declare less. */
export const ceilings: Omit<Times, "idleMs"> = {
  deadlineMs: 30_000,
  detectionMs: 30_000,
  recoveryMs: 60_000,
  deliveryMs: 10_000,
}

/**
 * What a provider declares about itself; never guessed. A capability chooses which branch of a clause applies;
 * it never removes a MUST.
 */
export interface Capabilities {
  /** `livestore`: only `IsOffline`, `ServerAhead`, `BackendIdMismatch` and unknown errors exist. */
  readonly errors: "full" | "livestore"
  readonly transport: "memory" | "websocket" | "http" | "do-rpc" | "other"
  /** What keeps the log: "memory", "do-sqlite", "d1", "postgres", … */
  readonly storage: string
  readonly limits: Limits
  readonly times: Times
  readonly supports: Supports
  /** Whether a push during an outage fails with `IsOffline` or waits for the heal (and is interruptible at once). */
  readonly pushWhileOffline: "fails" | "waits"
  /** Live pulls on one store that all get everything, at least 200. */
  readonly livePulls: number
  /** Bytes of state kept per hibernatable socket, where the platform has such a thing. */
  readonly attachmentBytes?: number
  /** The backend hibernates after this many idle milliseconds, where the platform does. */
  readonly hibernatesAfterMs?: number
  /**
   * Parts that no host of this provider can have, each with the reason ("no link"). A check that needs one of them,
   * and nothing else that is missing, is unsupported.
   */
  readonly absent?: Readonly<Partial<Record<HostPart, string>>>
  /** Faults that this provider's host can make beyond those that its parts name; absent: none of them. */
  readonly faults?: ReadonlyArray<DeclaredFault>
}

/** Defaults for a provider that declares nothing: the contract's minimum and ceilings. */
export const defaultCapabilities: Capabilities = {
  errors: "full",
  transport: "other",
  storage: "unknown",
  limits: {
    batchEvents: 100,
    eventBytes: 64_000,
    payloadBytes: 1_000,
    pageEvents: 1_000,
    pageBytes: 4_000_000,
  },
  times: { ...ceilings, idleMs: 60_000 },
  supports: { pullPageInfoKnown: false, pullLive: true },
  pushWhileOffline: "fails",
  livePulls: 200,
}
