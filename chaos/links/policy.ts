import type { FrameMatch, LinkFault, LinkFaultKind } from "../../contract/fault.ts"
import type { Direction, FrameClass } from "../../contract/frame.ts"
import { actsOn, armedFault, countFrame, type ArmedFault } from "./armed-fault.ts"
import { frameLabel } from "./frame-label.ts"
import type { ChunkVerdict, ConnectionVerdict, FrameVerdict, HttpAnswer, PieceVerdict } from "./verdict.ts"

/*
 * The rules of a link: which faults stand on it, and what they say about a connection, a chunk, a frame. No
 * sockets, no timers, no clock: the TCP link and the virtual link ask the same rules and carry the verdicts out.
 *
 * In which order faults apply
 *   an open one        reset ends it when it is armed, once; nothing of it stands afterwards
 *   a new connection   cut > refuse > http-answer > half-open > pass
 *   what then flows    1. half-open swallows it: nothing after it sees it, nothing after it counts it
 *                      2. frame faults, in the order in which they were armed: the first that is due takes the frame
 *                      3. cut-after counts bytes, and breaks the connection behind the last one
 *                      4. coalesce joins what comes within its window
 *                      5. delay: those that stand add up, jitter is drawn for each chunk
 *                      6. split and throttle, on the way out
 * Within one direction of one connection nothing overtakes anything, but for frames that are held.
 *
 * What a heal does
 *   hold               what it holds is discarded; `release` lets it go instead, in order
 *   half-open          connections that were open during it are reset: bytes of theirs are lost for good
 *   delay, throttle,   what waits goes on at once: bytes taken out of a stream would not be a delay
 *   coalesce
 *   the others         act on what comes next, or have acted already
 *
 * What is not covered, and why
 *   loss, reordering and corruption of packets: TCP hides them; what is left of them is delay, reset and half-open
 *   a slow TCP handshake: a relay has accepted before it can wait; delay acts on the first bytes instead
 *   a peer that stops reading: that is the reader's fault, see the clients' slow readers
 *   frames that nobody classifies: frame faults then stay armed and never bite
 *   an HTTP answer that comes twice: HTTP pairs each with its request, so no client could tell whose the second is
 */

/** A throttled line carries its bytes in pieces of this many milliseconds, so that it flows instead of jerking. */
const throttlePieceMs = 20

const pass = { kind: "pass" } as const

/** Whether a fault can do something to a frame. */
export type Sees = (fault: LinkFault) => boolean

/** Faults that can do something to a message; the others need an HTTP exchange. */
export const seesMessages: Sees = (fault) =>
  fault.kind !== "http-answer" && (fault.kind !== "strip" || fault.members !== undefined)

const everyRequest: FrameMatch = { direction: "up", times: Infinity }

/** The frames that a fault is for; undefined for faults of bytes. */
const matchOf = (fault: LinkFault): FrameMatch | undefined => {
  if (fault.kind === "http-answer") return fault.match ?? everyRequest
  return "match" in fault ? fault.match : undefined
}

export type LinkPolicy = ReturnType<typeof makeLinkPolicy>

/**
 * The rules of one link. `draw` decides jitter by key: `connection/direction/nth chunk`. `onBite` is told each
 * time that a fault changed something on the victim, and what that was in a few words.
 */
