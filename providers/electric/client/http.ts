import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from "node:http"
import { Agent as SecureAgent, request as secureRequest } from "node:https"
import type { Socket } from "node:net"

/**
 * A connection that nobody used for longer than this is not used again: the other side may be closing it, and what
 * became of a push that meets a close cannot be known.
 */
const idleMs = 3_000
const connectionsAtMost = 32
const idleAtMost = 4

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What is heard of a request: its head, pieces of its body, then one of the two ends. Nothing within the call that sends it. */
export interface HttpEvents {
  readonly onHead: (head: HttpHead) => void
  readonly onData: (chunk: Buffer) => void
  readonly onEnd: () => void
  readonly onFailed: (message: string) => void
}

export interface HttpHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** A request that is under way. */
export interface Sent {
  /** Gives it up, so that the other side hears of it. */
  readonly giveUp: () => void
  /** Stops and goes on reading its answer. */
  readonly pause: () => void
  readonly resume: () => void
}

/** Connections to one host, kept between requests. */
export interface HttpConnections {
  /** Sends a request, once, whatever becomes of it. */
  readonly send: (request: HttpRequest, events: HttpEvents) => Sent
  /** Ends every connection; resolves once they are closed. */
  readonly close: () => Promise<void>
}

export const openHttp = (base: string): HttpConnections => {
  const secure = base.startsWith("https:")
  const Agent = secure ? SecureAgent : PlainAgent
  const ask = secure ? secureRequest : plainRequest
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connectionsAtMost,
    maxFreeSockets: idleAtMost,
    scheduling: "lifo",
    timeout: idleMs,
  })
  const sockets = new Set<Socket>()
  const freedAtMs = new WeakMap<object, number>()
  agent.on("free", (socket: Socket) => void freedAtMs.set(socket, performance.now()))

  /** The agent closes idle connections by a timer, which comes late after this process stood still. */
  const closeIdle = (): void => {
    for (const idle of Object.values(agent.freeSockets)) {
      for (const socket of idle ?? []) {
        if (performance.now() - (freedAtMs.get(socket) ?? 0) > idleMs) socket.destroy()
      }
    }
  }
  const track = (socket: Socket): void => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
  }

  return {
    send: ({ method, path, headers, body }, events) => {
      closeIdle()
      let over = false
      let whole = false
      let answer: IncomingMessage | undefined
      const finish = (tell: () => void): void => {
        if (over) return
        over = true
        tell()
      }
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
      const request = ask(base + path, { agent, method, headers: { ...headers, ...length } })
      const fail = (message: string): void =>
        finish(() => {
          end(request)
          events.onFailed(message)
        })
      request.on("socket", track)
      request.on("error", (error) => fail(error.message))
      request.on("close", () => {
        // The agent has the connection back right behind this event: what is asked next finds it there.
        if (whole) queueMicrotask(() => finish(events.onEnd))
        else fail("the connection was closed without an answer")
      })
      request.on("response", (response) => {
        answer = response
        if (over) return
        events.onHead({ status: response.statusCode ?? 0, headers: headersOf(response) })
        response.on("data", (chunk: Buffer) => {
          if (!over) events.onData(chunk)
        })
        response.on("error", (error) => fail(error.message))
        response.on("end", () => {
          if (response.complete) whole = true
          else fail("the answer broke off")
        })
      })
      request.end(body)
      return {
        giveUp: () => finish(() => end(request)),
        pause: () => void answer?.pause(),
        resume: () => void answer?.resume(),
      }
    },
    close: async () => {
      agent.destroy()
      await Promise.all(
        [...sockets].map(
          (socket) =>
            new Promise<void>((resolve) => {
              socket.once("close", () => resolve())
              socket.destroy()
            }),
        ),
      )
    },
  }
}

const headersOf = (response: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  )

/** Ends a request that is under way by a reset: an orderly end is noticed late by a backend that is not reading. */
const end = (request: ClientRequest): void => {
  const { socket } = request
  if (socket !== null && !socket.connecting && !("encrypted" in socket)) socket.resetAndDestroy()
  request.destroy()
}
