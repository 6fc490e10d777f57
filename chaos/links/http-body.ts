import type { Framing } from "./http-message.ts"

/** What of a chunk of bytes belongs to a body. */
export interface BodyPart {
  /** How many of the bytes. */
  readonly usedBytes: number
  /** The body in them, without its framing. */
  readonly data: ReadonlyArray<Buffer>
  /** The body ends with them. */
  readonly last: boolean
}

/** Reads a body out of bytes that are cut anywhere. `malformed`: what comes is no such body. */
export interface BodyReader {
  readonly feed: (bytes: Buffer) => BodyPart | "malformed"
  /** What ends a chunked body, trailers and all, once it has ended. */
  readonly terminator: () => string
}

/** A reader for one body. */
export const makeBodyReader = (framing: Framing): BodyReader => {
  if (framing.kind === "chunked") return makeChunkedReader()
  return makePlainReader(framing.kind === "length" ? framing.sizeBytes : Infinity)
}

const makePlainReader = (sizeBytes: number): BodyReader => {
  let left = sizeBytes
  return {
    feed: (bytes) => {
      const usedBytes = Math.min(left, bytes.length)
      left -= usedBytes
      return { usedBytes, data: [bytes.subarray(0, usedBytes)], last: left === 0 }
    },
    terminator: () => "",
  }
}

/** A line of the framing that is longer than this is none. */
const maxLineChars = 16_384
const sizeLine = /^([0-9a-f]{1,12})[ \t]*(?:;[^\n]*)?\r\n$/i
const trailerLine = /^(?:[!#$%&'*+.^_`|~\w-]+:[^\n]*)?\r\n$/

const makeChunkedReader = (): BodyReader => {
  let state: "size" | "data" | "data-end" | "trailer" = "size"
  /** The line that is being read, as far as it is there. */
  let line = ""
  let left = 0
  let terminator = ""

  /** What follows a whole line; undefined where it is none. */
  const afterLine = (): typeof state | "over" | undefined => {
    if (state === "trailer") {
      terminator += line
      return trailerLine.test(line) ? (line === "\r\n" ? "over" : "trailer") : undefined
    }
    const size = sizeLine.exec(line)?.[1]
    if (size === undefined) return undefined
    left = Number.parseInt(size, 16)
    if (left > 0) return "data"
    terminator = line
    return "trailer"
  }

  /** Reads on from `at` to the end of the line; -1 where it is no line. */
  const readLine = (bytes: Buffer, at: number): number => {
    const lineFeed = bytes.indexOf(10, at)
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1
    line += bytes.toString("latin1", at, end)
    return line.length > maxLineChars ? -1 : end
  }

  return {
    terminator: () => terminator,
    feed: (bytes) => {
      const data: Array<Buffer> = []
      let at = 0
      while (at < bytes.length) {
        if (state === "data") {
          const end = Math.min(bytes.length, at + left)
          data.push(bytes.subarray(at, end))
          left -= end - at
          at = end
          if (left === 0) state = "data-end"
          continue
        }
        at = readLine(bytes, at)
        if (at < 0) return "malformed"
        if (!line.endsWith("\n")) continue
        const next = state === "data-end" ? (line === "\r\n" ? "size" : undefined) : afterLine()
        line = ""
        if (next === undefined) return "malformed"
        if (next === "over") return { usedBytes: at, data, last: true }
        state = next
      }
      return { usedBytes: at, data, last: false }
    },
  }
}
