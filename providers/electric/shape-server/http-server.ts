import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { answerShape } from "./answer-shape.ts"
import type { Configuration } from "./configuration.ts"
import { parseDefinition } from "./definition.ts"
import { basicHeaders, caching, crossOriginHeaders, jsonType, otherMethods, shapeMethods } from "./http-headers.ts"
import { Refusal, unavailable } from "./refusal.ts"
import type { Server } from "./server.ts"
import { parseShapeRequest } from "./shape-request.ts"
import type { Upstream } from "./upstream.ts"

/** The server's HTTP side. */
export const makeHttpServer = (
  configuration: Configuration,
  server: Server,
  upstream: Upstream,
  log: (line: string) => void,
): HttpServer => {
  const { limits } = configuration
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://localhost")
    const path = url.pathname.replace(/(.)\/$/, "$1")
    setHeaders(response, basicHeaders())
    const isShape = path === "/v1/shape" && ["GET", "HEAD", "POST", "DELETE", "OPTIONS"].includes(request.method ?? "")
    const crossOrigin = crossOriginHeaders(request, isShape ? shapeMethods : otherMethods)
    if (request.method === "OPTIONS" && isShape) {
      setHeaders(response, { ...crossOrigin, "access-control-max-age": "86400", connection: "keep-alive" })
      return void response.writeHead(204).end()
    }
    response.setHeader("vary", "accept-encoding")
    if (isShape && !isAdmitted(configuration.secret, url.searchParams)) {
      response.setHeader("cache-control", caching.private)
      return sendWhole(response, 401, JSON.stringify({ message: "Unauthorized - Invalid API secret" }))
    }
    setHeaders(response, crossOrigin)
    if (isShape) return await answerForShape(request, response, url.searchParams)
    const isRead = request.method === "GET" || request.method === "HEAD"
    if (path === "/v1/health" && isRead) {
      setHeaders(response, { "cache-control": caching.health, "content-type": jsonType })
      const status = upstream.status()
      return sendWhole(response, status === "active" ? 200 : 202, JSON.stringify({ status }))
    }
    response.setHeader("cache-control", caching.private)
    const isRoot = path === "/" && isRead
    sendWhole(response, isRoot ? 200 : 404, isRoot ? "" : "Not found")
  }

  const answerForShape = async (
    request: IncomingMessage,
    response: ServerResponse,
    parameters: URLSearchParams,
  ): Promise<void> => {
    if (request.method === "DELETE") {
      setHeaders(response, { "content-type": jsonType, "cache-control": caching.none })
      return await deleteShape(parameters, response)
    }
    const asked = parseShapeRequest(parameters)
    if (!(await upstream.ready(limits.databaseWaitMs))) {
      throw unavailable("Timeout waiting for Postgres lock acquisition", 5)
    }
    await answerShape(server, asked, response, request.method !== "POST")
  }

  const deleteShape = async (parameters: URLSearchParams, response: ServerResponse): Promise<void> => {
    if (!configuration.allowsDeletion)
      return sendWhole(response, 405, JSON.stringify({ message: "DELETE not allowed" }))
    const handle = parameters.get("handle")
    const shape = handle === null ? await definedShape(parameters) : server.shapes.byHandle(handle)
    if (shape === undefined) return sendWhole(response, 404, JSON.stringify({ message: "No existing shape found" }))
    server.shapes.drop(shape)
    response.setHeader("electric-has-data", "true")
    sendWhole(response, 202, "")
  }

  const definedShape = async (parameters: URLSearchParams) => {
    if (!parameters.has("table")) {
      const errors = { handle: ["can't be blank when shape definition is missing"] }
      throw new Refusal(400, { message: "Invalid request", errors }, { "cache-control": caching.none })
    }
    const definition = parseDefinition(parameters)
    const found = server.shapes.find(definition)
    if (found !== undefined) return found
    await server.shapes.checkTable(definition).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
      throw new Refusal(error.status, error.body, { "cache-control": caching.none })
    })
    return undefined
  }

  const refuse = (response: ServerResponse, error: unknown): void => {
    if (response.headersSent || response.destroyed) return void response.destroy()
    if (!(error instanceof Refusal)) log(`a request failed: ${error instanceof Error ? error.stack : String(error)}`)
    const refusal =
      error instanceof Refusal
        ? error
        : unavailable("Cannot connect to the database to verify the shape. Please try again later.", 1)
    setHeaders(response, { "content-type": jsonType, ...refusal.headers })
    sendWhole(response, refusal.status, JSON.stringify(refusal.body))
  }

  const http = createServer((request, response) => {
    // Connections are kept as HTTP/1.1 has it, and nothing is said of it.
    response.removeHeader("connection")
    countRequest(response, limits.requestsPerConnection)
    request.resume()
    answer(request, response).catch((error: unknown) => refuse(response, error))
  })
  http.keepAliveTimeout = 60_000
  return http
}

const isAdmitted = (secret: string | undefined, parameters: URLSearchParams): boolean =>
  secret === undefined || (parameters.get("secret") ?? parameters.get("api_secret")) === secret

const setHeaders = (response: ServerResponse, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

const sendWhole = (response: ServerResponse, status: number, body: string): void => {
  response.statusCode = status
  response.setHeader("content-length", Buffer.byteLength(body))
  response.end(body)
}

const requestsOf = new WeakMap<Socket, number>()

/** Drops a connection after so many requests, without having said so. */
const countRequest = (response: ServerResponse, limit: number): void => {
  const { socket } = response
  if (socket === null) return
  const count = (requestsOf.get(socket) ?? 0) + 1
  requestsOf.set(socket, count)
  if (count >= limit) response.once("finish", () => socket.destroySoon())
}
