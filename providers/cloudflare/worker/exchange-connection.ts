import { newConnectionState, type ConnectionState } from "../core/connection-state.ts"
import type { Connection } from "../core/connection.ts"
import { bodyType, encodeBody } from "../http-wire.ts"
import { closeCodes, encodeFrame, unavailable } from "../wire.ts"

/** A connection that lasts for one request. */
export interface ExchangeConnection extends Connection {
  readonly isOpen: () => boolean
  /** What was said on it, as the answer to the request. */
  readonly response: () => Response
}

/** The status that says what a close code of a breach does; undefined for another code. */
export const statusOfBreach = (code: number): 400 | 413 | undefined => {
  if (code === closeCodes.tooLarge) return 413
  return code === closeCodes.protocol ? 400 : undefined
}

/** Names them: unlike those of sockets they need to be told apart within one object's life alone. */
let exchanges = 0

/** `repeats` tells whether a push came before. */
export const exchangeConnection = (repeats: (push: number) => boolean): ExchangeConnection => {
  const frames: Array<string> = []
  let state: ConnectionState = newConnectionState(`exchange ${++exchanges}`, Date.now())
  let closed: { readonly code: number; readonly reason: string } | undefined
  return {
    state: () => state,
    keep: (next) => void (state = next),
    send: (frame) => void frames.push(frame),
    close: (code, reason) => {
      closed ??= { code, reason }
      // What a close code says without a word has to be said here.
      if (code === closeCodes.restarting) frames.push(encodeFrame({ t: "refused", error: unavailable(reason) }))
    },
    heardAtMs: () => Date.now(),
    repeats,
    isOpen: () => closed === undefined,
    response: () => {
      if (frames.length > 0) return new Response(encodeBody(frames), { headers: { "content-type": bodyType } })
      if (closed !== undefined) {
        return new Response(closed.reason, { status: statusOfBreach(closed.code) ?? 400 })
      }
      // What has no answer was answered when it came first.
      return new Response("this request came before", { status: 409 })
    },
  }
}
