import type { Socket } from "node:net"
import type { Direction, FrameClassifier } from "../../contract/frame.ts"
import type { TimersShape } from "../timers.ts"
import type { FrameReader } from "./frame-reader.ts"
import { makeHttpExchanges } from "./http-exchanges.ts"
import { makeLane, type ChunkKind, type Lane } from "./lane.ts"
import type { LinkConnection, LinkCore } from "./link-core.ts"
import { canBeSent, encodeCloseFrame } from "./websocket-frame.ts"
import { makeWebSocketFrames } from "./websocket-frames.ts"

export interface TcpConnectionOptions {
  readonly core: LinkCore
  readonly timers: TimersShape
  /** Number of this connection on its link. */
  readonly nth: number
  readonly client: Socket
  /** Undefined: the backend never hears of this connection. */
  readonly upstream: Socket | undefined
  /** What is read, and what its frames are. Absent: bytes are passed on unread. */
  readonly reads?: { readonly protocol: "websocket" | "http"; readonly classify: FrameClassifier }
}

/** What one direction keeps in the relay before it stops reading from its sender. */
const maxWaitingBytes = 1_048_576
/**
 * A reset throws away what a kernel still holds of the bytes before it. One that must come behind them waits until
 * the relay's own kernel has them and then this long for the receiver to read; a receiver that reads nothing holds it
 * up no longer than the patience.
 */
const resetGraceMs = 20
const resetPatienceMs = 250

const buffers: ChunkKind<Buffer> = {
  slice: (chunk, from, to) => chunk.subarray(from, to),
  join: (parts) => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)),
}

/**
 * Relays one accepted connection over one of its own to the backend, both ways, with back-pressure. Ends pass
 * through as they came: an orderly end as an orderly end, a reset as a reset; that of a sender which is not being
 * read, because its receiver has stopped, once the receiver reads on.
 */
export const relayTcpConnection = (options: TcpConnectionOptions): LinkConnection => {
  const { core, timers, client, upstream, reads } = options
  /** The link has said goodbye to both sides: what they still say is not passed on. */
  let closing = false
  let over = false
  let cancelReset: (() => void) | undefined
  const closed = { client: false, upstream: upstream === undefined }

  const sourceOf = (direction: Direction) => (direction === "up" ? client : upstream)
  const targetOf = (direction: Direction) => (direction === "up" ? upstream : client)

  const lane = (direction: Direction): Lane<Buffer> =>
    makeLane<Buffer>({
      policy: core.policy,
      timers,
      chunks: buffers,
      connection: options.nth,
      direction,
      direct: true,
      to: {
        deliver: (piece, frames) => {
          const target = targetOf(direction)
          if (target === undefined || !target.writable) return
          core.delivered(direction, piece.length, frames)
          target.write(piece)
          flow(direction)
        },
        end: () => targetOf(direction)?.end(),
        break: () => resetBehind(targetOf(direction)),
      },
    })
  const lanes: Record<Direction, Lane<Buffer>> = { up: lane("up"), down: lane("down") }

  /** Reads on from the sender only while the receiver, and the lane, take more. */
  const flow = (direction: Direction): void => {
    const source = sourceOf(direction)
    const target = targetOf(direction)
    if (source === undefined) return
    const waitingBytes = lanes[direction].waitingBytes() + (reader?.waitingBytes(direction) ?? 0)
    const full = target?.writableNeedDrain === true || waitingBytes > maxWaitingBytes
    if (full === source.isPaused()) return
    if (full) source.pause()
    else source.resume()
  }

  const receive = (direction: Direction, chunk: Buffer): void => {
    if (closing) return
    if (reader === undefined) lanes[direction].push(chunk, 0)
    else if (!swallowed(direction, `${chunk.length} bytes`)) {
      const target = targetOf(direction)
      target?.cork()
      reader.feed(direction, chunk)
      target?.uncork()
    }
    flow(direction)
  }

  const swallowed = (direction: Direction, what: string): boolean => {
    const silent = core.policy.swallowing(direction)
    if (silent !== undefined) core.policy.bite(silent, `${direction} ${what}`)
    return silent !== undefined
  }

  /** Ends the connection with a close frame to both sides, orderly, or abruptly where the code or the protocol has it so. */
  const close = (code: number): void => {
    const by = canBeSent(code) ? reader?.closesBy() : "reset"
    if (by === "end") return farewell()
    if (by !== "frame") return reset()
    lanes.up.push(encodeCloseFrame(code, true), 1)
    lanes.down.push(encodeCloseFrame(code, false), 1)
    farewell()
  }

  const farewell = (): void => {
    closing = true
    lanes.up.end()
    lanes.down.end()
  }

  const makeReader = (): FrameReader | undefined => {
    if (reads === undefined) return undefined
    const parts = { core, classify: reads.classify, lanes, close, farewell, closing: () => closing }
    return reads.protocol === "http" ? makeHttpExchanges(parts) : makeWebSocketFrames(parts)
  }
  const reader = makeReader()

  const reset = (): void => {
    if (over) return
    core.wasReset()
    client.resetAndDestroy()
    upstream?.resetAndDestroy()
    finish()
  }

  const resetBehind = (target: Socket | undefined): void => {
    if (over || target === undefined || target.destroyed) return reset()
    if (cancelReset !== undefined) return
    cancelReset = timers.after(resetPatienceMs, reset)
    // A loop that was busy for longer than the grace still gets two turns in which a receiver in it can read.
    const twoTurnsLater = (): void => void timers.after(0, () => timers.after(0, reset))
    target.write("", () => void timers.after(resetGraceMs, twoTurnsLater))
  }

  const finish = (): void => {
    if (over) return
    over = true
    cancelReset?.()
    lanes.up.close()
    lanes.down.close()
    core.over(connection)
  }

  const watch = (side: "client" | "upstream", socket: Socket): void => {
    const direction: Direction = side === "client" ? "up" : "down"
    const against: Direction = side === "client" ? "down" : "up"
    let ended = false
    // The error itself is told by "close"; without a listener it would be thrown.
    socket.on("error", () => {})
    socket.on("data", (chunk: Buffer) => receive(direction, chunk))
    socket.on("drain", () => flow(against))
    socket.on("end", () => {
      ended = true
      if (reader === undefined) lanes[direction].end()
      else reader.end(direction)
    })
    socket.on("close", (hadError) => {
      closed[side] = true
      lanes[against].close()
      if (closed.client && closed.upstream) return finish()
      if (hadError || !ended) lanes[direction].breakOff()
    })
  }

  const connection: LinkConnection = {
    reset,
    lose: (direction, armed) => {
      lanes[direction].lose(armed)
      flow(direction)
    },
    hurry: () => {
      lanes.up.hurry()
      lanes.down.hurry()
    },
  }

  const begin = (): void => {
    core.begin(connection)
    watch("client", client)
    if (upstream === undefined) return core.established(connection)
    const refuse = (): void => {
      if (over) return
      core.refused()
      client.resetAndDestroy()
      finish()
    }
    upstream.once("close", refuse)
    upstream.once("connect", () => {
      upstream.off("close", refuse)
      core.established(connection)
    })
    watch("upstream", upstream)
  }
  begin()
  return connection
}
