import type { IncomingMessage } from "node:http"
import { giveUpRequest, keptConnections } from "../../kept-connections.ts"
import { bodyType } from "../http-wire.ts"

const connectionsAtMost = 16

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
  const connections = keptConnections(base, connectionsAtMost)
  return {
    post: (url, body, events, trace) => {
      let over = false
      const finish = (tell: () => void): void => {
        if (over) return
        over = true
        tell()
      }
      const fail = (why: Unanswered): void =>
        finish(() => {
          giveUpRequest(request)
          events.onFailed(why)
        })
      const request = connections.request(url, {
        method: "POST",
        headers: {
          "content-type": bodyType,
          "content-length": Buffer.byteLength(body),
          ...(trace === undefined ? {} : { traceparent: trace }),
        },
      })
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
      return () => finish(() => giveUpRequest(request))
    },
    close: connections.close,
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
