import type { Lane } from "./lane.ts"
import { strippedFrame } from "./stripped-frame.ts"
import type { FrameVerdict } from "./verdict.ts"

/** A frame as it lies on a link, and what would lie there in its place. */
export interface WireFrame<T> {
  readonly raw: T
  readonly firstHalf: T
  /** What the frame says. */
  readonly data: string | Uint8Array
  readonly garbage: (body: string) => T
}

/** Does to a frame what the rules say. `close` ends the connection with a code. */
export const carryOut = <T extends { readonly length: number }>(
  verdict: FrameVerdict,
  frame: WireFrame<T>,
  lane: Lane<T>,
  close: (code: number) => void,
): void => {
  switch (verdict.kind) {
    case "pass":
      return lane.push(frame.raw, 1)
    case "drop":
      return
    case "duplicate":
      lane.push(frame.raw, 1)
      return lane.push(frame.raw, 1)
    case "hold":
      return verdict.hold(() => lane.push(frame.raw, 1))
    case "truncate":
      lane.push(frame.firstHalf, 0)
      return lane.breakOff()
    case "garbage":
      return lane.push(frame.garbage(verdict.body), 1)
    case "strip":
      return lane.push(frame.garbage(strippedFrame(frame.data, verdict.members)), 1)
    case "close":
      return close(verdict.code)
  }
}
