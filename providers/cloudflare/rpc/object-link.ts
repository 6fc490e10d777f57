import { draw } from "../../../chaos/draw.ts"
import type { LinkFaultHandle } from "../../../chaos/links/link.ts"
import { openVirtualLink } from "../../../chaos/links/virtual-link.ts"
import type { LinkCounters } from "../../../contract/fault.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import { classifyFrames } from "../classify.ts"
import type { LinkCommand, LinkReport } from "./control-wire.ts"
import { lineToFrame } from "./frame-line.ts"
import { objectTimers } from "./object-timers.ts"
import type { DialLines } from "./rpc-socket.ts"

/** Changes are reported together, this long after the first. */
const reportAfterMs = 2

/** The harness's link inside a client object: every frame to and from the store's object passes through it. */
export interface ObjectLink {
  readonly dial: DialLines
  readonly command: (command: LinkCommand) => void
  /** Whether a fault stands, or the link is cut for good: then the object must not sleep, or it would be forgotten. */
  readonly faulty: () => boolean
  /** What has changed since the last report; undefined when nothing has. */
  readonly report: () => LinkReport | undefined
}

/**
 * There is no socket between two objects that could be cut, so calls pass through the harness's own link in memory:
 * a frame is a line on it. Every fault that it knows can so stand on calls.
 */
export const objectLink = (options: {
  readonly seed: number
  readonly clientId: string
  /** Told that there is something to report. */
  readonly onChange: () => void
}): ObjectLink => {
  let accept: (far: VirtualSocket) => boolean = () => false
  let reporting: ReturnType<typeof setTimeout> | undefined
  let reported = ""
  let isCut = false
  const standing = new Map<number, LinkFaultHandle>()
  const bites = new Map<number, () => number>()

  const link = openVirtualLink({
    accept: (far) => accept(far),
    classify: () => {
      const classify = classifyFrames()
      return (frame) => classify({ ...frame, data: lineToFrame(String(frame.data)) })
    },
    draw: (key, below) => draw(options.seed, `link ${options.clientId} ${key}`, below),
    timers: objectTimers,
    onEvent: () => {
      reporting ??= setTimeout(() => {
        reporting = undefined
        options.onChange()
      }, reportAfterMs)
    },
  })

  const end = (n: number, how: "heal" | "release"): void => {
    standing.get(n)?.[how]()
    standing.delete(n)
  }

  return {
    dial: (next) => {
      if (link.address.kind !== "virtual") return undefined
      accept = next
      return link.address.dial()
    },
    command: (command) => {
      switch (command.c) {
        case "fault": {
          const handle = link.fault(command.fault)
          bites.set(command.n, handle.bit)
          // A reset is over when it is armed: nothing of it stands.
          if (command.fault.kind !== "reset") standing.set(command.n, handle)
          return
        }
        case "heal":
        case "release":
          return end(command.n, command.c)
        case "cut":
          isCut = true
          return link.cut()
      }
    },
    faulty: () => isCut || standing.size > 0,
    report: () => {
      const counters: LinkCounters = link.counters()
      const bits = [...bites].map(([n, bit]) => [n, bit()] as const)
      const text = JSON.stringify([counters, bits])
      if (text === reported) return undefined
      reported = text
      return { c: "link", counters, bites: bits, lastFrames: link.lastFrames() }
    },
  }
}
