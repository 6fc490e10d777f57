import { newConnectionState, type ConnectionState } from "../core/connection-state.ts"
import type { Connection } from "../core/connection.ts"
import type { LogHead } from "../core/log-store.ts"
import type { Seams } from "../core/seams.ts"
import { encodeHeldFrame, heldType } from "../http-wire.ts"
import { closeCodes, encodeFrame } from "../wire.ts"
import type { Meter } from "./meter.ts"

/** Heartbeats no closer than this, whatever a client asks for, in milliseconds. */
const shortestBeatMs = 500
/** Frames that may wait for a client that takes none, before it is taken for gone. */
const waitingFrames = 1_000

/** Connections that are held requests. Their state lies in memory and ends with the object, as they do. */
export interface HeldConnections {
  /** Begins one. It lasts until either side ends it; `onEnd` is called when the client did. */
  readonly begin: (request: { readonly signal: AbortSignal; readonly onEnd: (connection: Connection) => void }) => Held
  readonly open: () => ReadonlyArray<Connection>
  /** The head that heartbeats name from now on. */
  readonly announce: (head: LogHead) => void
}

export interface Held {
  readonly connection: Connection
  readonly isOpen: () => boolean
  /** Says where the log ends every `beatMs` from now on: so that both sides notice a link that fell silent. */
  readonly beat: (beatMs: number) => void
  readonly response: Response
}

export const heldConnections = (seams: Pick<Seams, "letGo">, meter: Pick<Meter, "message">): HeldConnections => {
  const open = new Set<Connection>()
  let pong: string | undefined

  const begin: HeldConnections["begin"] = ({ signal, onEnd }) => {
    const encoder = new TextEncoder()
    let state: ConnectionState = newConnectionState(crypto.randomUUID(), Date.now())
    let beats: ReturnType<typeof setInterval> | undefined
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (stream = controller),
      cancel: () => gone(),
    })

    const forget = (): void => {
      clearInterval(beats)
      open.delete(connection)
      signal.removeEventListener("abort", gone)
      stream = undefined
    }
    const gone = (): void => {
      if (stream === undefined) return
      seams.letGo(() => {
        forget()
        onEnd(connection)
      })
    }
    const send = (frame: string): void => {
      meter.message()
      try {
        stream?.enqueue(encoder.encode(encodeHeldFrame(frame)))
        if ((stream?.desiredSize ?? 0) >= -waitingFrames) return
        onEnd(connection)
        connection.close(closeCodes.stale, "nobody reads")
      } catch {
        // The platform took the stream away: a client that ends while its request is on the way is told of no other way.
        gone()
      }
    }
    const connection: Connection = {
      state: () => state,
      keep: (next) => void (state = next),
      send,
      close: () => {
        try {
          stream?.close()
        } catch {
          // It is gone already.
        }
        forget()
      },
      // Its end is told by the platform: a client that is there says nothing.
      heardAtMs: () => Date.now(),
    }
    open.add(connection)
    signal.addEventListener("abort", gone)
    if (signal.aborted) gone()
    return {
      connection,
      isOpen: () => stream !== undefined,
      beat: (beatMs) => {
        if (stream === undefined) return
        beats = setInterval(() => pong !== undefined && send(pong), Math.max(shortestBeatMs, beatMs))
      },
      // `no-transform`: a proxy that compressed it would hold frames back.
      response: new Response(body, {
        headers: { "content-type": heldType, "cache-control": "no-store, no-transform", "x-accel-buffering": "no" },
      }),
    }
  }

  return {
    begin,
    open: () => [...open],
    announce: ({ backendId, seqNum }) => void (pong = encodeFrame({ t: "pong", backendId, head: seqNum })),
  }
}
