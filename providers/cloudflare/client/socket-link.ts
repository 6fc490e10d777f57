import { Effect } from "effect"
import {
  decodeBackendFrame,
  encodeFrame,
  pingFrame,
  protocolVersion,
  type BackendMessage,
  type Framed,
} from "../wire.ts"
import type { Answer, Dial, Link, LinkEnd } from "./link.ts"
import { patientTimer } from "./patient-timer.ts"
import { retryAfterMs } from "./retry-after.ts"

const goodbyeMs = 500
/** Unanswered heartbeats after which a connection is dead. */
export const heartbeatsAtMost = 2

/** What carries frames both ways: a WebSocket, or what stands for one. */
export interface FrameSocket {
  /** Before the socket is open and after its end it does nothing. */
  readonly send: (frame: string) => void
  /** Ends it orderly; `onClosed` follows. */
  readonly close: () => void
  /** Ends it at once. */
  readonly terminate: () => void
}

/** What is heard of a socket. Nothing is said within the call that opens it. */
export interface SocketEvents {
  readonly onOpen: () => void
  /** Undefined for a frame that is no text. */
  readonly onFrame: (frame: string | undefined) => void
  /** The handshake was answered with an HTTP status instead; `retryAfter` is the header. */
  readonly onRefused: (status: number, retryAfter: string | undefined) => void
  /** It has ended, or never came to be. */
  readonly onClosed: (message: string) => void
}

export type OpenSocket = (url: string, events: SocketEvents) => FrameSocket

/** Dials over sockets of frames. */
export const dialOver =
  (openSocket: OpenSocket): Dial =>
  (args) => {
    const { options } = args
    const { clock } = options
    const asked = new Map<number, (answer: Answer | LinkEnd) => void>()
    let lastId = 0
    let welcomed = false
    let proven = false
    let ended: LinkEnd | undefined
    let unanswered = 0
    let nextBeatAtMs = 0
    let stopBeats = (): void => undefined
    let sayClosed = (): void => undefined

    const end = (reason: LinkEnd): void => {
      if (ended !== undefined) return
      ended = reason
      forgetConnecting()
      stopBeats()
      socket.terminate()
      args.onEnd(reason)
      for (const settle of asked.values()) settle(reason)
      asked.clear()
    }
    const drop = (message: string): void => end({ _tag: "Lost", message })
    const forgetConnecting = patientTimer(clock, options.connectTimeoutMs, () => drop("the backend did not answer"))

    const beatLater = (): void => {
      stopBeats = clock.after(options.heartbeatMs, () => {
        beatLater()
        heartbeat()
      })
    }
    const heartbeat = (): void => {
      // A timer that comes late means that this process stood still: answers may lie unread in the socket.
      const late = clock.nowMs() - nextBeatAtMs > options.heartbeatMs / 2
      nextBeatAtMs = clock.nowMs() + options.heartbeatMs
      if (unanswered >= heartbeatsAtMost && !late) return drop("the backend fell silent")
      unanswered += 1
      socket.send(pingFrame)
    }

    const link: Link = {
      ask: (frames, settle) => {
        const id = ++lastId
        if (ended !== undefined) {
          settle(ended)
          return { cancel: () => undefined }
        }
        asked.set(id, settle)
        for (const frame of frames(id)) socket.send(frame)
        return {
          cancel: (tell) => {
            if (asked.delete(id) && tell) socket.send(encodeFrame({ t: "cancel", id }))
          },
        }
      },
      watch: (live) => socket.send(encodeFrame({ t: "watch", id: ++lastId, live })),
      drop,
      close: Effect.callback<void>((resume) => {
        if (ended !== undefined) return resume(Effect.void)
        const forget = clock.after(goodbyeMs, () => drop("closed"))
        sayClosed = () => {
          forget()
          resume(Effect.void)
        }
        stopBeats()
        socket.close()
      }),
      proven: () => proven,
    }

    const onMessage = ({ message, args: lines }: Framed<BackendMessage>): void => {
      unanswered = 0
      switch (message.t) {
        case "welcome":
          if (welcomed) return
          welcomed = true
          forgetConnecting()
          nextBeatAtMs = clock.nowMs() + options.heartbeatMs
          beatLater()
          return args.onWelcome(link, message)
        case "poke":
          return args.onHint(message)
        case "pong":
          proven = true
          return args.onHint(message)
        case "refused":
          if (message.id === undefined) return end(refusedConnection(message.error))
          return settleAsked(message.id, { message, args: lines })
        default:
          return settleAsked(message.id, { message, args: lines })
      }
    }

    const settleAsked = (id: number, answer: Answer): void => {
      proven = true
      // An answer that nobody waits for belongs to a cancelled request, or came twice.
      const settle = asked.get(id)
      asked.delete(id)
      settle?.(answer)
    }

    const socket = openSocket(args.url, {
      onOpen: () => socket.send(args.hello),
      onFrame: (text) => {
        if (ended !== undefined) return
        const frame = text === undefined ? undefined : decodeBackendFrame(text)
        if (frame === undefined || (!welcomed && frame.message.t !== "welcome" && frame.message.t !== "refused")) {
          return drop("the backend sent something that is none of this protocol")
        }
        onMessage(frame)
      },
      onRefused: (status, retryAfter) => {
        const pauseMs = retryAfterMs(retryAfter, clock.wallMs())
        const message = `the connection was refused with HTTP ${status}`
        end({ _tag: "Lost", message, ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }) })
      },
      onClosed: (message) => {
        drop(message)
        sayClosed()
      },
    })
    return { drop }
  }

/** How a connection ends that the backend refused. */
export const refusedConnection = (error: Extract<BackendMessage, { t: "refused" }>["error"]): LinkEnd => {
  if (error._tag === "PayloadRejected") return { _tag: "Rejected", error }
  if (error._tag === "UnsupportedVersion") {
    const message = `the backend speaks version ${error.supported} of the protocol, this client ${protocolVersion}`
    return { _tag: "Unsupported", message }
  }
  return { _tag: "Lost", message: `${error._tag} ${error.message}` }
}
