import type { IncomingMessage } from "node:http"
import { giveUpRequest, keptConnections } from "../../kept-connections.ts"

const connectionsAtMost = 32

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
  const connections = keptConnections(base, connectionsAtMost)
  return {
    send: ({ method, path, headers, body }, events) => {
      let over = false
      let whole = false
      let answer: IncomingMessage | undefined
      const finish = (tell: () => void): void => {
        if (over) return
        over = true
        tell()
      }
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
      const request = connections.request(base + path, { method, headers: { ...headers, ...length } })
      const fail = (message: string): void =>
        finish(() => {
          giveUpRequest(request)
          events.onFailed(message)
        })
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
        giveUp: () => finish(() => giveUpRequest(request)),
        pause: () => void answer?.pause(),
        resume: () => void answer?.resume(),
      }
    },
    close: connections.close,
  }
}

const headersOf = (response: IncomingMessage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  )
