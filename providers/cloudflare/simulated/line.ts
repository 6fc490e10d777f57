import type { FrameClassifier } from "../../../contract/frame.ts"
import { classifyFrames } from "../classify.ts"

/*
 * A virtual link carries lines; a frame of the wire holds line feeds. In a line the record separator stands for each:
 * JSON text never holds that character raw.
 */
const rowBreak = "\u001e"

/** A frame as a line, with its newline. */
export const toLine = (frame: string): string => `${frame.replaceAll("\n", rowBreak)}\n`

/** The frame in a line that has lost its newline. */
export const fromLine = (line: string): string => line.replaceAll(rowBreak, "\n")

/** Asks for a WebSocket to a store's object, as a line. */
export const upgradeLine = (storeId: string): string => `GET /sync/${JSON.stringify(storeId)}\n`

/** The store that an upgrade asks for; undefined where the line is none. */
export const upgradedStore = (line: string): string | undefined => {
  const [, text] = /^GET \/sync\/(".*")$/.exec(line) ?? []
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

/** What grants a WebSocket, as a line. */
export const upgradedLine = "HTTP/1.1 101 Switching Protocols\n"

/** Reads the lines of one connection: the handshake is nothing that the contract names, the rest are frames. */
export const classifyLines = (): FrameClassifier => {
  const classify = classifyFrames()
  return ({ direction, data }) => {
    const line = typeof data === "string" ? data : new TextDecoder().decode(data)
    if (!line.startsWith("{")) return { operation: "other", role: "other" }
    const end = line.indexOf(rowBreak)
    return classify({ direction, data: end < 0 ? line : line.slice(0, end) })
  }
}