export const makeLinkPolicy = (
  draw: (key: string, below: number) => number,
  onBite: (fault: LinkFault, detail: string) => void,
) => {
  let standing: ReadonlyArray<ArmedFault> = []
  let shaping: Record<Direction, ReadonlyArray<ArmedFault>> = { up: [], down: [] }
  let cut = false

  const stand = (next: ReadonlyArray<ArmedFault>): void => {
    const shapes = (direction: Direction) =>
      next.filter((armed) => actsOn(armed.fault, direction) && !(armed.fault.kind === "cut-after" && armed.taken > 0))
    standing = next
    shaping = { up: shapes("up"), down: shapes("down") }
  }

  const bite = (armed: ArmedFault, detail: string): void => {
    armed.bites += 1
    onBite(armed.fault, detail)
  }

  const swallowing = (direction: Direction): ArmedFault | undefined =>
    shaping[direction].find((armed) => armed.fault.kind === "half-open")

  return {
    standing: () => standing,
    arm: (fault: LinkFault): ArmedFault => {
      const armed = armedFault(fault)
      stand([...standing, armed])
      return armed
    },
    /** False when it stood no more. */
    disarm: (armed: ArmedFault): boolean => {
      if (!standing.includes(armed)) return false
      stand(standing.filter((other) => other !== armed))
      return true
    },
    bite,
    /** From now on every connection is refused. */
    cutOff: (): void => void (cut = true),

    /** Judges a new connection. Where `exchanges` are read, HTTP answers are given to requests instead. */
    connection: (nth: number, exchanges = false): ConnectionVerdict => {
      if (cut) return { kind: "refuse" }
      const taking = (kind: LinkFaultKind) => {
        const armed = standing.find(({ fault }) => fault.kind === kind && !("match" in fault))
        if (armed !== undefined) bite(armed, `connection ${nth}`)
        return armed
      }
      if (taking("refuse") !== undefined) return { kind: "refuse" }
      const answering = exchanges ? undefined : taking("http-answer")
      if (answering !== undefined) return { kind: "answer", answer: answering.fault as HttpAnswer }
      const silent = swallowing("up")
      if (silent === undefined) return pass
      bite(silent, `connection ${nth}`)
      return { kind: "silent" }
    },

    /** The half-open fault that swallows this direction. */
    swallowing,
    /** No fault touches the bytes of this direction. */
    plain: (direction: Direction): boolean => shaping[direction].length === 0,

    throttles: (direction: Direction): boolean => shaping[direction].some((armed) => armed.fault.kind === "throttle"),

    /** Whether a fault stands that may take a frame of this direction. */
    looks: (direction: Direction): boolean =>
      standing.some(({ fault, taken }) => {
        const match = matchOf(fault)
        return match !== undefined && (match.direction ?? direction) === direction && taken < (match.times ?? 1)
      }),

    /** Judges a frame once; only the faults that can do something to it see it. */
    frame: (direction: Direction, frame: FrameClass, sees: Sees = seesMessages): FrameVerdict => {
      let taker: ArmedFault | undefined
      for (const armed of standing) {
        const match = matchOf(armed.fault)
        if (match === undefined || !sees(armed.fault)) continue
        if (countFrame(armed, match, direction, frame, taker === undefined)) taker = armed
      }
      if (taker === undefined) return pass
      bite(taker, `${direction} ${frameLabel(frame)}`)
      return frameVerdict(taker)
    },

    chunk: (connection: number, direction: Direction, nth: number, sizeBytes: number): ChunkVerdict => {
      const silent = swallowing(direction)
      if (silent !== undefined) {
        bite(silent, `${direction} ${sizeBytes} bytes`)
        return { kind: "swallow" }
      }
      let keepBytes: number | undefined
      for (const armed of shaping[direction]) {
        const passes = bytesBeforeCut(armed, sizeBytes)
        if (passes === undefined) continue
        bite(armed, `${direction} ${sizeBytes} bytes`)
        keepBytes = Math.min(passes, keepBytes ?? passes)
      }
      if (keepBytes !== undefined) stand(standing)
      let delayMs = 0
      let windowMs = 0
      for (const armed of shaping[direction]) {
        if (armed.fault.kind === "coalesce") windowMs = Math.max(windowMs, armed.fault.windowMs)
        if (armed.fault.kind !== "delay") continue
        const below = Math.floor(armed.fault.jitterMs) + 1
        const addedMs = armed.fault.ms + draw(`${connection}/${direction}/${nth}`, below)
        if (addedMs > 0) bite(armed, `${direction} ${sizeBytes} bytes`)
        delayMs += addedMs
      }
      return { kind: "go", delayMs, windowMs, ...(keepBytes === undefined ? {} : { keepBytes }) }
    },

    /** A chunk of `sizeBytes` was joined to the one before it. */
    joined: (direction: Direction, sizeBytes: number): void => {
      const armed = shaping[direction].find((candidate) => candidate.fault.kind === "coalesce")
      if (armed !== undefined) bite(armed, `${direction} ${sizeBytes} bytes`)
    },

    /** What goes out next of `sizeBytes` that are due. `fresh`: they are the beginning of what arrived as one. */
    piece: (direction: Direction, sizeBytes: number, nowMs: number, fresh: boolean): PieceVerdict => {
      let size = sizeBytes
      for (const { fault } of shaping[direction]) {
        if (fault.kind === "split") size = Math.min(size, Math.max(1, fault.maxBytes))
        if (fault.kind === "throttle") {
          size = Math.min(size, Math.max(1, Math.ceil((fault.bytesPerSecond * throttlePieceMs) / 1000)))
        }
      }
      let waitMs = 0
      for (const armed of shaping[direction]) {
        const { fault } = armed
        if (fault.kind === "split" && fresh && sizeBytes > fault.maxBytes)
          bite(armed, `${direction} ${sizeBytes} bytes`)
        if (fault.kind !== "throttle") continue
        if (fresh) bite(armed, `${direction} ${sizeBytes} bytes`)
        armed.freeAtMs[direction] =
          Math.max(nowMs, armed.freeAtMs[direction]) + (size * 1000) / Math.max(1, fault.bytesPerSecond)
        waitMs = Math.max(waitMs, armed.freeAtMs[direction] - nowMs)
      }
      return { sizeBytes: size, waitMs }
    },
  }
}

/** Counts a chunk for a `cut-after`; when this is the one that it cuts, how many of its bytes still pass. */
const bytesBeforeCut = (armed: ArmedFault, sizeBytes: number): number | undefined => {
  if (armed.fault.kind !== "cut-after" || armed.taken > 0) return undefined
  armed.passedBytes += sizeBytes
  const over = armed.passedBytes - armed.fault.bytes
  if (over < 0) return undefined
  armed.taken = 1
  return sizeBytes - over
}

const frameVerdict = (taker: ArmedFault): FrameVerdict => {
  const { fault } = taker
  switch (fault.kind) {
    case "drop":
    case "duplicate":
    case "truncate":
      return { kind: fault.kind }
    case "hold":
      return { kind: "hold", hold: (letGo) => void taker.held.push(letGo) }
    case "garbage":
      return { kind: "garbage", body: fault.body }
    case "strip":
      return { kind: "strip", members: fault.members, headers: fault.headers ?? [] }
    case "http-answer":
      return { kind: "answer", answer: fault }
    case "close":
      return { kind: "close", code: fault.code }
    default:
      return pass
  }
}
