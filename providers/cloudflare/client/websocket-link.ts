import { WebSocket } from "ws"
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
const largestFrameBytes = 8_000_000
/** Unanswered heartbeats after which a connection is dead. */
export const heartbeatsAtMost = 2

/** Dials over a WebSocket. */
export const dialWebSocket: Dial = (args) => {
  const { options } = args
  const socket = new WebSocket(args.url, { perMessageDeflate: false, maxPayload: largestFrameBytes })
  const asked = new Map<number, (answer: Answer | LinkEnd) => void>()
  let lastId = 0
  let welcomed = false
  let proven = false
  let ended: LinkEnd | undefined
  let unanswered = 0
  let nextBeatAtMs = 0
  let beat: NodeJS.Timeout | undefined

  const end = (reason: LinkEnd): void => {
    if (ended !== undefined) return
    ended = reason
    forgetConnecting()
    clearInterval(beat)
    socket.terminate()
    args.onEnd(reason)
    for (const settle of asked.values()) settle(reason)
    asked.clear()
  }
  const drop = (message: string): void => end({ _tag: "Lost", message })
  const forgetConnecting = patientTimer(options.connectTimeoutMs, () => drop("the backend did not answer"))
  const send = (frame: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame)
  }

  const heartbeat = (): void => {
    // A timer that comes late means that this process stood still: answers may lie unread in the socket.
    const late = performance.now() - nextBeatAtMs > options.heartbeatMs / 2
    nextBeatAtMs = performance.now() + options.heartbeatMs
    if (unanswered >= heartbeatsAtMost && !late) return drop("the backend fell silent")
    unanswered += 1
    send(pingFrame)
  }

  const link: Link = {
    ask: (frames, settle) => {
      const id = ++lastId
      if (ended !== undefined) {
        settle(ended)
        return { cancel: () => undefined }
      }
      asked.set(id, settle)
      for (const frame of frames(id)) send(frame)
      return {
        cancel: (tell) => {
          if (asked.delete(id) && tell) send(encodeFrame({ t: "cancel", id }))
        },
      }
    },
    watch: (live) => send(encodeFrame({ t: "watch", id: ++lastId, live })),
    drop,
    close: () =>
      new Promise((resolve) => {
        if (ended !== undefined) return resolve()
        const timer = setTimeout(() => drop("closed"), goodbyeMs)
        socket.once("close", () => {
          clearTimeout(timer)
          resolve()
        })
        clearInterval(beat)
        socket.close(1000)
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
        nextBeatAtMs = performance.now() + options.heartbeatMs
        beat = setInterval(heartbeat, options.heartbeatMs)
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

  socket.on("open", () => send(args.hello))
  socket.on("message", (data, isBinary) => {
    if (ended !== undefined) return
    const frame = isBinary ? undefined : decodeBackendFrame(data.toString())
    if (frame === undefined || (!welcomed && frame.message.t !== "welcome" && frame.message.t !== "refused")) {
      return drop("the backend sent something that is none of this protocol")
    }
    onMessage(frame)
  })
  socket.on("unexpected-response", (_request, response) => {
    const pauseMs = retryAfterMs(response.headers["retry-after"], Date.now())
    const message = `the connection was refused with HTTP ${response.statusCode}`
    end({ _tag: "Lost", message, ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }) })
  })
  socket.on("error", (error) => drop(error.message))
  socket.on("close", (code, reason) => drop(`the connection was closed (${code} ${reason.toString()})`))
  return { drop }
}

const refusedConnection = (error: Extract<BackendMessage, { t: "refused" }>["error"]): LinkEnd => {
  if (error._tag === "PayloadRejected") return { _tag: "Rejected", error }
  if (error._tag === "UnsupportedVersion") {
    const message = `the backend speaks version ${error.supported} of the protocol, this client ${protocolVersion}`
    return { _tag: "Unsupported", message }
  }
  return { _tag: "Lost", message: `${error._tag} ${error.message}` }
}
