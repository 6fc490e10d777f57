import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import { Effect } from "effect"
import { vi } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import type { FrameClassifier, FrameOperation, FrameRole } from "../../contract/frame.ts"
import { draw } from "../draw.ts"
import type { Link, LinkEvent } from "./link.ts"
import { openTcpLink, type TcpLinkOptions } from "./tcp-link.ts"

/*
 * What tests of the TCP link stand on: raw and WebSocket ends that write down what reached them, behind a link
 * that ends with the test.
 */

/** Waits until the assertion holds; its own error when it never does. */
export const until = <A>(assertion: () => A): Promise<A> => vi.waitFor(assertion, { timeout: 5_000, interval: 2 })

/** One end of a raw connection, with what reached it. */
export interface RawEnd {
  readonly socket: Socket
  readonly chunks: Array<Buffer>
  readonly text: () => string
  /** Milliseconds of arrival of each chunk, since the process began. */
  readonly atMs: Array<number>
  /** `open`, `ended` (orderly), or the code of the error. */
  readonly state: () => string
}

export const watchRaw = (socket: Socket): RawEnd => {
  const chunks: Array<Buffer> = []
  const atMs: Array<number> = []
  let state = "open"
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    atMs.push(performance.now())
  })
  socket.on("end", () => (state = "ended"))
  socket.on("error", (error: NodeJS.ErrnoException) => (state = error.code ?? "error"))
  return { socket, chunks, atMs, text: () => Buffer.concat(chunks).toString(), state: () => state }
}

/** What stands behind the link and must end with the test. */
export interface Backend {
  readonly port: number
  readonly close: () => Promise<void>
}

/** A backend that takes raw connections and says nothing by itself. */
export const rawBackend = async (): Promise<Backend & { readonly ends: ReadonlyArray<RawEnd> }> => {
  const ends: Array<RawEnd> = []
  const server = createServer({ noDelay: true }, (socket) => void ends.push(watchRaw(socket)))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const close = async () => {
    for (const end of ends) end.socket.destroy()
    server.close()
    await once(server, "close")
  }
  return { port: (server.address() as AddressInfo).port, ends, close }
}

/** One end of a WebSocket, with what reached it. */
export interface WebSocketEnd {
  readonly socket: WebSocket
  readonly messages: Array<string>
  /** Undefined while it is open. 1006 is an abrupt end. */
  readonly closeCode: () => number | undefined
  readonly errors: Array<string>
}

const watchWebSocket = (socket: WebSocket): WebSocketEnd => {
  const messages: Array<string> = []
  const errors: Array<string> = []
  let code: number | undefined
  socket.on("message", (data) => void messages.push(String(data)))
  socket.on("close", (closeCode) => void (code = closeCode))
  socket.on("error", (error) => void errors.push(error.message))
  return { socket, messages, closeCode: () => code, errors }
}

/** A WebSocket backend; with `echo` each message is answered by itself. */
export const webSocketBackend = async (
  echo: boolean,
): Promise<Backend & { readonly ends: ReadonlyArray<WebSocketEnd> }> => {
  const ends: Array<WebSocketEnd> = []
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true })
  server.on("connection", (socket) => {
    ends.push(watchWebSocket(socket))
    if (echo) socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  await once(server, "listening")
  const close = async () => {
    for (const end of ends) end.socket.terminate()
    server.close()
    await once(server, "close")
  }
  return { port: (server.address() as AddressInfo).port, ends, close }
}

/** A message of the tests' protocol: `{"operation":"push","role":"request","id":"1"}`. */
export const message = (operation: FrameOperation, role: FrameRole, id = "1"): string =>
  JSON.stringify({ operation, role, id })

export const classifyMessage: FrameClassifier = ({ data }) => JSON.parse(String(data))

export interface LinkUnderTest {
  readonly link: Link
  readonly port: number
  readonly events: ReadonlyArray<LinkEvent>
  /** Opens a raw connection to the link. */
  readonly dial: () => RawEnd
  /** Opens a WebSocket to the link; it may fail. */
  readonly dialWebSocket: () => WebSocketEnd
  /** Opens a WebSocket to the link and waits until it stands. */
  readonly openWebSocket: () => Promise<WebSocketEnd>
}

/** Runs a test against a link in front of a port; link and clients end with it. */
export const withLink = (
  options: Partial<TcpLinkOptions> & { readonly port: number },
  test: (under: LinkUnderTest) => Promise<void>,
): Promise<void> => {
  const events: Array<LinkEvent> = []
  const sockets: Array<Socket> = []
  const { port: targetPort, ...rest } = options
  const program = Effect.gen(function* () {
    const link = yield* openTcpLink({
      target: () => ({ host: "127.0.0.1", port: targetPort }),
      protocol: "websocket",
      draw: (key, below) => draw(1, key, below),
      onEvent: (event) => void events.push(event),
      ...rest,
    })
    const port = link.address.kind === "tcp" ? link.address.port : 0
    const dialWebSocket = () => watchWebSocket(new WebSocket(`ws://127.0.0.1:${port}/`))
    const under: LinkUnderTest = {
      link,
      port,
      events,
      dial: () => {
        const socket = connect({ port, host: "127.0.0.1", noDelay: true })
        sockets.push(socket)
        return watchRaw(socket)
      },
      dialWebSocket,
      openWebSocket: async () => {
        const end = dialWebSocket()
        await once(end.socket, "open")
        return end
      },
    }
    yield* Effect.promise(() => test(under))
  })
  return Effect.runPromise(Effect.scoped(program)).finally(() => sockets.forEach((socket) => socket.destroy()))
}
