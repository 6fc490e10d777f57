import type { Direction, FrameClassifier } from "../../contract/frame.ts"
import type { Lane } from "./lane.ts"
import type { LinkCore } from "./link-core.ts"

/** What a reader of one connection works with. */
export interface FrameReaderParts {
  readonly core: LinkCore
  readonly classify: FrameClassifier
  readonly lanes: Readonly<Record<Direction, Lane<Buffer>>>
  /** Ends the connection with this code, or as near to it as its protocol comes. */
  readonly close: (code: number) => void
  /** Ends both sides orderly, behind what is on its way. */
  readonly farewell: () => void
  /** The connection is ending by the link's own will: what still comes is nobody's business. */
  readonly closing: () => boolean
}

/** Reads one connection, both ways, and does with its frames what the rules say. */
export interface FrameReader {
  readonly feed: (direction: Direction, chunk: Buffer) => void
  /** The sender of this direction has ended, orderly: its end goes on behind what there is of it. */
  readonly end: (direction: Direction) => void
  /** Bytes of this direction that wait for their turn to be read. */
  readonly waitingBytes: (direction: Direction) => number
  /** How the connection can be ended now: by a WebSocket's close frames, by an orderly end, or only abruptly. */
  readonly closesBy: () => "frame" | "end" | "reset"
}
