import type { FrameClassifier } from "../../contract/frame.ts"
import type { VirtualSocket } from "../../contract/provider.ts"
import type { TimersShape } from "../timers.ts"
import { makeLinkCore } from "./link-core.ts"
import { renderHttpAnswer } from "./http-head.ts"
import type { Link, LinkEvent } from "./link.ts"
import { dialThrough, makeVirtualConnection } from "./virtual-connection.ts"

/*
 * The link of the virtual world. Bytes are text: one character counts as one byte. A frame is a line, ended by a
 * newline that the protocol uses nowhere else. Every delivery is a task of the world's timers, one at a time in
 * each direction, so that a seeded scheduler orders links and directions against each other and never turns one
 * direction around. `connect` is the dial: a request that asks the backend, and its answer. A dial that is dropped
 * or held gives the client a socket on which nothing happens (yet); one that is closed or truncated gives a socket
 * that ends; garbage in place of a dial is a first line that nobody sent. A close code has no room on such a
 * connection: it stands in the bite's fault.
 */

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

/** Makes a link of the virtual world. Nothing of it needs to be closed: without connections it holds no timer. */
export const openVirtualLink = (options: VirtualLinkOptions): Link => {
  const core = makeLinkCore(options.draw, options.onEvent)
  let connections = 0

  const dial = (): VirtualSocket | undefined => {
    const nth = ++connections
    const verdict = core.policy.connection(nth)
    if (verdict.kind === "refuse") {
      core.refused()
      return undefined
    }
    const classify = options.classify?.()
    const connection = makeVirtualConnection({
      core,
      timers: options.timers,
      nth,
      ...(classify === undefined ? {} : { classify }),
    })
    if (verdict.kind === "pass") return dialThrough(connection, options.accept)
    core.begin(connection.link)
    core.established(connection.link)
    if (verdict.kind === "answer") connection.answer(renderHttpAnswer(verdict.answer))
    return connection.socket
  }

  return {
    address: { kind: "virtual", dial },
    fault: core.fault,
    heal: core.heal,
    cut: core.cut,
    counters: core.counters,
    lastFrames: core.lastFrames,
  }
}
