import { WebSocket } from "ws"
import { dialOver, type OpenSocket } from "./socket-link.ts"

const largestFrameBytes = 8_000_000

const openWebSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: largestFrameBytes })
  socket.on("open", events.onOpen)
  socket.on("message", (data, isBinary) => events.onFrame(isBinary ? undefined : data.toString()))
  socket.on("unexpected-response", (_request, response) =>
    events.onRefused(response.statusCode ?? 0, response.headers["retry-after"]),
  )
  socket.on("error", (error) => events.onClosed(error.message))
  socket.on("close", (code, reason) => events.onClosed(`the connection was closed (${code} ${reason.toString()})`))
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  }
}

/** Dials over a WebSocket. */
export const dialWebSocket = dialOver(openWebSocket)
