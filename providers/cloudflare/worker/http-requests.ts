import { Effect } from "effect"
import type { Connection, ConnectionServer } from "../core/connection.ts"
import { repeatedPushes } from "../core/repeated-pushes.ts"
import { heldPath, splitRequest } from "../http-wire.ts"
import { decodeClientFrame } from "../wire.ts"
import { exchangeConnection, statusOfBreach } from "./exchange-connection.ts"
import type { HeldConnections } from "./held-connections.ts"
import { readBody } from "./read-body.ts"

/** Serves the protocol over requests: each is a connection of its own that says hello first. */
export const httpRequests = (parts: {
  readonly server: ConnectionServer
  readonly held: HeldConnections
  /** Runs to the end; what the backend fails with by mistake rejects. */
  readonly run: <A>(effect: Effect.Effect<A>) => Promise<A>
  /** Told once of each request that is none of the protocol, where the server is not. */
  readonly note: (line: string) => void
}): ((request: Request) => Promise<Response>) => {
  const { server, run } = parts
  const repeated = repeatedPushes()

  /** The answer to what is none of this protocol. */
  const refused = (reason: string, status: 400 | 413 = 400): Response => {
    parts.note(`request refused: ${reason}`)
    return new Response(reason, { status })
  }

  const exchange = async (request: Request, hello: string, frame: string | undefined): Promise<Response> => {
    let link: string | undefined
    const connection = exchangeConnection((push) => link !== undefined && repeated(link, push))
    const abandon = (): void => server.abandon(connection)
    request.signal.addEventListener("abort", abandon)
    try {
      const asked =
        frame === undefined
          ? server.onFrame(connection, hello)
          : Effect.flatMap(server.resume(connection, hello), (greeting) => {
              link = greeting?.link
              return connection.isOpen() ? server.onFrame(connection, frame) : Effect.void
            })
      await run(asked)
      return connection.response()
    } finally {
      request.signal.removeEventListener("abort", abandon)
      server.onEnd(connection)
    }
  }

  const hold = async (request: Request, hello: string, frame: string): Promise<Response> => {
    const watch = decodeClientFrame(frame)?.message
    if (watch?.t !== "watch" || watch.live < 1) return refused("expected a watch with a live pull")
    const { connection, isOpen, beat, response } = parts.held.begin({ signal: request.signal, onEnd: server.onEnd })
    let breach: Response | undefined
    /** A breach is answered by a status: a held answer has no close code that could say it. */
    const opening: Connection = {
      ...connection,
      close: (code, reason) => {
        const status = statusOfBreach(code)
        if (status !== undefined) breach = new Response(reason, { status })
        connection.close(code, reason)
      },
    }
    const steps: ReadonlyArray<(of: Connection) => Effect.Effect<unknown>> = [
      (of) => server.resume(of, hello),
      // Subscribed first: what is committed from here on is either poked or in the head that the welcome names.
      (of) => server.onFrame(of, frame),
      server.welcome,
    ]
    try {
      for (const step of steps) if (isOpen()) await run(step(opening))
    } catch (error) {
      server.onEnd(connection)
      connection.close(1011, "the backend failed")
      throw error
    }
    if (breach !== undefined) return breach
    beat(watch.beatMs ?? connection.state().silenceMs)
    return response
  }

  return async (request) => {
    const body = await readBody(request)
    if (typeof body !== "string") {
      const { status, reason, gone = false } = body
      return gone ? new Response(reason, { status }) : refused(reason, status)
    }
    const split = splitRequest(body)
    if (split === undefined) return refused("the body is not whole")
    const { hello, frame } = split
    if (!new URL(request.url).pathname.endsWith(heldPath)) return exchange(request, hello, frame)
    return frame === undefined ? refused("expected a watch") : hold(request, hello, frame)
  }
}
