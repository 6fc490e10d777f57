import type { Effect } from "effect"
import type { LinkCounters, LinkFault } from "../../contract/fault.ts"
import type { LinkAddress } from "../../contract/provider.ts"

/** A fault that stands on a link. */
export interface LinkFaultHandle {
  /** How often it changed something on the victim: a connection, a chunk, a frame. */
  readonly bit: () => number
  /** Takes it off. What it held is discarded. */
  readonly heal: () => void
  /** Lets what it held go on in order, then takes it off. */
  readonly release: () => void
}

/** What happened on a link, for the recorder: a connection, a classified frame, a bite. */
export type LinkEvent =
  | { readonly kind: "connected" | "disconnected" | "refused" }
  /** A connection turned out not to be in HTTP: its bytes go through unread from now on. */
  | { readonly kind: "unread"; readonly direction: "up" | "down"; readonly why: string }
  | { readonly kind: "frame"; readonly direction: "up" | "down"; readonly label: string; readonly sizeBytes: number }
  /** `detail`: what was changed ("down push answer 3", "up 120 bytes", "connection 2"). */
  | { readonly kind: "bite"; readonly fault: LinkFault; readonly detail?: string }

/** The link between one client and its backend: every byte goes through it, every fault of the wire acts in it. */
export interface Link {
  /** What the client connects to. */
  readonly address: LinkAddress
  readonly fault: (fault: LinkFault) => LinkFaultHandle
  /** Takes every fault off. */
  readonly heal: () => void
  /** Cuts both ways for good, as when the client's machine loses power: the backend sees a reset, later connections are refused. */
  readonly cut: () => void
  readonly counters: () => LinkCounters
  /** The last frames as short labels ("up push request 3", "down live page"), oldest first, at most 16. */
  readonly lastFrames: () => ReadonlyArray<string>
  /** For a link elsewhere: ends once everything that was asked of it has taken hold. One at hand needs no waiting. */
  readonly settled?: Effect.Effect<void>
}
