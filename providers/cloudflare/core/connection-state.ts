import type { ClientMessage } from "../wire.ts"

/**
 * What is kept for one connection while its object may sleep: numbers only, so that its size is the same whatever
 * the client did. Who the client is, with its payload, lies in storage under `id`.
 */
export interface ConnectionState {
  readonly id: string
  /** Whether `hello` was accepted. */
  readonly greeted: boolean
  /** Live pulls that stand on this connection. */
  readonly live: number
  /** The last push and the last watch that arrived; earlier ids are frames that came twice or too late. */
  readonly lastPush: number
  readonly lastWatch: number
  /** Silence after which the client is taken for gone, and when it last said something, in milliseconds. */
  readonly silenceMs: number
  readonly seenAtMs: number
}

/** The state of a connection that has just been accepted. It has this long to say hello. */
export const newConnectionState = (id: string, nowMs: number): ConnectionState => ({
  id,
  greeted: false,
  live: 0,
  lastPush: 0,
  lastWatch: 0,
  silenceMs: 30_000,
  seenAtMs: nowMs,
})

/** The state once this message has arrived; the same object where nothing that is kept changes. */
export const nextState = (state: ConnectionState, message: ClientMessage): ConnectionState => {
  switch (message.t) {
    case "hello":
      return { ...state, greeted: true, silenceMs: Math.max(1_000, message.silenceMs) }
    case "push":
      return message.id > state.lastPush ? { ...state, lastPush: message.id } : state
    case "watch":
      return message.id > state.lastWatch ? { ...state, lastWatch: message.id } : state
    default:
      return state
  }
}
