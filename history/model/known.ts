/** How it became known that the log reaches a position. */
export type KnownHow = "nothing" | "acknowledged" | "delivered" | "named" | "restored"

/**
 * The furthest position that is known in a life of a log: acknowledged, delivered to anyone, or covered by the
 * `head` of a `ServerAhead`. The log is one chain, so every position of it up to here is known too.
 */
export interface Known {
  readonly seq: number
  readonly how: KnownHow
  /** Who was told. */
  readonly client: string
  /** The record that told it, and its time in nanoseconds; -1 for `nothing`. */
  readonly i: number
  readonly t: number
}

/** An empty log that has just begun. */
export const nothingKnown: Known = { seq: 0, how: "nothing", client: "", i: -1, t: 0 }
