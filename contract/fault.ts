import type { Direction, FrameOperation, FrameRole } from "./frame.ts"

/** One direction of a link, or both. */
export type FaultDirection = Direction | "both"

/** Which frames a frame fault takes: the `nth` that matches (1 is the first after arming) and `times` from there on. */
export interface FrameMatch {
  readonly direction?: Direction
  readonly operation?: FrameOperation | ReadonlyArray<FrameOperation>
  readonly role?: FrameRole | ReadonlyArray<FrameRole>
  /** Default 1. */
  readonly nth?: number
  /** Default 1; `Infinity` until healed. */
  readonly times?: number
}

/** Faults of the bytes between a client and its backend. */
export type ByteFault =
  /** New connections are refused; open ones stay. */
  | { readonly kind: "refuse" }
  /** Open connections end at once by a reset; new ones are served. One shot. */
  | { readonly kind: "reset" }
  /** Open and new connections stay open while nothing arrives any more. Nothing that was sent meanwhile arrives later. */
  | { readonly kind: "half-open"; readonly direction: FaultDirection }
  | {
      readonly kind: "delay"
      readonly ms: number
      readonly jitterMs: number
      readonly direction: FaultDirection
    }
  | { readonly kind: "throttle"; readonly bytesPerSecond: number; readonly direction: FaultDirection }
  /** Chunks arrive in pieces of at most `maxBytes`. */
  | { readonly kind: "split"; readonly maxBytes: number; readonly direction: FaultDirection }
  /** Chunks within `windowMs` arrive as one. */
  | { readonly kind: "coalesce"; readonly windowMs: number; readonly direction: FaultDirection }
  /** The connection is reset once `bytes` more bytes have passed in that direction. */
  | { readonly kind: "cut-after"; readonly bytes: number; readonly direction: Direction }

/** Faults of whole frames; they need the provider's frame classification. */
export type FrameFault =
  /** The frame is swallowed. On an answer: the operation happened and nobody is told. */
  | { readonly kind: "drop"; readonly match: FrameMatch }
  | { readonly kind: "duplicate"; readonly match: FrameMatch }
  /** The frame waits until the fault is released (let go in order) or healed (discarded). */
  | { readonly kind: "hold"; readonly match: FrameMatch }
  /** Only the first half of the frame arrives; then the connection is reset. */
  | { readonly kind: "truncate"; readonly match: FrameMatch }
  /** `body` arrives in place of the frame. */
  | { readonly kind: "garbage"; readonly match: FrameMatch; readonly body: string }
  /**
   * Of a frame that is a JSON object only its first `members` arrive, as of an answer that lost its header; a frame
   * that is none is emptied. Of an HTTP exchange `headers` (names) are taken out of the head; `members` then may be
   * absent, and the body arrives as it is. Only frames that have one of these headers are counted.
   */
  | {
      readonly kind: "strip"
      readonly match: FrameMatch
      readonly members?: number
      readonly headers?: ReadonlyArray<string>
    }
  /** The connection is closed with this code in place of the frame; an HTTP exchange, which has no codes, is just ended. */
  | { readonly kind: "close"; readonly match: FrameMatch; readonly code: number }
  /**
   * New connections get this HTTP answer in place of the backend's (an upgrade that is refused, an error page).
   * Acts on the handshake, so it needs no classification. Where the link reads HTTP exchanges every request gets it,
   * on open connections too; with a `match` those that match, and of answers those that match are replaced by it.
   * Elsewhere one with a `match` does nothing.
   */
  | {
      readonly kind: "http-answer"
      readonly match?: FrameMatch
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }

export type LinkFault = ByteFault | FrameFault
export type LinkFaultKind = LinkFault["kind"]

/** What a link has seen: the victim's side, read to prove that a fault bit. */
export interface LinkCounters {
  readonly connections: number
  readonly refused: number
  readonly resets: number
  readonly open: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly framesUp: number
  readonly framesDown: number
  /** Frames or chunks that a fault swallowed, held, doubled, replaced or cut. */
  readonly touched: number
}

/** A fault on one link. `armed` until it takes effect; `bit` counts what it changed on the victim. */
export interface ActiveFault {
  readonly fault: LinkFault
  readonly bit: () => number
}

/** Faults of one store's storage that stand until they are healed. Times in milliseconds. */
export type StorageFault =
  /** Each statement takes this much longer; with `of: "writes"` only those that write or sync. */
  | { readonly kind: "slow"; readonly ms: number; readonly of?: "all" | "writes" }
  /** Nothing can be added. What is there can be read. */
  | { readonly kind: "full" }
  /** When the backend ends, what was written and not synced is gone, as after a loss of power. */
  | { readonly kind: "unsynced" }
  /** Reads that a copy may serve are served by one that stands still from now on. */
  | { readonly kind: "stale-replica" }
  /** A second instance of the backend begins on the same storage while the first goes on. Healing ends the first. */
  | { readonly kind: "two-instances" }
export type StorageFaultKind = StorageFault["kind"]

/** Faults that hardly any platform can be made to show. A provider whose host can says so in its capabilities. */
export const declaredFaults = [
  "storage.slow",
  "storage.full",
  "storage.unsynced",
  "storage.stale-replica",
  "storage.two-instances",
  "client.clock-jump",
] as const satisfies ReadonlyArray<`storage.${StorageFaultKind}` | "client.clock-jump">
export type DeclaredFault = (typeof declaredFaults)[number]
