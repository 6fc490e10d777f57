import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import {
  credentialsHeader,
  statusOf,
  type Credentials,
  type HeadAnswer,
  type PullBody,
  type PushBody,
  type Route,
} from "../wire.ts"
import type { Application } from "./application.ts"
import { readBatch } from "./batch.ts"
import { livePulls } from "./live-pulls.ts"
import type { Log } from "./log.ts"
import { Refused, refusalOf } from "./refused.ts"
import type { PushSeams } from "./seams.ts"
import type { ShapeProxy } from "./shape-proxy.ts"

/** Longest that the database is waited for, in milliseconds. */
const databaseMs = 4_000
const bodyBytes = 64_000_000
const headerBytes = 32_768

/** A running push API. */
export interface PushApi {
  readonly server: Server
  /** Open connections whose last request was for this store, and its live pulls. */
  readonly gauges: (key: string) => { readonly sockets: number; readonly subscriptions: number }
  /** Ends every held request of payloads that are refused by now. */
  readonly endRevoked: () => void
  /** Ends every connection. */
  readonly endAll: () => void
}

/** Answers paths that are none of the push API's; false where it has no answer. */
export type OtherPaths = (path: string, request: IncomingMessage, response: ServerResponse) => boolean

export const makePushApi = (parts: {
  readonly log: Log
  readonly application: Application
  readonly shape: ShapeProxy
  readonly seams: PushSeams
  readonly others: OtherPaths
}): PushApi => {
  const { log, application, shape, seams } = parts
  const sockets = new Map<Socket, string>()
  const held = new Map<ServerResponse, Credentials>()
  const pulls = livePulls()
  const lastPushes = new WeakMap<Socket, Promise<unknown>>()
  /** Pushes that came over one connection are stored one after the other: a copy of one must not overtake it. */
  const inTurn = <A>(socket: Socket, push: () => Promise<A>): Promise<A> => {
    const told = (lastPushes.get(socket) ?? Promise.resolve()).then(push, push)
    lastPushes.set(socket, told)
    return told
  }

  const json = async (route: Route, key: string, credentials: Credentials, request: IncomingMessage) => {
    if (route === "check") {
      const isAccepted = !seams.watchesPayloads || application.stillAccepts(credentials)
      if (isAccepted) return log.head(key).then(withoutLog)
      throw new Refused({ _tag: "PayloadRejected", message: "the payload was revoked" })
    }
    application.authorise(route, key, credentials)
    if (route === "connect") return log.head(key).then(withoutLog)
    const body = await readBody(request)
    if (route !== "push") {
      const begun = await log.begin(key, body as PullBody)
      if (route === "live") pulls.began(String((body as PullBody).pull), key)
      return seams.begun(begun)
    }
    const push = body as PushBody
    const batch = readBatch(push.rows)
    if (typeof batch === "string") throw new Refused({ _tag: "InvalidPush", message: batch })
    return inTurn(request.socket, async () => {
      await application.judge(batch)
      return log.push(key, push, batch)
    })
  }

  const answerShape = async (key: string, url: URL, credentials: Credentials, response: ServerResponse) => {
    const pull = url.searchParams.get("pull")
    if (pull !== null && url.pathname.endsWith("/live/shape")) {
      const answered = pulls.asks(pull, key)
      response.once("close", () => {
        if (seams.letsGo || response.writableFinished) answered(response.writableFinished)
      })
    }
    const mayPass = () => !seams.watchesPayloads || application.stillAccepts(credentials)
    if (!mayPass()) throw new Refused({ _tag: "PayloadRejected", message: "the payload is refused" })
    const { backendId, log: table } = await within(databaseMs, log.head(key))
    const life = url.searchParams.get("life")
    if (life !== backendId && seams.tellsLives) {
      throw new Refused({ _tag: "BackendIdMismatch", expected: String(life), received: backendId })
    }
    held.set(response, credentials)
    response.once("close", () => held.delete(response))
    await shape({ table, parameters: url.searchParams, response, mayPass })
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://push.api")
    if (parts.others(url.pathname, request, response)) return
    const [, key = "", route = "", isShape] =
      /^\/v1\/stores\/([0-9a-f]{64})\/(connect|check|push|pull|live)(\/shape)?$/.exec(url.pathname) ?? []
    if (key === "") return answerJson(response, 404, { message: "no such path" })
    sockets.set(request.socket, key)
    try {
      const credentials = readCredentials(request)
      if (isShape !== undefined) return await answerShape(key, url, credentials, response)
      if (request.method !== "POST") return answerJson(response, 405, { message: "POST only" })
      const told = json(route as Route, key, credentials, request)
      // The application may take its time; storage may not.
      answerJson(response, 200, await (route === "push" ? told : within(databaseMs, told)))
    } catch (error) {
      const refusal = refusalOf(error)
      if (!response.headersSent) answerJson(response, statusOf[refusal._tag], { error: refusal })
    }
  }

  const server = createServer({ maxHeaderSize: headerBytes, keepAliveTimeout: 10_000 }, (request, response) => {
    response.on("error", () => undefined)
    void answer(request, response)
  })
  server.on("connection", (socket) => {
    sockets.set(socket, "")
    socket.once("close", () => sockets.delete(socket))
  })
  return {
    server,
    gauges: (key) => ({
      sockets: [...sockets.values()].filter((last) => last === key).length,
      subscriptions: pulls.count(key),
    }),
    endRevoked: () => {
      for (const [response, credentials] of held) {
        if (seams.watchesPayloads && !application.stillAccepts(credentials)) response.destroy()
      }
    },
    endAll: () => {
      server.closeAllConnections()
      pulls.forget()
    },
  }
}

const withoutLog = ({ backendId, head, digest }: HeadAnswer): HeadAnswer => ({ backendId, head, digest })

const answerJson = (response: ServerResponse, status: number, body: unknown): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  })
  response.end(text)
}

const readCredentials = (request: IncomingMessage): Credentials => {
  const header = request.headers[credentialsHeader]
  try {
    const read: unknown = JSON.parse(Buffer.from(String(header), "base64url").toString("utf8"))
    if (typeof read === "object" && read !== null) return read
  } catch {
    // Refused below.
  }
  throw new Refused({ _tag: "UnknownError", message: `the header ${credentialsHeader} cannot be read` })
}

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytes) throw new Refused({ _tag: "InvalidPush", message: "the request is too large" })
    chunks.push(chunk)
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"))
    if (typeof body === "object" && body !== null) return body
  } catch {
    // Refused below.
  }
  throw new Refused({ _tag: "UnknownError", message: "the request's body is no JSON" })
}

const within = <A>(ms: number, body: Promise<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    const late = () => reject(new Refused({ _tag: "Unavailable", message: `the database did not answer in ${ms} ms` }))
    const timer = setTimeout(late, ms)
    body.then(resolve, reject).finally(() => clearTimeout(timer))
  })
