import type { Lane } from "./lane.ts"
import { strippedFrame } from "./stripped-frame.ts"
import type { FrameVerdict, HttpAnswer } from "./verdict.ts"

/** A frame as it lies on a link, and what would lie there in its place. */
export interface WireFrame<T> {
  readonly raw: T
  readonly firstHalf: T
  /** What the frame says. */
  readonly data: string | Uint8Array
  readonly garbage: (body: string) => T
  /** Where two copies of it differ: both. */
  readonly twice?: () => readonly [T, T]
  /** What is left without these headers and with the first `members`; else of its members alone. */
  readonly stripped?: (members: number | undefined, headers: ReadonlyArray<string>) => T
  /** Of an HTTP exchange: gives this answer in place of the backend's. */
  readonly answer?: (answer: HttpAnswer) => void
}

/** Does to a frame what the rules say. `close` ends the connection with a code. */
export const carryOut = <T extends { readonly length: number }>(
  verdict: FrameVerdict,
  frame: WireFrame<T>,
  lane: Pick<Lane<T>, "push" | "breakOff">,
  close: (code: number) => void,
): void => {
  switch (verdict.kind) {
    case "pass":
      return lane.push(frame.raw, 1)
    case "drop":
      return
    case "duplicate":
      for (const copy of frame.twice?.() ?? [frame.raw, frame.raw]) lane.push(copy, 1)
      return
    case "hold":
      return verdict.hold(() => lane.push(frame.raw, 1))
    case "truncate":
      lane.push(frame.firstHalf, 0)
      return lane.breakOff()
    case "garbage":
      return lane.push(frame.garbage(verdict.body), 1)
    case "strip":
      return lane.push(
        frame.stripped?.(verdict.members, verdict.headers) ??
          frame.garbage(strippedFrame(frame.data, verdict.members ?? Infinity)),
        1,
      )
    case "close":
      return close(verdict.code)
    case "answer":
      return frame.answer?.(verdict.answer)
  }
}
