import { createServer as createHttpServer } from "node:http"
import { createServer, type AddressInfo, type Server } from "node:net"
import { parentPort, workerData } from "node:worker_threads"
import { WebSocketServer } from "ws"

/*
 * The backend that `bench/link.ts` measures against, in a thread of its own: a WebSocket that answers every message
 * by itself, an HTTP server that answers every request by its body, or on `/sink` by nothing, and a sink that says one
 * byte each time that it has taken as many as were agreed on.
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

const http = createHttpServer((request, response) => {
  if (request.url !== "/sink") return void request.pipe(response)
  request.resume()
  request.on("end", () => response.end())
})

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

echo.once("listening", () =>
  sink.listen(0, "127.0.0.1", () =>
    http.listen(0, "127.0.0.1", () =>
      parentPort?.postMessage({ echo: portOf(echo), sink: portOf(sink), http: portOf(http) }),
    ),
  ),
)
