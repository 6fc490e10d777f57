import type { FrameClassifier, FrameOperation, FrameRole } from "../../contract/frame.ts"
import type { VirtualSocket } from "../../contract/provider.ts"
import { draw } from "../draw.ts"
import type { TimersShape } from "../timers.ts"
import type { LinkEvent } from "./link.ts"
import { openVirtualLink } from "./virtual-link.ts"

/*
 * What tests of the virtual link stand on: timers that run when told to, and a link whose two ends write down what
 * reached them and when.
 */

/** Timers by hand. `pick` chooses the next of several tasks that are due at the same time. */
const manualTimers = (pick: (due: number) => number = () => 0) => {
  let nowMs = 0
  let tasks: Array<{ readonly atMs: number; readonly task: () => void }> = []
  const timers: TimersShape = {
    after: (ms, task) => {
      const entry = { atMs: nowMs + Math.max(0, ms), task }
      tasks.push(entry)
      return () => void (tasks = tasks.filter((other) => other !== entry))
    },
    nowMs: () => nowMs,
  }
  /** Runs everything that is due up to a time, then stands at it; without one until nothing is left. */
  const run = (untilMs = Infinity): void => {
    for (;;) {
      const nextMs = Math.min(...tasks.map((entry) => entry.atMs))
      if (tasks.length === 0 || nextMs > untilMs) break
      nowMs = Math.max(nowMs, nextMs)
      const due = tasks.filter((entry) => entry.atMs <= nowMs)
      const chosen = due[pick(due.length)] as (typeof due)[number]
      tasks = tasks.filter((entry) => entry !== chosen)
      chosen.task()
    }
    if (untilMs !== Infinity) nowMs = untilMs
  }
  return { timers, run, waiting: () => tasks.length }
}

/** One end of a connection with what reached it: chunks, with their times, and the end. */
export interface WatchedEnd {
  readonly socket: VirtualSocket
  readonly chunks: Array<string>
  readonly atMs: Array<number>
  readonly text: () => string
  readonly closed: () => boolean
}

const watch = (socket: VirtualSocket, nowMs: () => number): WatchedEnd => {
  const chunks: Array<string> = []
  const atMs: Array<number> = []
  let ends = 0
  socket.onChunk((chunk) => {
    chunks.push(chunk)
    atMs.push(nowMs())
  })
  socket.onClose(() => void ends++)
  return { socket, chunks, atMs, text: () => chunks.join(""), closed: () => ends === 1 }
}

/** A line of the tests' protocol: `{"operation":"push","role":"request","id":"1"}`. */
export const line = (operation: FrameOperation, role: FrameRole, id = "1"): string =>
  `${JSON.stringify({ operation, role, id })}\n`

const classifyLine: FrameClassifier = ({ data }) => JSON.parse(String(data))

export interface FixtureOptions {
  readonly classify?: boolean
  readonly seed?: number
  readonly pick?: (due: number) => number
  readonly accept?: () => boolean
  /** Called with each socket that the backend takes, while it takes it. */
  readonly onAccept?: (socket: VirtualSocket) => void
}

/** A link between a client and a backend that both write down what they see. */
export const virtualFixture = (options: FixtureOptions = {}) => {
  const { timers, run, waiting } = manualTimers(options.pick)
  const backends: Array<WatchedEnd> = []
  const events: Array<LinkEvent> = []
  const seed = options.seed ?? 1
  const link = openVirtualLink({
    timers,
    draw: (key, below) => draw(seed, key, below),
    onEvent: (event) => events.push(event),
    accept: (socket) => {
      if (options.accept?.() === false) return false
      backends.push(watch(socket, timers.nowMs))
      options.onAccept?.(socket)
      return true
    },
    ...(options.classify === false ? {} : { classify: () => classifyLine }),
  })
  const dialRaw = (): VirtualSocket | undefined => (link.address.kind === "virtual" ? link.address.dial() : undefined)
  return {
    link,
    timers,
    run,
    waiting,
    backends,
    events,
    dialRaw,
    /** A connection that must come about. */
    dial: (): WatchedEnd => {
      const socket = dialRaw()
      if (socket === undefined) throw new Error("the dial was refused")
      return watch(socket, timers.nowMs)
    },
    /** The backend's end of the nth connection, from 0. */
    backend: (nth = 0): WatchedEnd => {
      const end = backends[nth]
      if (end === undefined) throw new Error(`the backend has no connection ${nth}`)
      return end
    },
  }
}
