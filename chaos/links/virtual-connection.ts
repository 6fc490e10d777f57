import type { Direction, FrameClass, FrameClassifier } from "../../contract/frame.ts"
import type { VirtualSocket } from "../../contract/provider.ts"
import type { TimersShape } from "../timers.ts"
import { carryOut } from "./carry-out.ts"
import { makeLane, type ChunkKind, type Lane } from "./lane.ts"
import { makeLineReader } from "./line-reader.ts"
import { classified, type LinkConnection, type LinkCore } from "./link-core.ts"
import { seesMessages, type Sees } from "./policy.ts"
import { makeVirtualEnd, type VirtualEnd } from "./virtual-end.ts"

export interface VirtualConnectionOptions {
  readonly core: LinkCore
  readonly timers: TimersShape
  /** Number of this connection on its link. */
  readonly nth: number
  /** Absent: chunks are passed on unread. */
  readonly classify?: FrameClassifier
}

const text: ChunkKind<string> = {
  slice: (chunk, from, to) => chunk.slice(from, to),
  join: (parts) => parts.join(""),
}

const asked: FrameClass = { operation: "connect", role: "request" }
const answered: FrameClass = { operation: "connect", role: "answer" }
/** A dial cannot be doubled: there is one connection or none. */
const seesDials: Sees = (fault) => fault.kind !== "duplicate" && seesMessages(fault)

export type VirtualConnection = ReturnType<typeof makeVirtualConnection>

/** One connection of the virtual world: two ends and a lane each way between them. */
export const makeVirtualConnection = (options: VirtualConnectionOptions) => {
  const { core, timers, classify } = options
  /** The link has said goodbye to both sides: what they still say is not passed on. */
  let closing = false
  /** The dial or its answer was swallowed: this connection never comes about, and nothing flows. */
  let mute = false
  let over = false
  /** What the backend does while it accepts: it follows the answer to the dial. */
  let accepting: Array<() => void> | undefined

  const readers = { up: makeLineReader(), down: makeLineReader() }

  const lane = (direction: Direction): Lane<string> =>
    makeLane<string>({
      policy: core.policy,
      timers,
      chunks: text,
      connection: options.nth,
      direction,
      direct: false,
      to: {
        deliver: (piece, frames) => {
          core.delivered(direction, piece.length, frames)
          receiver(direction).deliver(piece)
        },
        end: () => {
          receiver(direction).end()
          finishWhenEnded()
        },
        break: () => reset(),
      },
    })
  const lanes: Record<Direction, Lane<string>> = { up: lane("up"), down: lane("down") }

  /** The client's end sends up, the backend's sends down. */
  const near = makeVirtualEnd(
    timers,
    (chunk) => receive("up", chunk),
    () => closed("up"),
  )
  const far = makeVirtualEnd(
    timers,
    (chunk) => inTurn(() => receive("down", chunk)),
    () => inTurn(() => closed("down")),
  )
  const receiver = (direction: Direction): VirtualEnd => (direction === "up" ? far : near)

  const inTurn = (what: () => void): void => {
    if (accepting === undefined) what()
    else accepting.push(what)
  }

  /** The sender of this direction has closed its end: it hears nothing more. */
  const closed = (direction: Direction): void => {
    lanes[direction === "up" ? "down" : "up"].close()
    if (classify !== undefined && !closing && !mute) lanes[direction].push(readers[direction].rest(), 0)
    lanes[direction].end()
    finishWhenEnded()
  }

  const receive = (direction: Direction, chunk: string): void => {
    if (closing || mute) return
    if (classify === undefined) return lanes[direction].push(chunk, 0)
    const silent = core.policy.swallowing(direction)
    if (silent !== undefined) return core.policy.bite(silent, `${direction} ${chunk.length} bytes`)
    for (const line of readers[direction].feed(chunk)) pass(direction, line, classify)
  }

  const pass = (direction: Direction, raw: string, classify: FrameClassifier): void => {
    if (closing) return
    const data = raw.slice(0, -1)
    const frame = classified(classify, { direction, data })
    core.frameSeen(direction, frame, raw.length)
    const verdict = core.policy.frame(direction, frame)
    if (verdict.kind === "pass") return lanes[direction].push(raw, 1)
    const wire = { raw, firstHalf: raw.slice(0, raw.length >> 1), data, garbage: (body: string) => `${body}\n` }
    carryOut(verdict, wire, lanes[direction], close)
  }

  /** Both sides see the connection end, orderly, behind what is on its way. */
  const close = (): void => {
    closing = true
    lanes.up.end()
    lanes.down.end()
  }

  const reset = (): void => {
    if (over) return
    core.wasReset()
    near.endSoon()
    far.endSoon()
    finish()
  }

  const finishWhenEnded = (): void => {
    if (near.ended() && far.ended()) finish()
  }

  const finish = (): void => {
    if (over) return
    over = true
    lanes.up.close()
    lanes.down.close()
    core.over(connection)
  }

  const connection: LinkConnection = {
    reset,
    lose: (direction, armed) => lanes[direction].lose(armed),
    hurry: () => {
      lanes.up.hurry()
      lanes.down.hurry()
    },
  }

  /** Judges one half of the dial. `goOn` is called now, later (it is held), or never. */
  const judgeDial = (direction: Direction, goOn: () => void): void => {
    if (classify === undefined) return goOn()
    const silent = core.policy.swallowing(direction)
    if (silent !== undefined) return goOn()
    const frame = direction === "up" ? asked : answered
    core.frameSeen(direction, frame, 0)
    const verdict = core.policy.frame(direction, frame, seesDials)
    switch (verdict.kind) {
      case "pass":
      case "duplicate":
      case "answer":
        return goOn()
      case "garbage":
        lanes[direction].push(`${verdict.body}\n`, 1)
        return goOn()
      case "strip":
        lanes[direction].push("\n", 1)
        return goOn()
      case "drop":
        mute = true
        return
      case "hold":
        for (const each of [lanes.up, lanes.down]) each.shut()
        return verdict.hold(() => {
          if (over) return
          for (const each of [lanes.up, lanes.down]) each.reopen()
          goOn()
        })
      case "truncate":
        return void timers.after(0, reset)
      case "close":
        return close()
    }
  }

  /** Gives the backend its end; false when it does not take it. */
  const handOver = (accept: (socket: VirtualSocket) => boolean): boolean => {
    accepting = []
    const taken = accept(far.socket)
    const meanwhile = accepting
    accepting = undefined
    if (taken) judgeDial("down", () => {})
    for (const what of meanwhile) what()
    return taken
  }

  return {
    core,
    link: connection,
    socket: near.socket,
    judgeDial,
    handOver,
    reset,
    finish,
    /** Something else than the backend answers, with an answer in HTTP, and ends the connection. */
    answer: (http: string): void => {
      lanes.down.push(`${http}\n`, 1)
      close()
    },
  }
}

/** Opens a connection that nothing has refused: the client's socket, or undefined when the backend does not take it. */
export const dialThrough = (
  connection: VirtualConnection,
  accept: (socket: VirtualSocket) => boolean,
): VirtualSocket | undefined => {
  const { core } = connection
  let state: "dialling" | "refused" | "returned" = "dialling"
  core.begin(connection.link)
  connection.judgeDial("up", () => {
    if (connection.handOver(accept)) return
    core.refused()
    // A dial that was held has been answered long since: all that is left is to end what it gave.
    if (state === "returned") return connection.reset()
    state = "refused"
    connection.finish()
  })
  if ((state as string) === "refused") return undefined
  state = "returned"
  core.established(connection.link)
  return connection.socket
}
