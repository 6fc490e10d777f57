import { decodeBackendFrames, type BackendMessage, type Framed } from "./wire.ts"

/*
 * The protocol of `wire.ts` over HTTP/1.1: POST requests to `/sync/<hash of the store's name>`.
 *
 * A request's body is the client's `hello`, and behind it the frame of one request: none (to connect), a `push` (the
 * whole batch in one part, however large), a `pull` or a `check`. The hello says who asks, so that the backend keeps
 * nothing between two requests. Each line of a frame is ended by a line feed; a body without its last one is not whole.
 *
 *   {"t":"hello",…}⏎
 *   {"t":"push","id":7,…,"rows":[[…],[…]]}⏎
 *   args of the first event⏎
 *   args of the second⏎
 *
 * The answer is 200 with a `content-length` and a body written the same way: the answer's frame (`welcome`, `pushed`,
 * `page`, `checked`, or `refused` with the request's id), and behind it, or alone, where the backend would have closed a
 * WebSocket, a `refused` without an id, which ends the connection.
 *
 * Live: a POST to `/sync/<hash>/held`, whose frame is a `watch` with `live` 1, is answered by 200 with
 * `content-type: text/event-stream` and `transfer-encoding: chunked`, and held. Each frame comes as one event of one
 * line, `data: <frame>⏎⏎`. The first is a `welcome` with the head, read once the backend has subscribed the client, so
 * that no commit falls between; then a `poke` for each commit, and a `pong` with the head each `beatMs`; a `refused`
 * ends it. The client ends it by resetting the connection that it is on.
 *
 * Everything else is none of this protocol, whatever its status: error pages, empty bodies, half a body, other frames.
 * A request that its client gives up is given up by resetting its connection. Nothing is ever sent twice by itself.
 */

/** Content type of requests and of answers that are not held. */
export const bodyType = "text/plain; charset=utf-8"

/** Content type of a held answer: one that proxies pass on unbuffered. */
export const heldType = "text/event-stream"

/** What follows the path of other requests in that of a held one. */
export const heldPath = "/held"

/** Largest body of a request, in bytes: a batch of the largest events, with room. */
export const requestBytes = 32_000_000

/** Writes a body. */
export const encodeBody = (frames: ReadonlyArray<string>): string => frames.map((frame) => `${frame}\n`).join("")

/** The hello of a request's body and the frame behind it, unread; undefined when the body is not whole. */
export const splitRequest = (
  body: string,
): { readonly hello: string; readonly frame: string | undefined } | undefined => {
  if (!body.endsWith("\n")) return undefined
  const end = body.indexOf("\n")
  return { hello: body.slice(0, end), frame: end + 1 === body.length ? undefined : body.slice(end + 1, -1) }
}

/** Reads the frames of an answer's body; undefined when it is none of this protocol, or not whole. */
export const decodeAnswer = (body: string): ReadonlyArray<Framed<BackendMessage>> | undefined =>
  body.endsWith("\n") ? decodeBackendFrames(body.slice(0, -1)) : undefined

/** One frame of a held answer. */
export const encodeHeldFrame = (frame: string): string => `data: ${frame}\n\n`

const heldPrefix = "data: "
const heldEnd = "\n\n"
/** More text than this without an end is no frame of a held answer. */
const heldChars = 65_536

/** Takes the frames out of a held answer as its text arrives; undefined stands for what is none. */
export const heldFrames = (): ((text: string) => ReadonlyArray<string | undefined>) => {
  let rest = ""
  return (text) => {
    const blocks = (rest + text).split(heldEnd)
    rest = blocks.pop() ?? ""
    const frames = blocks.map((block) => (block.startsWith(heldPrefix) ? block.slice(heldPrefix.length) : undefined))
    return rest.length > heldChars ? [...frames, undefined] : frames
  }
}
