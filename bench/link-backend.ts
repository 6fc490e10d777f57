import { createServer, type AddressInfo, type Server } from "node:net"
import { parentPort, workerData } from "node:worker_threads"
import { WebSocketServer } from "ws"

/*
 * The backend that `bench/link.ts` measures against, in a thread of its own: a WebSocket that answers every message
 * by itself, and a sink that says one byte each time that it has taken as many as were agreed on.
 */

const { transferBytes } = workerData as { readonly transferBytes: number }

const echo = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false })
echo.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })))

const sink: Server = createServer({ noDelay: true }, (socket) => {
  let taken = 0
  socket.on("error", () => {})
  socket.on("data", (chunk) => {
    taken += chunk.length
    if (taken < transferBytes) return
    taken -= transferBytes
    socket.write(".")
  })
})

echo.once("listening", () =>
  sink.listen(0, "127.0.0.1", () =>
    parentPort?.postMessage({ echo: (echo.address() as AddressInfo).port, sink: (sink.address() as AddressInfo).port }),
  ),
)
