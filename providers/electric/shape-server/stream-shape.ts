import type { ServerResponse } from "node:http"
import { caching, liveCursor } from "./http-headers.ts"
import { formatOffset, type Offset } from "./offset.ts"
import { type Server, upToDate } from "./server.ts"
import type { Shape } from "./shape.ts"
import type { ShapeRequest } from "./shape-request.ts"

/**
 * Answers with a stream of events: every row behind the place, then each new one as it comes. It ends after its time,
 * and without a word when the shape goes.
 */
export const streamShape = (
  server: Server,
  shape: Shape,
  asked: ShapeRequest,
  from: Offset,
  response: ServerResponse,
): void => {
  const { limits } = server
  const end = formatOffset(shape.end)
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": caching.events,
    connection: "keep-alive",
    "electric-cursor": liveCursor(asked.cursor, limits.longPollMs),
    etag: `"${shape.handle}:${asked.offsetText}:${end}"`,
    "electric-handle": shape.handle,
    "electric-up-to-date": "",
    "electric-has-data": "true",
    "electric-offset": end,
  })
  response.flushHeaders()

  let at = from
  let takeBack = (): unknown => undefined
  let keepAlive: NodeJS.Timeout | undefined
  const stillHere = (): void => {
    response.write(": keep-alive\n\n")
    keepAlive = setTimeout(stillHere, limits.keepAliveMs)
  }
  const send = (): void => {
    if (shape.isGone) return void response.end()
    takeBack = shape.onNews(send)
    let text = ""
    for (let chunk = shape.logAfter(at); chunk.entries.length > 0; chunk = shape.logAfter(at)) {
      for (const { json } of chunk.entries) text += `data: ${json}\n\n`
      if (chunk.isLast) text += `data: ${upToDate(server)}\n\n`
      at = chunk.end
    }
    if (text === "" && keepAlive !== undefined) return
    clearTimeout(keepAlive)
    keepAlive = setTimeout(stillHere, limits.keepAliveMs)
    if (text !== "") response.write(text)
  }
  const over = setTimeout(() => response.end(), limits.streamMs)
  response.once("close", () => {
    clearTimeout(over)
    clearTimeout(keepAlive)
    takeBack()
  })
  send()
}
