import type { LinkCounters, LinkFault } from "../../contract/fault.ts"
import type { Direction, Frame, FrameClass, FrameClassifier } from "../../contract/frame.ts"
import type { ArmedFault } from "./armed-fault.ts"
import { frameLabel } from "./frame-label.ts"
import type { LinkEvent, LinkFaultHandle } from "./link.ts"
import { makeLinkPolicy } from "./policy.ts"

/** One connection, as the link that it is on handles it. */
export interface LinkConnection {
  /** Ends it abruptly on both sides, now. */
  readonly reset: () => void
  /** A half-open fault begins in this direction: what is on its way is lost. */
  readonly lose: (direction: Direction, armed: ArmedFault) => void
  /** A fault of time was taken off. */
  readonly hurry: () => void
}

export type LinkCore = ReturnType<typeof makeLinkCore>

const keptFrames = 16
/** Faults that change when or in which pieces bytes arrive, or whether a connection does, but no frame or chunk. */
const harmlessToBytes: ReadonlySet<LinkFault["kind"]> = new Set([
  "refuse",
  "reset",
  "delay",
  "throttle",
  "split",
  "coalesce",
  "http-answer",
])

/** Faults that make bytes wait: what waits goes on when they are taken off. */
const timing: ReadonlySet<LinkFault["kind"]> = new Set(["delay", "throttle", "coalesce"])

/** What both kinds of link share: the rules, the counters, the last frames, and who is connected. */
export const makeLinkCore = (
  draw: (key: string, below: number) => number,
  onEvent: (event: LinkEvent) => void = () => {},
) => {
  const counts = {
    connections: 0,
    refused: 0,
    resets: 0,
    open: 0,
    bytesUp: 0,
    bytesDown: 0,
    framesUp: 0,
    framesDown: 0,
    touched: 0,
  }
  const last: Array<string> = []
  /** Every connection, and whether it is established. */
  const connections = new Map<LinkConnection, boolean>()
  /** Connections that were open while a half-open fault stood. */
  const broken = new Map<ArmedFault, Set<LinkConnection>>()
  const policy = makeLinkPolicy(draw, (fault, detail) => {
    if (!harmlessToBytes.has(fault.kind)) counts.touched += 1
    onEvent({ kind: "bite", fault, detail })
  })

  const note = (line: string): void => {
    last.push(line)
    if (last.length > keptFrames) last.shift()
  }

  const resetAll = (each: (connection: LinkConnection) => void = () => {}): void => {
    for (const connection of [...connections.keys()]) {
      each(connection)
      connection.reset()
    }
  }

  const arm = (fault: LinkFault): ArmedFault => {
    const armed = policy.arm(fault)
    let nth = 0
    if (fault.kind === "reset") resetAll(() => policy.bite(armed, `open connection ${++nth}`))
    if (fault.kind === "half-open") {
      broken.set(armed, new Set(connections.keys()))
      for (const direction of ["up", "down"] as const) {
        if (fault.direction !== direction && fault.direction !== "both") continue
        for (const connection of connections.keys()) connection.lose(direction, armed)
      }
    }
    return armed
  }

  const lift = (armed: ArmedFault, letGo: boolean): void => {
    if (!policy.disarm(armed)) return
    const held = armed.held.splice(0)
    if (letGo) for (const go of held) go()
    for (const connection of broken.get(armed) ?? []) connection.reset()
    broken.delete(armed)
    if (timing.has(armed.fault.kind)) for (const connection of [...connections.keys()]) connection.hurry()
  }

  return {
    policy,
    onEvent,
    begin: (connection: LinkConnection): void => {
      connections.set(connection, false)
      for (const armed of policy.standing()) if (armed.fault.kind === "half-open") broken.get(armed)?.add(connection)
    },
    /** The connection stands; without this call its end is no end either. */
    established: (connection: LinkConnection): void => {
      if (connections.get(connection) !== false) return
      connections.set(connection, true)
      counts.connections += 1
      counts.open += 1
      onEvent({ kind: "connected" })
    },
    over: (connection: LinkConnection): void => {
      const established = connections.get(connection)
      connections.delete(connection)
      for (const lost of broken.values()) lost.delete(connection)
      if (established !== true) return
      counts.open -= 1
      onEvent({ kind: "disconnected" })
    },
    refused: (): void => {
      counts.refused += 1
      onEvent({ kind: "refused" })
    },
    wasReset: (): void => void (counts.resets += 1),
    delivered: (direction: Direction, sizeBytes: number, frames: number): void => {
      counts[direction === "up" ? "bytesUp" : "bytesDown"] += sizeBytes
      counts[direction === "up" ? "framesUp" : "framesDown"] += frames
    },
    /** Notes a frame that came to the link. */
    frameSeen: (direction: Direction, frame: FrameClass, sizeBytes: number): void => {
      const label = frameLabel(frame)
      note(`${direction} ${label}`)
      onEvent({ kind: "frame", direction, label, sizeBytes })
    },
    /** Notes that a connection cannot be read any further, and why. */
    unread: (direction: Direction, why: string): void => {
      note(`${direction} unread: ${why}`)
      onEvent({ kind: "unread", direction, why })
    },

    fault: (fault: LinkFault): LinkFaultHandle => {
      const armed = arm(fault)
      return { bit: () => armed.bites, heal: () => lift(armed, false), release: () => lift(armed, true) }
    },
    heal: (): void => {
      for (const armed of policy.standing()) lift(armed, false)
    },
    cut: (): void => {
      policy.cutOff()
      resetAll()
    },
    counters: (): LinkCounters => ({ ...counts }),
    lastFrames: (): ReadonlyArray<string> => [...last],
  }
}

/** What a frame is; a classifier that throws knows it as little as one that says `other`. */
export const classified = (classify: FrameClassifier, frame: Frame): FrameClass => {
  try {
    return classify(frame)
  } catch {
    return { operation: "other", role: "other" }
  }
}
