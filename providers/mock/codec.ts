import type { StoredEvent } from "./stored-event.ts"
import type { DownFrame, PageFrame, UpFrame, WireEvent } from "./wire.ts"

/** A page as the backend has it: rows whose text was made when they were stored. */
export interface StoredPage extends Omit<PageFrame, "events"> {
  readonly rows: ReadonlyArray<StoredEvent>
}

/** How every frame begins; anything else on the line is not of this protocol. */
const opening = '{"t":"'

/** A page with its events as they were encoded when they were stored. */
export const encodePage = (page: StoredPage): string => {
  const { t, id, backendId, remaining, until, rows } = page
  const front = JSON.stringify({ t, id, backendId, remaining, until })
  return `${front.slice(0, -1)},"events":[${rows.map((row) => row.text).join(",")}]}`
}

/** Any other frame. */
export const encodeFrame = (frame: UpFrame | DownFrame): string => JSON.stringify(frame)

const isText = (value: unknown): value is string => typeof value === "string"
const isNumber = (value: unknown): value is number => typeof value === "number"

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const parse = (line: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Numbers are judged by admission, so that a bad one is refused by name instead of as noise. */
const isPushedEvent = (value: unknown): value is WireEvent =>
  isObject(value) && (value["args"] === undefined || isText(value["args"]))

const isPulledEvent = (value: unknown): boolean =>
  isObject(value) && isNumber(value["seqNum"]) && isNumber(value["digest"]) && isText(value["name"])

/** Reads a line that came from a client; undefined when it is none of its frames. */
export const decodeUp = (line: string): UpFrame | undefined => {
  const frame = parse(line)
  if (frame === undefined) return undefined
  switch (frame["t"]) {
    case "hello":
      return isText(frame["store"]) && isText(frame["client"]) ? (frame as unknown as UpFrame) : undefined
    case "push": {
      const events = frame["events"]
      return isNumber(frame["id"]) && Array.isArray(events) && events.every(isPushedEvent)
        ? (frame as unknown as UpFrame)
        : undefined
    }
    case "pull":
    case "live":
    case "ping":
      return isNumber(frame["id"]) ? (frame as unknown as UpFrame) : undefined
    case "unsub":
      return isNumber(frame["sub"]) ? (frame as unknown as UpFrame) : undefined
    default:
      return undefined
  }
}

/** Reads a line that came from the backend; undefined when it is none of its frames. */
export const decodeDown = (line: string): DownFrame | undefined => {
  const frame = parse(line)
  if (frame === undefined) return undefined
  switch (frame["t"]) {
    case "welcome":
      return { t: "welcome" }
    case "refused": {
      const error = frame["error"]
      return isNumber(frame["id"]) && isObject(error) && isText(error["tag"])
        ? (frame as unknown as DownFrame)
        : undefined
    }
    case "acked":
      return isNumber(frame["id"]) && isText(frame["backendId"]) ? (frame as unknown as DownFrame) : undefined
    case "page": {
      const events = frame["events"]
      const whole =
        isNumber(frame["id"]) && isText(frame["backendId"]) && isNumber(frame["remaining"]) && isNumber(frame["until"])
      return whole && Array.isArray(events) && events.every(isPulledEvent) ? (frame as unknown as DownFrame) : undefined
    }
    case "poke":
      return isNumber(frame["head"]) ? (frame as unknown as DownFrame) : undefined
    case "bye":
      return isNumber(frame["last"]) && Array.isArray(frame["dropped"]) ? (frame as unknown as DownFrame) : undefined
    case "pong":
      return isNumber(frame["id"]) && typeof frame["ok"] === "boolean" ? (frame as unknown as DownFrame) : undefined
    default:
      return undefined
  }
}

/** Takes a stream of chunks apart into lines. A chunk is looked at once: a frame may come in thousands of pieces. */
export class LineReader {
  /** The pieces of the frame that has begun. */
  private pieces: Array<string> = []
  /** Its first characters, as many as tell whether it can be one. */
  private begun = ""

  /**
   * The lines that this chunk completes. `garbage` says that what stands in the buffer can never become a frame:
   * the connection is of no use any more.
   */
  read(chunk: string): { readonly lines: ReadonlyArray<string>; readonly garbage: boolean } {
    const lines: Array<string> = []
    let from = 0
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", from)) {
      lines.push(this.whole(chunk.slice(from, end)))
      from = end + 1
    }
    if (from < chunk.length) this.add(from === 0 ? chunk : chunk.slice(from))
    return { lines, garbage: !opening.startsWith(this.begun) }
  }

  /** Whether a frame has begun that has not ended. */
  get halfway(): boolean {
    return this.pieces.length > 0
  }

  private add(piece: string): void {
    this.pieces.push(piece)
    if (this.begun.length < opening.length) this.begun += piece.slice(0, opening.length - this.begun.length)
  }

  private whole(last: string): string {
    if (this.pieces.length === 0) return last
    const line = this.pieces.join("") + last
    this.pieces = []
    this.begun = ""
    return line
  }
}
