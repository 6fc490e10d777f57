import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from "node:http"
import { Agent as SecureAgent, request as secureRequest } from "node:https"
import type { Socket } from "node:net"
import { bodyType } from "../http-wire.ts"

/**
 * A connection that nobody used for longer than this is not used again: the other side may be closing it, and what
 * became of a push that meets a close cannot be known. workerd closes after 5 s.
 */
const idleMs = 3_000
const connectionsAtMost = 16
const idleAtMost = 4

/** Why a request has no answer. */
export interface Unanswered {
  readonly message: string
  /** The status, where something answered with another one than 200; and its `retry-after`. */
  readonly status?: number
  readonly retryAfter?: string
}

/** What is heard of a request: pieces of text, then one of the two ends. Nothing is said within the call that sends it. */
export interface PostEvents {
  readonly onText: (text: string) => void
  readonly onEnd: () => void
  readonly onFailed: (why: Unanswered) => void
}

/** Connections to one host, kept between requests. */
export interface HttpConnections {
  /**
   * Sends a request, once, whatever becomes of it; with a `traceparent` where there is one. The result gives it up, so
   * that the other side hears of it.
   */
  readonly post: (url: string, body: string, events: PostEvents, trace?: string) => () => void
  /** Ends every connection; resolves once they are closed. */
  readonly close: () => Promise<void>
}

export type OpenHttpConnections = (url: string) => HttpConnections

export const openHttpConnections: OpenHttpConnections = (base) => {
  const secure = base.startsWith("https:")
  const Agent = secure ? SecureAgent : PlainAgent
  const send = secure ? secureRequest : plainRequest
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
    post: (url, body, events, trace) => {
      closeIdle()
      let over = false
      const finish = (tell: () => void): void => {
        if (over) return
        over = true
        tell()
      }
      const fail = (why: Unanswered): void =>
        finish(() => {
          giveUp(request)
          events.onFailed(why)
        })
      const request = send(url, {
        agent,
        method: "POST",
        headers: {
          "content-type": bodyType,
          "content-length": Buffer.byteLength(body),
          ...(trace === undefined ? {} : { traceparent: trace }),
        },
      })
      request.on("socket", track)
      request.on("error", (error) => fail({ message: error.message }))
      let whole = false
      request.on("close", () => {
        // The agent has the connection back right behind this event: what is asked next finds it there.
        if (whole) queueMicrotask(() => finish(events.onEnd))
        else fail({ message: "the connection was closed without an answer" })
      })
      request.on("response", (response) =>
        read(response, () => over, fail, { ...events, onEnd: () => void (whole = true) }),
      )
      request.end(body)
      return () => finish(() => giveUp(request))
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

/** Reads an answer as text. */
const read = (
  response: IncomingMessage,
  isOver: () => boolean,
  fail: (why: Unanswered) => void,
  events: PostEvents,
): void => {
  const { statusCode: status = 0, headers } = response
  const retryAfter = headers["retry-after"]
  if (status !== 200) {
    const message = `the backend answered with HTTP ${status}`
    return fail({ message, status, ...(retryAfter === undefined ? {} : { retryAfter }) })
  }
  const decoder = new TextDecoder("utf-8", { fatal: true })
  response.on("data", (chunk: Buffer) => {
    if (isOver()) return
    try {
      events.onText(decoder.decode(chunk, { stream: true }))
    } catch {
      fail({ message: "the answer is no text", status })
    }
  })
  response.on("error", (error) => fail({ message: error.message }))
  response.on("end", () => (response.complete ? events.onEnd() : fail({ message: "the answer broke off" })))
}

/** Ends a request that is under way by a reset: an orderly end is noticed late by a backend that is not reading. */
const giveUp = (request: ClientRequest): void => {
  const { socket } = request
  if (socket !== null && !socket.connecting && !("encrypted" in socket)) socket.resetAndDestroy()
  request.destroy()
}
