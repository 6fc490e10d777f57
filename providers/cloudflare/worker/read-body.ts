import { requestBytes } from "../http-wire.ts"

/** Why a body was not read. */
export interface UnreadBody {
  readonly status: 400 | 413
  readonly reason: string
  /** The client went away in the middle: it does no wrong, and nobody hears the answer. */
  readonly gone?: boolean
}

/** The text of a request's body, or why there is none: one is too large or no text. */
export const readBody = async (request: Request): Promise<string | UnreadBody> => {
  const contentLength = request.headers.get("content-length")
  if (Number(contentLength) > requestBytes) return tooLarge
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const chunks = contentLength === null ? ((request.body ?? []) as AsyncIterable<Uint8Array>) : [request.arrayBuffer()]
  let text = ""
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      if (bytes > requestBytes) return tooLarge
      const piece = decoded(() => decoder.decode(chunk, { stream: true }))
      if (piece === undefined) return noText
      text += piece
    }
  } catch {
    return { status: 400, reason: "the body did not arrive", gone: true }
  }
  const rest = decoded(() => decoder.decode())
  return rest === undefined ? noText : text + rest
}

const decoded = (decode: () => string): string | undefined => {
  try {
    return decode()
  } catch {
    return undefined
  }
}

const noText: UnreadBody = { status: 400, reason: "the body is no text" }
const tooLarge: UnreadBody = { status: 413, reason: `a request has at most ${requestBytes} bytes` }
