import { once } from "node:events"
import { Agent, createServer, request, type IncomingMessage, type RequestOptions, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { Frame, FrameClassifier, FrameOperation } from "../../contract/frame.ts"
import { withLink, type Backend, type LinkUnderTest } from "./tcp-fixture.ts"
import type { TcpLinkOptions } from "./tcp-link.ts"

/* What tests of HTTP exchanges on a TCP link stand on: a server and a client of node:http. */

/** A request as the backend took it. */
export interface TakenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
  /** Which connection it came on, from 1. */
  readonly connection: number
}

/** An answer as the client took it; `error` where there was none, or not all of one. */
export interface TakenAnswer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly body: string
  readonly error?: string
}

export interface HttpBackend extends Backend {
  readonly taken: ReadonlyArray<TakenRequest>
  /** Connections that are open. */
  readonly open: () => number
}

/** A backend that writes down every request once it is whole, and answers it as `answer` does. */
export const httpBackend = async (
  answer: (request: TakenRequest, response: ServerResponse) => void,
): Promise<HttpBackend> => {
  const taken: Array<TakenRequest> = []
  const sockets = new Map<Socket, number>()
  let connections = 0
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    void readAll(incoming).then((body) => {
      const { method = "", url: path = "", headers, socket } = incoming
      const one = { method, path, headers, body, connection: sockets.get(socket) ?? 0 }
      taken.push(one)
      return answer(one, response)
    }, ignore)
  })
  server.on("connection", (socket) => {
    sockets.set(socket, ++connections)
    socket.once("close", () => sockets.delete(socket))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, "close")
  }
  return { port: (server.address() as AddressInfo).port, taken, open: () => sockets.size, close }
}

const ignore = (): void => {}

const readAll = async (message: IncomingMessage): Promise<string> => {
  const parts: Array<Buffer> = []
  for await (const part of message) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

/** One request on its way. */
export interface Asking {
  readonly answer: Promise<TakenAnswer>
  /** What came of the answer's body so far. */
  readonly soFar: () => string
  readonly abort: () => void
}

export interface HttpUnderTest extends LinkUnderTest {
  /** Sends a request through the link, over the test's one kept connection unless options say otherwise. */
  readonly ask: (path: string, body?: string | Buffer, options?: RequestOptions) => Asking
}

/** What a path says: "/push" is a push. A record says itself what it is. */
export const classifyPath: FrameClassifier = ({ direction, data, http }: Frame) => {
  if (http?.part === "record") return JSON.parse(String(data))
  const operation = /^\/(connect|push|pull|live|ping)/.exec(http?.path ?? "")?.[1] as FrameOperation | undefined
  return { operation: operation ?? "other", role: direction === "up" ? "request" : "answer" }
}

/** Runs a test against a link that reads exchanges, in front of a port. */
export const withHttpLink = (
  options: Partial<TcpLinkOptions> & { readonly port: number },
  test: (under: HttpUnderTest) => Promise<void>,
): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return withLink({ protocol: "http", classify: () => classifyPath, ...options }, async (under) => {
    const ask = (path: string, body?: string | Buffer, more: RequestOptions = {}): Asking =>
      askOver(
        { host: "127.0.0.1", port: under.port, agent, path, method: body === undefined ? "GET" : "POST", ...more },
        body,
      )
    await test({ ...under, ask })
  }).finally(() => agent.destroy())
}

const askOver = (options: RequestOptions, body: string | Buffer | undefined): Asking => {
  let text = ""
  const outgoing = request(options)
  const answer = new Promise<TakenAnswer>((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, headers: {}, body: text, error: error.code ?? error.message })
    outgoing.on("error", failed)
    outgoing.on("response", (response) => {
      const { statusCode: status = 0, headers } = response
      response.on("data", (part: Buffer) => (text += part.toString()))
      response.on("end", () => resolve({ status, headers, body: text }))
      response.on("error", failed)
    })
  })
  outgoing.end(body)
  return { answer, soFar: () => text, abort: () => void outgoing.destroy() }
}
