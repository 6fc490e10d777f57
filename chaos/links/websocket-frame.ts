/** A frame of RFC 6455 as it stood on the wire. */
export interface WebSocketFrame {
  readonly fin: boolean
  /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number
  readonly masked: boolean
  /** Unmasked. */
  readonly payload: Buffer
  /** All its bytes, header included, exactly as they came. */
  readonly raw: Buffer
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Not random, as a client's would have to be: nothing here needs hiding from proxies, and a fixed one repeats. */
const maskingKey = Buffer.from([0x5a, 0xc3, 0x96, 0x3c])

/** One unfragmented frame. Clients mask theirs, servers must not. */
export const encodeWebSocketFrame = (opcode: number, payload: Buffer, masked: boolean): Buffer => {
  const length = payload.length
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.allocUnsafe(2 + lengthBytes + (masked ? 4 : 0) + length)
  frame[0] = 0x80 | opcode
  frame[1] = (masked ? 0x80 : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  const start = frame.length - length
  if (masked) maskingKey.copy(frame, start - 4)
  payload.copy(frame, start)
  if (masked) xorInPlace(frame, start, maskingKey)
  return frame
}

/** A close frame. 1005 is one without a code, as RFC 6455 has it. */
export const encodeCloseFrame = (code: number, masked: boolean): Buffer => {
  if (code === 1005) return encodeWebSocketFrame(opcodes.close, Buffer.alloc(0), masked)
  const payload = Buffer.allocUnsafe(2)
  payload.writeUInt16BE(code)
  return encodeWebSocketFrame(opcodes.close, payload, masked)
}

/** Whether a close with this code can be said in a frame; 1006 and 1015 only name an end without one. */
export const canBeSent = (code: number): boolean =>
  Number.isInteger(code) && code >= 1000 && code < 5000 && code !== 1004 && code !== 1006 && code !== 1015

/** The payload of a masked frame in the clear; the frame itself stays as it is. */
export const unmasked = (payload: Buffer, key: Buffer): Buffer => {
  const clear = Buffer.from(payload)
  xorInPlace(clear, 0, key)
  return clear
}

const xorInPlace = (bytes: Buffer, start: number, key: Buffer): void => {
  const [a, b, c, d] = key as unknown as [number, number, number, number]
  const length = bytes.length
  let index = start
  for (; index + 3 < length; index += 4) {
    bytes[index]! ^= a
    bytes[index + 1]! ^= b
    bytes[index + 2]! ^= c
    bytes[index + 3]! ^= d
  }
  for (; index < length; index++) bytes[index]! ^= key[(index - start) & 3]!
}
