import type { Direction, Frame, FrameClass } from "../../contract/frame.ts"
import { carryOut } from "./carry-out.ts"
import type { FrameReaderParts } from "./frame-reader.ts"
import type { HttpFrameOnWire } from "./http-frame.ts"
import type { Lane } from "./lane.ts"
import { classified } from "./link-core.ts"
import type { FrameVerdict } from "./verdict.ts"

export type HttpJudge = ReturnType<typeof makeHttpJudge>

/** Where a frame goes on. */
type Way = Pick<Lane<Buffer>, "push" | "breakOff">

/** Asks the rules about the frames of one connection, and lets no end of a direction overtake what a fault holds. */
export const makeHttpJudge = (parts: Pick<FrameReaderParts, "core" | "classify" | "lanes" | "close">) => {
  const { core, lanes } = parts
  const held: Record<Direction, number> = { up: 0, down: 0 }
  const ending: Record<Direction, boolean> = { up: false, down: false }

  const end = (direction: Direction): void => {
    ending[direction] = true
    if (held[direction] === 0) lanes[direction].end()
  }

  /** The same verdict; the end of the direction waits for a frame that is held. */
  const counted = (direction: Direction, verdict: FrameVerdict): FrameVerdict => {
    if (verdict.kind !== "hold") return verdict
    held[direction] += 1
    return {
      kind: "hold",
      hold: (letGo) =>
        verdict.hold(() => {
          letGo()
          held[direction] -= 1
          if (ending[direction]) end(direction)
        }),
    }
  }

  /** Notes a frame. `as`: what it is where that is no question for the classifier. */
  const note = (frame: Frame, sizeBytes: number, as?: FrameClass): FrameClass => {
    const known = as ?? classified(parts.classify, frame)
    core.frameSeen(frame.direction, known, sizeBytes)
    return known
  }

  return {
    note,
    /** Notes a frame and does with it what the rules say. */
    judge: (wire: HttpFrameOnWire, way: Way): FrameVerdict["kind"] => {
      const { direction } = wire.frame
      const known = note(wire.frame, wire.raw.length, wire.as)
      const verdict = core.policy.frame(direction, known, wire.sees)
      carryOut(counted(direction, verdict), wire, way, parts.close)
      return verdict.kind
    },
    /** The sender of this direction has ended. */
    end,
  }
}
