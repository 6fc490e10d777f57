import { opcodes, unmasked, type WebSocketFrame } from "./websocket-frame.ts"

/** What of a direction's bytes belongs together. */
export type WebSocketUnit =
  /** A whole message, put together from its fragments. `raw` is all its frames. */
  | { readonly kind: "message"; readonly opcode: number; readonly data: string | Buffer; readonly raw: Buffer }
  /** A close, ping or pong. One that stood between fragments comes before the message that it stood in. */
  | { readonly kind: "control"; readonly opcode: number; readonly raw: Buffer }
  /** Bytes that are no WebSocket frames; after the first of these everything is. */
  | { readonly kind: "bytes"; readonly raw: Buffer }

/**
 * Reads WebSocket messages out of a stream of bytes that is cut anywhere, after the handshake. Nothing is lost:
 * the `raw` bytes of all units and of `rest` together are the bytes that were fed.
 */
export const makeWebSocketParser = () => {
  let parts: Array<Buffer> = []
  let waitingBytes = 0
  /** No frame can be read before this many bytes are there. */
  let neededBytes = 2
  let fragments: Array<WebSocketFrame> = []
  let broken = false

  const joined = (): Buffer => {
    const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, waitingBytes)
    parts = [whole]
    return whole
  }

  const rest = (): Buffer => {
    const bytes = Buffer.concat([...fragments.map((fragment) => fragment.raw), ...parts])
    parts = []
    fragments = []
    waitingBytes = 0
    neededBytes = 2
    return bytes
  }

  const unitOf = (frame: WebSocketFrame): WebSocketUnit | undefined => {
    if (frame.opcode >= opcodes.close) return { kind: "control", opcode: frame.opcode, raw: frame.raw }
    fragments.push(frame)
    return frame.fin ? messageOf(fragments.splice(0)) : undefined
  }

  /** Takes the frames that are whole off the front. */
  const readFrames = (units: Array<WebSocketUnit>): void => {
    if (waitingBytes < neededBytes) return
    const bytes = joined()
    let at = 0
    for (;;) {
      const sizeBytes = frameBytes(bytes, at, fragments.length > 0)
      broken = sizeBytes === "illegal"
      neededBytes = sizeBytes === "illegal" ? 2 : sizeBytes
      if (broken || neededBytes > bytes.length - at) break
      const unit = unitOf(frameAt(bytes, at, neededBytes))
      if (unit !== undefined) units.push(unit)
      at += neededBytes
    }
    parts = at === bytes.length ? [] : [bytes.subarray(at)]
    waitingBytes = bytes.length - at
  }

  return {
    feed: (chunk: Buffer): ReadonlyArray<WebSocketUnit> => {
      if (chunk.length === 0) return []
      if (broken) return [{ kind: "bytes", raw: chunk }]
      parts.push(chunk)
      waitingBytes += chunk.length
      const units: Array<WebSocketUnit> = []
      readFrames(units)
      if (broken) units.push({ kind: "bytes", raw: rest() })
      return units
    },
    /** What is there of a unit that is not whole; it is taken out. */
    rest,
  }
}

/** A frame that says to be longer than this is taken for something else than a frame. */
const maxFrameBytes = 2 ** 30

/** Bytes of the frame that begins here, or as many as are needed to tell. */
const frameBytes = (bytes: Buffer, at: number, inMessage: boolean): number | "illegal" => {
  const left = bytes.length - at
  if (left < 2) return 2
  const second = bytes[at + 1] as number
  const short = second & 0x7f
  if (!isLegal(bytes[at] as number, short, inMessage)) return "illegal"
  const headerBytes = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
  if (left < headerBytes || short < 126) return short < 126 ? headerBytes + short : headerBytes
  if (short === 126) return headerBytes + bytes.readUInt16BE(at + 2)
  const sizeBytes = headerBytes + Number(bytes.readBigUInt64BE(at + 2))
  return sizeBytes > maxFrameBytes ? "illegal" : sizeBytes
}

/** Whether a frame may begin so. The reserved bits must be clear: no extension was agreed on. */
const isLegal = (first: number, short: number, inMessage: boolean): boolean => {
  switch (first & 0x7f) {
    case opcodes.continuation:
      return inMessage
    case opcodes.text:
    case opcodes.binary:
      return !inMessage
    case opcodes.close:
    case opcodes.ping:
    case opcodes.pong:
      return (first & 0x80) !== 0 && short < 126
    default:
      return false
  }
}

const frameAt = (bytes: Buffer, at: number, sizeBytes: number): WebSocketFrame => {
  const first = bytes[at] as number
  const second = bytes[at + 1] as number
  const raw = bytes.subarray(at, at + sizeBytes)
  const masked = (second & 0x80) !== 0
  const short = second & 0x7f
  const keyAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
  const payload = raw.subarray(keyAt + (masked ? 4 : 0))
  return {
    fin: (first & 0x80) !== 0,
    opcode: first & 0x0f,
    masked,
    payload: masked ? unmasked(payload, raw.subarray(keyAt, keyAt + 4)) : payload,
    raw,
  }
}

const messageOf = (frames: ReadonlyArray<WebSocketFrame>): WebSocketUnit => {
  const [only] = frames as [WebSocketFrame, ...Array<WebSocketFrame>]
  const alone = frames.length === 1
  const payload = alone ? only.payload : Buffer.concat(frames.map((frame) => frame.payload))
  const raw = alone ? only.raw : Buffer.concat(frames.map((frame) => frame.raw))
  return {
    kind: "message",
    opcode: only.opcode,
    data: only.opcode === opcodes.text ? payload.toString() : payload,
    raw,
  }
}
