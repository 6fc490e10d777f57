import { connect, createServer, type Server, type Socket } from "node:net"
import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { FrameClassifier } from "../../contract/frame.ts"
import { Timers, type TimersShape } from "../timers.ts"
import { answerWithHttp } from "./http-answer.ts"
import { makeLinkCore } from "./link-core.ts"
import type { Link, LinkEvent } from "./link.ts"
import { relayTcpConnection } from "./tcp-connection.ts"

/*
 * A relay on a port of its own. With a classifier it reads what is spoken and passes it on in frames: the messages of
 * a WebSocket, or the exchanges of HTTP (`http-exchanges.ts`). Without one it passes bytes on unread, so that only
 * faults of bytes and of new connections bite.
 */

/** What a TCP link needs to know. */
export interface TcpLinkOptions {
  /** Where the backend listens; read at each new connection. */
  readonly target: () => { readonly host: string; readonly port: number }
  readonly protocol: "websocket" | "http"
  /** Makes the classifier of one connection. Without it no frame is read and frame faults never bite. */
  readonly classify?: () => FrameClassifier
  /** A whole number from 0 to `below` - 1, decided by the key; the caller's keys name the client. */
  readonly draw: (key: string, below: number) => number
  readonly onEvent?: (event: LinkEvent) => void
}

/** Opens a link on a port of its own. It ends with the scope, and every connection with it. */
export const openTcpLink = (options: TcpLinkOptions): Effect.Effect<Link, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const timers = yield* Timers
    const relay = makeRelay(options, timers)
    const port = yield* Effect.acquireRelease(listen(relay.server), () => relay.close)
    return {
      address: { kind: "tcp", host: "127.0.0.1", port },
      fault: relay.core.fault,
      heal: relay.core.heal,
      // The port stays taken and refuses: a client that dials on must not reach whoever gets the port next.
      cut: relay.core.cut,
      counters: relay.core.counters,
      lastFrames: relay.core.lastFrames,
    }
  })

const makeRelay = (options: TcpLinkOptions, timers: TimersShape) => {
  const core = makeLinkCore(options.draw, options.onEvent)
  const sockets = new Set<Socket>()
  let connections = 0
  /** Requests are judged one by one: their answers are none of the connection's business. */
  const exchanges = options.protocol === "http" && options.classify !== undefined

  const own = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    return socket
  }

  const dial = (): Socket | undefined => {
    try {
      return own(connect({ ...options.target(), noDelay: true, allowHalfOpen: true }))
    } catch {
      return undefined
    }
  }

  const refuse = (client: Socket): void => {
    client.on("error", () => {})
    client.resetAndDestroy()
    core.refused()
  }

  const relay = (client: Socket, nth: number, upstream: Socket | undefined): void => {
    const classify = options.classify?.()
    const reads = classify === undefined ? {} : { reads: { protocol: options.protocol, classify } }
    relayTcpConnection({ core, timers, nth, client, upstream, ...reads })
  }

  const accept = (client: Socket): void => {
    own(client)
    const nth = ++connections
    const verdict = core.policy.connection(nth, exchanges)
    if (verdict.kind === "refuse") return refuse(client)
    if (verdict.kind === "answer") return answerWithHttp(client, core, verdict.answer)
    if (verdict.kind === "silent") return relay(client, nth, undefined)
    const upstream = dial()
    return upstream === undefined ? refuse(client) : relay(client, nth, upstream)
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept)

  return {
    core,
    server,
    close: Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      for (const socket of sockets) socket.destroy()
    }),
  }
}

const listen = (server: Server): Effect.Effect<number, HostError> =>
  Effect.callback((resume) => {
    server.once("error", (error) =>
      resume(Effect.fail(new HostError({ message: `a link cannot listen: ${error.message}` }))),
    )
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
