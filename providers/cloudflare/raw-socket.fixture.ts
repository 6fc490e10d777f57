import { once } from "node:events"
import { WebSocket } from "ws"
import {
  decodeBackendFrame,
  encodeFrame,
  protocolVersion,
  storeKey,
  type BackendMessage,
  type ClientMessage,
} from "./wire.ts"

/** A client without manners, for tests of the Worker: it sends what it is told and keeps what it hears. */
export interface RawSocket {
  readonly send: (message: ClientMessage | string, args?: ReadonlyArray<string | undefined>) => void
  /** The next message that was not taken yet, within 5 s. */
  readonly next: () => Promise<BackendMessage>
  /** The close code, once there is one. */
  readonly closed: () => Promise<number>
  readonly close: () => void
  /** Ends without a goodbye. */
  readonly cut: () => void
}

export const rawSocket = async (
  target: { readonly host: string; readonly port: number },
  storeId: string,
): Promise<RawSocket> => {
  const socket = new WebSocket(`ws://${target.host}:${target.port}/sync/${await storeKey(storeId)}`)
  const heard: Array<BackendMessage> = []
  const closed = new Promise<number>((resolve) => socket.once("close", resolve))
  socket.on("message", (data: Buffer) => {
    const frame = decodeBackendFrame(data.toString())
    if (frame !== undefined) heard.push(frame.message)
    socket.emit("heard")
  })
  await once(socket, "open")
  return {
    send: (message, args) => socket.send(typeof message === "string" ? message : encodeFrame(message, args)),
    next: async () => {
      while (heard.length === 0) await once(socket, "heard", { signal: AbortSignal.timeout(5_000) })
      return heard.shift() as BackendMessage
    },
    closed: () => closed,
    close: () => socket.close(),
    cut: () => socket.terminate(),
  }
}

/** A greeting for `storeId`. */
export const hello = (storeId: string, over: Partial<Extract<ClientMessage, { t: "hello" }>> = {}): ClientMessage => ({
  t: "hello",
  version: protocolVersion,
  storeId,
  clientId: "raw",
  silenceMs: 60_000,
  ...over,
})

/** A push of one event. */
export const pushOne = (id: number, seqNum: number, over: Partial<Extract<ClientMessage, { t: "push" }>> = {}) =>
  ({
    t: "push",
    id,
    part: 0,
    parts: 1,
    events: 1,
    rows: [[seqNum, seqNum - 1, "happened", "raw", "s"]],
    ...over,
  }) as const
