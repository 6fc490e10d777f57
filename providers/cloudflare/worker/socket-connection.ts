import type { ConnectionState } from "../core/connection-state.ts"
import type { Connection } from "../core/connection.ts"
import type { Meter } from "./meter.ts"
import { socketOpen, type HibernatableSocket, type ObjectContext } from "./platform.ts"

/** Connections over an object's hibernatable sockets. Their state lies in the socket's attachment. */
export interface SocketConnections {
  readonly of: (socket: HibernatableSocket) => Connection
  /** Those that are open, also the ones from before the object slept. */
  readonly open: () => ReadonlyArray<Connection>
  /** Notes that the client just said something. */
  readonly heard: (socket: HibernatableSocket) => void
}

export const socketConnections = (ctx: ObjectContext, meter: Meter): SocketConnections => {
  const known = new WeakMap<HibernatableSocket, Connection>()
  const heardAt = new WeakMap<HibernatableSocket, number>()

  const of = (socket: HibernatableSocket): Connection => {
    const existing = known.get(socket)
    if (existing !== undefined) return existing
    let state = socket.deserializeAttachment() as ConnectionState
    const connection: Connection = {
      state: () => state,
      keep: (next) => {
        if (next === state) return
        state = next
        socket.serializeAttachment(next)
      },
      send: (frame) => {
        meter.message()
        quietly(() => socket.send(frame))
      },
      close: (code, reason) => quietly(() => socket.close(code, reason)),
      // The runtime notes when it answered a heartbeat, also while the object sleeps.
      heardAtMs: () =>
        Math.max(
          state.seenAtMs,
          heardAt.get(socket) ?? 0,
          ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
        ),
    }
    known.set(socket, connection)
    return connection
  }

  return {
    of,
    open: () =>
      ctx
        .getWebSockets()
        .filter((socket) => socket.readyState === socketOpen)
        .map(of),
    heard: (socket) => {
      meter.message()
      heardAt.set(socket, Date.now())
    },
  }
}

/** A socket that is gone must not disturb whoever speaks to it. */
const quietly = (body: () => void): void => {
  try {
    body()
  } catch {
    // Its end is reported by an event of its own.
  }
}
