import type { FrameClassifier } from "../../contract/frame.ts"
import type { VirtualSocket } from "../../contract/provider.ts"
import type { TimersShape } from "../timers.ts"
import type { Link, LinkEvent } from "./link.ts"

/** What a virtual link needs to know. */
export interface VirtualLinkOptions {
  /** Gives the backend the far end of a new connection; false while it is down. */
  readonly accept: (socket: VirtualSocket) => boolean
  /** Makes the classifier of one connection. Without it no frame is read and frame faults never bite. */
  readonly classify?: () => FrameClassifier
  /** A whole number from 0 to `below` - 1, decided by the key; the caller's keys name the client. */
  readonly draw: (key: string, below: number) => number
  readonly timers: TimersShape
  readonly onEvent?: (event: LinkEvent) => void
}

/** Makes a link of the virtual world. */
export const openVirtualLink = (_options: VirtualLinkOptions): Link => {
  throw new Error("the virtual link is not there yet")
}
