import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type RequestOptions } from "node:http"
import { Agent as SecureAgent, request as secureRequest } from "node:https"
import type { Socket } from "node:net"

/**
 * A connection that nobody used for longer than this is not used again: the other side may be closing it, and what
 * became of a push that meets a close cannot be known. workerd closes after 5 s.
 */
const idleMs = 3_000
const idleAtMost = 4

/** Connections to one host, kept between requests. */
export interface KeptConnections {
  /** Begins a request on one of them; its body is still to come. */
  readonly request: (url: string, options: Omit<RequestOptions, "agent">) => ClientRequest
  /** Ends every connection; resolves once they are closed. */
  readonly close: () => Promise<void>
}

/** Connections to the host of `base`, so many at the same time. */
export const keptConnections = (base: string, connectionsAtMost: number): KeptConnections => {
  const secure = base.startsWith("https:")
  const Agent = secure ? SecureAgent : PlainAgent
  const begin = secure ? secureRequest : plainRequest
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
    request: (url, options) => {
      closeIdle()
      return begin(url, { ...options, agent }).on("socket", track)
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

/** Ends a request that is under way by a reset: an orderly end is noticed late by a backend that is not reading. */
export const giveUpRequest = (request: ClientRequest): void => {
  const { socket } = request
  if (socket !== null && !socket.connecting && !("encrypted" in socket)) socket.resetAndDestroy()
  request.destroy()
}
