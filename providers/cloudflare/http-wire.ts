import { decodeClientFrame, type ClientMessage, type Framed } from "./wire.ts"

/*
 * The protocol of `wire.ts` over HTTP/1.1: POST requests to `/sync/<hash of the store's name>`.
 *
 * A request's body is the client's `hello` followed by the frames of one request: nothing (to connect), one `push`
 * in one or more parts, one `pull`, one `check`, or one `watch` with `live` above 0. The hello says who asks, so that
 * the backend keeps nothing between two requests. Frames stand one behind the other, each line of them ended by a
 * line feed; a frame says itself how many lines it has (its `rows`). A body that lacks its last line feed is not whole.
 *
 *   hello {"t":"hello",…}⏎ push {"t":"push",…,"rows":[[…],[…]]}⏎ args of the first event⏎ args of the second⏎
 *
 * The answer to each but `watch` is 200 with a `content-length` and a body of frames written the same way: the
 * answer (`welcome`, `pushed`, `page`, `checked`, `refused`), and behind it, where the backend would have closed a
 * WebSocket, a `refused` without an id, which ends the connection.
 *
 * The answer to `watch` is 200 with `content-type: text/event-stream` and `transfer-encoding: chunked`. It is held:
 * each frame comes as one event of one line, `data: <frame>⏎⏎`. The first is a `welcome` with the head, read once
 * the backend has subscribed the client, so that no commit falls between; then a `poke` for each commit and a `pong`
 * with the head each `beatMs`; a `refused` ends it. The client ends it by closing the request's connection.
 *
 * Everything else is none of this protocol, whatever its status: error pages, empty bodies, half a body, other types.
 * A request that its client gives up is given up by closing its connection. No request is ever sent twice by itself.
 */

/** Content type of requests and of answers that are not held. */
export const bodyType = "text/plain; charset=utf-8"

/** Content type of a held answer: the one that proxies pass on unbuffered. */
export const heldType = "text/event-stream"

/** Largest body of a request, in bytes: a batch of the largest events, with room. */
export const bodyBytes = 32_000_000

/** Writes frames into a body. */
export const encodeBody = (frames: ReadonlyArray<string>): string => frames.map((frame) => `${frame}\n`).join("")

/** The frames in a body, with what each was read as; undefined when the body is none of this protocol, or not whole. */
export const decodeBody = <Message>(
  body: string,
  decode: (frame: string) => Framed<Message> | undefined,
): ReadonlyArray<Framed<Message>> | undefined => {
  if (!body.endsWith("\n")) return undefined
  const lines = body.slice(0, -1).split("\n")
  const frames: Array<Framed<Message>> = []
  for (let at = 0; at < lines.length;) {
    const end = at + 1 + rowsOf(lines[at] as string)
    const frame = end > lines.length ? undefined : decode(lines.slice(at, end).join("\n"))
    if (frame === undefined) return undefined
    frames.push(frame)
    at = end
  }
  return frames
}

/** How many lines follow a frame's first one. */
const rowsOf = (line: string): number => {
  try {
    const { rows } = JSON.parse(line) as { readonly rows?: unknown }
    return Array.isArray(rows) ? rows.length : 0
  } catch {
    return 0
  }
}

/** Reads a request's body. */
export const decodeRequest = (body: string): ReadonlyArray<Framed<ClientMessage>> | undefined =>
  decodeBody(body, decodeClientFrame)

/** One frame of a held answer. */
export const encodeHeldFrame = (frame: string): string => `data: ${frame}\n\n`

const heldPrefix = "data: "
const heldEnd = "\n\n"
/** More text than this without an end is no frame of a held answer. */
const heldChars = 65_536

/** Takes the frames out of a held answer as its text arrives; `undefined` for what is none. */
export const heldFrames = (): ((text: string) => ReadonlyArray<string | undefined>) => {
  let rest = ""
  return (text) => {
    const blocks = (rest + text).split(heldEnd)
    rest = blocks.pop() as string
    const frames = blocks.map((block) => (block.startsWith(heldPrefix) ? block.slice(heldPrefix.length) : undefined))
    return rest.length > heldChars ? [...frames, undefined] : frames
  }
}
