import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { decodeAnswer, encodeBody, heldFrames, heldPath } from "../http-wire.ts"
import { traceOf } from "../tracing.ts"
import { decodeBackendFrame, encodeFrame, type BackendMessage, type Framed } from "../wire.ts"
import { nameLink } from "./hello.ts"
import { openHttpConnections, type OpenHttpConnections, type PostEvents, type Unanswered } from "./http-connections.ts"
import type { Answer, Dial, Link, LinkEnd } from "./link.ts"
import { patientTimer } from "./patient-timer.ts"
import { retryAfterMs } from "./retry-after.ts"
import { heartbeatsAtMost, refusedConnection } from "./socket-link.ts"

const goodbyeMs = 500
/** A larger answer is none of this protocol. */
const answerChars = 8_000_000
const notOurs = "the backend answered with something that is none of this protocol"

/** A request whose answer is owed. */
interface Owed {
  readonly settle: (answer: Answer | LinkEnd) => void
  readonly giveUp: () => void
}

/**
 * Dials by requests: connecting is one, and each thing asked is one. While there is a live pull one more is held open,
 * over which the backend tells of commits. What goes wrong with any of them ends the connection, as it does with a
 * WebSocket: whoever asks again finds out first whether the backend is there.
 */
export const dialHttpOver =
  (open: OpenHttpConnections): Dial =>
  (args) => {
    const { options } = args
    const { clock } = options
    const hello = nameLink(args.hello, randomUUID())
    const connections = open(args.url)
    const owed = new Map<number, Owed>()
    let lastId = 0
    let ended: LinkEnd | undefined
    let answered = false
    /** Ended by an answer that was none: a connection is worth nothing where those come. */
    let worthless = false
    let release = (): void => undefined

    const end = (reason: LinkEnd): void => {
      if (ended !== undefined) return
      ended = reason
      forgetConnecting()
      giveUpConnecting()
      release()
      args.onEnd(reason)
      for (const { settle, giveUp } of owed.values()) {
        giveUp()
        settle(reason)
      }
      owed.clear()
      void connections.close()
    }
    const drop = (message: string): void => end({ _tag: "Lost", message })
    const failed = ({ message, status, retryAfter }: Unanswered): void => {
      worthless ||= status !== undefined
      const pauseMs = retryAfterMs(retryAfter, clock.wallMs())
      end({ _tag: "Lost", message, ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }) })
    }
    const garbage = (): void => failed({ message: notOurs, status: 200 })

    /** Sends one request; `onFrame` gets each frame of its answer and says whether it is one. */
    const post = (frames: ReadonlyArray<string>, onFrame: (frame: Framed<BackendMessage>) => boolean): (() => void) => {
      let text = ""
      const events: PostEvents = {
        onText: (piece) => {
          text += piece
          if (text.length > answerChars) garbage()
        },
        onEnd: () => {
          const answer = decodeAnswer(text) ?? []
          let ours = answer.length > 0
          for (const frame of answer) {
            const { message } = frame
            if (message.t === "refused" && message.id === undefined) return end(refusedConnection(message.error))
            ours &&= onFrame(frame)
          }
          if (!ours) garbage()
        },
        onFailed: failed,
      }
      return connections.post(args.url, encodeBody([hello, ...frames]), events, traceOf(frames.at(-1) ?? args.hello))
    }

    const hold = (): (() => void) => {
      const read = heldFrames()
      let unheard = 0
      let welcomed = false
      let beaten = false
      let nextTickAtMs = clock.nowMs() + options.heartbeatMs
      let stopTicks = (): void => undefined

      const onFrame = (text: string | undefined): void => {
        const message = text === undefined ? undefined : decodeBackendFrame(text)?.message
        unheard = 0
        switch (message?.t) {
          case "welcome":
            forgetOpening()
            welcomed = true
            return args.onHint(message)
          case "poke":
          case "pong":
            if (!welcomed) return garbage()
            beaten = true
            return args.onHint(message)
          case "refused":
            return message.id === undefined ? end(refusedConnection(message.error)) : garbage()
          default:
            return garbage()
        }
      }
      const tick = (): void => {
        // A timer that comes late means that this process stood still: frames may lie unread in the socket.
        const late = clock.nowMs() - nextTickAtMs > options.heartbeatMs / 2
        nextTickAtMs = clock.nowMs() + options.heartbeatMs
        if (unheard >= heartbeatsAtMost && !late) return drop("the backend fell silent")
        unheard += 1
        stopTicks = clock.after(options.heartbeatMs, tick)
      }
      const forgetOpening = patientTimer(clock, options.connectTimeoutMs, () => drop("the backend holds no request"))
      stopTicks = clock.after(options.heartbeatMs, tick)
      const watch = encodeFrame({ t: "watch", id: ++lastId, live: 1, beatMs: options.heartbeatMs })
      const giveUp = connections.post(args.url + heldPath, encodeBody([hello, watch]), {
        onText: (text) => {
          for (const frame of read(text)) if (ended === undefined) onFrame(frame)
        },
        onEnd: () => {
          // Something that lets no answer last is not worth coming back to at once.
          worthless ||= !beaten
          drop("the backend ended the held request")
        },
        onFailed: failed,
      })
      return () => {
        release = () => undefined
        forgetOpening()
        stopTicks()
        giveUp()
      }
    }

    let watching = false
    const link: Link = {
      ask: (frames, settle) => {
        const id = ++lastId
        if (ended !== undefined) {
          settle(ended)
          return { cancel: () => undefined }
        }
        const giveUp = post(frames(id), ({ message, args: lines }) => {
          if (!("id" in message) || message.id !== id) return false
          answered = true
          owed.delete(id)
          settle({ message, args: lines })
          return true
        })
        owed.set(id, { settle, giveUp })
        return {
          cancel: () => {
            if (owed.delete(id)) giveUp()
          },
        }
      },
      watch: (live) => {
        if (ended !== undefined || live > 0 === watching) return
        watching = live > 0
        if (watching) release = hold()
        else release()
      },
      drop,
      close: Effect.callback<void>((resume) => {
        const forget = clock.after(goodbyeMs, () => resume(Effect.void))
        drop("closed")
        void (async () => {
          await connections.close()
          forget()
          resume(Effect.void)
        })()
      }),
      proven: () => answered && !worthless,
    }

    const forgetConnecting = patientTimer(clock, options.connectTimeoutMs, () => drop("the backend did not answer"))
    const giveUpConnecting = post([], ({ message }) => {
      if (message.t !== "welcome") return false
      forgetConnecting()
      args.onWelcome(link, message)
      return true
    })
    return { drop }
  }

/** Dials by requests of Node's. */
export const dialHttp = dialHttpOver(openHttpConnections)
