import type { Direction } from "../../contract/frame.ts"
import { asksForWebSocket, makeHeadReader, statusOf, withoutHeader } from "./http-head.ts"
import { makeWebSocketParser, type WebSocketUnit } from "./websocket-parser.ts"

/** A unit of a WebSocket connection: the handshake's two heads, then messages and control frames. */
export type StreamUnit = WebSocketUnit | { readonly kind: "head"; readonly raw: Buffer }

/**
 * Reads both directions of one connection, handshake first. The client's offer of extensions is taken out of its
 * request, so that frames stay uncompressed and readable. Where the connection turns out to be no WebSocket (no
 * upgrade asked for, or none granted) its bytes go through as bytes.
 */
export const makeWebSocketStream = () => {
  const up = makeSide((head) =>
    asksForWebSocket(head) ? { head: withoutHeader(head, "sec-websocket-extensions"), next: "frames" } : undefined,
  )
  const down = makeSide((head) => {
    const status = statusOf(head)
    if (status === 0) return undefined
    if (status !== 101 && status >= 200) up.giveUp()
    return { head, next: status === 101 ? "frames" : status < 200 ? "head" : "bytes" }
  })
  const sides: Record<Direction, Side> = { up, down }
  return {
    feed: (direction: Direction, chunk: Buffer): ReadonlyArray<StreamUnit> => {
      const units = sides[direction].feed(chunk)
      // A request that asks for no upgrade is answered by bytes.
      if (direction === "up" && up.phase() === "bytes" && down.phase() === "head") down.giveUp()
      return units
    },
    /** The direction has ended: what there is of a unit that will never be whole. */
    rest: (direction: Direction): Buffer => sides[direction].rest(),
    /** Whether frames can be said: both heads of the handshake have been seen. */
    upgraded: (): boolean => up.phase() === "frames" && down.phase() === "frames",
  }
}

type Phase = "head" | "frames" | "bytes"
type Side = ReturnType<typeof makeSide>

/** One direction. `accept` gives the head as it goes on and what follows it, or undefined when it is no head to read. */
const makeSide = (accept: (head: string) => { readonly head: string; readonly next: Phase } | undefined) => {
  const heads = makeHeadReader()
  const frames = makeWebSocketParser()
  let phase: Phase = "head"

  const bytes = (raw: Buffer): ReadonlyArray<StreamUnit> => (raw.length === 0 ? [] : [{ kind: "bytes", raw }])
  const rest = (): Buffer => Buffer.concat([heads.rest(), frames.rest()])

  const feedHead = (chunk: Buffer): ReadonlyArray<StreamUnit> => {
    const read = heads.feed(chunk)
    if (read === undefined) return []
    const accepted = read === "too-long" ? undefined : accept(read.head.toString("latin1"))
    if (read === "too-long" || accepted === undefined) {
      phase = "bytes"
      return bytes(heads.rest())
    }
    phase = accepted.next
    heads.rest()
    return [{ kind: "head", raw: Buffer.from(accepted.head, "latin1") }, ...feed(read.rest)]
  }

  const feed = (chunk: Buffer): ReadonlyArray<StreamUnit> => {
    if (phase === "head") return feedHead(chunk)
    if (phase === "frames") return frames.feed(chunk)
    const before = rest()
    return bytes(before.length === 0 ? chunk : Buffer.concat([before, chunk]))
  }

  return { phase: () => phase, giveUp: (): void => void (phase = "bytes"), rest, feed }
}
