import type { Direction, FrameClass, FrameClassifier } from "../../contract/frame.ts"
import { carryOut } from "./carry-out.ts"
import type { FrameReader, FrameReaderParts } from "./frame-reader.ts"
import { classified } from "./link-core.ts"
import { encodeWebSocketFrame, opcodes } from "./websocket-frame.ts"
import { makeWebSocketStream, type StreamUnit } from "./websocket-stream.ts"

const controlNames: Readonly<Record<number, string>> = { 8: "close", 9: "ping", 10: "pong" }

/** Reads a WebSocket: the two heads of its handshake, messages and control frames are its frames. */
export const makeWebSocketFrames = (parts: FrameReaderParts): FrameReader => {
  const stream = makeWebSocketStream()
  return {
    feed: (direction, chunk) => {
      for (const unit of stream.feed(direction, chunk)) passWebSocketUnit(parts, direction, unit)
    },
    end: (direction) => {
      if (!parts.closing()) parts.lanes[direction].push(stream.rest(direction), 0)
      parts.lanes[direction].end()
    },
    waitingBytes: () => 0,
    closesBy: () => (stream.upgraded() ? "frame" : "reset"),
  }
}

/** Does with one unit of a WebSocket what the rules say. */
export const passWebSocketUnit = (parts: FrameReaderParts, direction: Direction, unit: StreamUnit): void => {
  const { core, lanes, close } = parts
  if (parts.closing()) return
  if (unit.kind === "bytes") return lanes[direction].push(unit.raw, 0)
  const frame = classOf(direction, unit, parts.classify)
  core.frameSeen(direction, frame, unit.raw.length)
  const firstHalf = unit.raw.subarray(0, unit.raw.length >> 1)
  const garbage = (body: string): Buffer => garbageFor(unit, Buffer.from(body), direction === "up")
  const data = unit.kind === "message" ? unit.data : ""
  carryOut(core.policy.frame(direction, frame), { raw: unit.raw, firstHalf, data, garbage }, lanes[direction], close)
}

type FrameUnit = Exclude<StreamUnit, { readonly kind: "bytes" }>

const classOf = (direction: Direction, unit: FrameUnit, classify: FrameClassifier): FrameClass => {
  if (unit.kind === "message") return classified(classify, { direction, data: unit.data })
  if (unit.kind === "head") return { operation: "connect", role: direction === "up" ? "request" : "answer" }
  return { operation: "other", role: "other", id: controlNames[unit.opcode] ?? "control" }
}

/** A message with this body in place of a message or control frame; the bare body in place of a handshake's head. */
const garbageFor = (unit: FrameUnit, body: Buffer, masked: boolean): Buffer => {
  if (unit.kind === "head") return body
  return encodeWebSocketFrame(unit.kind === "message" ? unit.opcode : opcodes.text, body, masked)
}
