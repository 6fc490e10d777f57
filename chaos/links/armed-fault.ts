import type { LinkFault } from "../../contract/fault.ts"
import type { Direction, FrameClass } from "../../contract/frame.ts"
import type { FrameMatch } from "../../contract/fault.ts"

/** A fault that stands on a link, with what it has counted since it was armed. */
export interface ArmedFault {
  readonly fault: LinkFault
  /** How often it changed something on the victim. */
  bites: number
  /** Frames that matched, whether taken or not. */
  matched: number
  /** Frames taken; for `cut-after` 1 once it has cut. */
  taken: number
  /** For `cut-after`: bytes that have passed in its direction. */
  passedBytes: number
  /** For `throttle`: when each direction's line is free again, in milliseconds of the link's clock. */
  readonly freeAtMs: Record<Direction, number>
  /** For `hold`: lets each held frame go on, oldest first. */
  readonly held: Array<() => void>
}

/** A fault before anything has happened to it. */
export const armedFault = (fault: LinkFault): ArmedFault => ({
  fault,
  bites: 0,
  matched: 0,
  taken: 0,
  passedBytes: 0,
  freeAtMs: { up: 0, down: 0 },
  held: [],
})

/** Whether a byte fault acts in this direction. */
export const actsOn = (fault: LinkFault, direction: Direction): boolean =>
  "direction" in fault && (fault.direction === "both" || fault.direction === direction)

const within = <A>(wanted: A | ReadonlyArray<A> | undefined, value: A): boolean =>
  wanted === undefined || (Array.isArray(wanted) ? wanted.includes(value) : wanted === value)

/**
 * Counts a frame against a match and says whether the fault takes it. Only frames that match count. A fault takes
 * `times` frames, from the `nth` on; one that an earlier fault has taken is counted here, but is not offered.
 */
export const countFrame = (
  armed: ArmedFault,
  match: FrameMatch,
  direction: Direction,
  frame: FrameClass,
  offered: boolean,
): boolean => {
  if (match.direction !== undefined && match.direction !== direction) return false
  if (!within(match.operation, frame.operation) || !within(match.role, frame.role)) return false
  armed.matched += 1
  if (!offered || armed.matched < (match.nth ?? 1) || armed.taken >= (match.times ?? 1)) return false
  armed.taken += 1
  return true
}
