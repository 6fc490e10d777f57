import { Effect } from "effect"
import type { KeptLink, LinkArgs, LinkEnd } from "../../cloudflare/client/link.ts"
import type { SyncError } from "../../../contract/errors.ts"
import { patientTimer } from "../../cloudflare/client/patient-timer.ts"
import { retryAfterMs } from "../../cloudflare/client/retry-after.ts"
import { credentialsHeader, type HeadAnswer, type Route } from "../wire.ts"
import { readHead, readRefusal } from "./answers.ts"
import { openHttp, type HttpEvents, type HttpHead, type Sent } from "./http.ts"

const goodbyeMs = 500
/** Signs of life that may stay unanswered. */
const beatsAtMost = 2
/** A larger answer is none of the push API's. */
const answerBytes = 1_000_000

/** How a request ended: with the head, a refusal, or with the connection. */
export type Answered =
  | { readonly _tag: "Head"; readonly head: HeadAnswer }
  | { readonly _tag: "Refused"; readonly error: SyncError }
  | LinkEnd

/** A time of being connected to the push API. What goes wrong with any request ends it. */
export interface ElectricLink extends KeptLink {
  /** What stands before the path in the URL of everything that is asked over it. */
  readonly url: string
  /** Sends one request, once. Calls back once; the result gives it up. */
  readonly ask: (route: Route, body: unknown, settle: (answer: Answered) => void) => () => void
  /** Asks for a part of the shape. Gets everything but a failed connection, which ends the link. */
  readonly shape: (path: string, headers: Readonly<Record<string, string>>, events: HttpEvents) => Sent
  /** What was answered is no answer: the link ends, and is not worth coming back to at once. */
  readonly garbage: (message: string, retryAfter?: string) => void
  /** The application refuses the payload from now on. */
  readonly rejected: (error: Extract<SyncError, { readonly _tag: "PayloadRejected" }>) => void
  readonly isOver: () => boolean
  /** Something of the log arrived. */
  readonly prove: () => void
}

/** Dials the push API: one request finds out whether it is there and admits the client. */
export const dialElectric = (args: LinkArgs<ElectricLink>): { readonly drop: (message: string) => void } => {
  const { options } = args
  const { clock } = options
  const http = openHttp(args.url)
  const credentials = { [credentialsHeader]: Buffer.from(args.hello).toString("base64url") }
  const underWay = new Map<object, { readonly giveUp: () => void; readonly lost: (end: LinkEnd) => void }>()
  let ended: LinkEnd | undefined
  let proven = false
  let worthless = false
  let stopBeats = (): void => undefined

  const end = (reason: LinkEnd): void => {
    if (ended !== undefined) return
    ended = reason
    forgetConnecting()
    stopBeats()
    args.onEnd(reason)
    for (const { giveUp, lost } of underWay.values()) {
      giveUp()
      lost(reason)
    }
    underWay.clear()
    void http.close()
  }
  const drop = (message: string): void => end({ _tag: "Lost", message })
  const garbage = (message: string, retryAfter?: string): void => {
    worthless = true
    const pauseMs = retryAfterMs(retryAfter, clock.wallMs())
    end({ _tag: "Lost", message, ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }) })
  }

  /** Reads what came for a request that is answered with JSON. */
  const judge = ({ status, headers }: HttpHead, text: string): Answered | undefined => {
    const head = status === 200 ? readHead(text) : undefined
    if (head !== undefined) return { _tag: "Head", head }
    const error = status === 200 ? undefined : readRefusal(text)
    if (error === undefined || error._tag === "IsOffline") {
      garbage(error?.message ?? `HTTP ${status} is no answer of the push API`, headers["retry-after"])
      return error === undefined ? undefined : { _tag: "Refused", error }
    }
    return { _tag: "Refused", error }
  }

  const ask: ElectricLink["ask"] = (route, body, settle) => {
    if (ended !== undefined) {
      settle(ended)
      return () => undefined
    }
    const key = {}
    let head: HttpHead = { status: 0, headers: {} }
    let bytes = 0
    const chunks: Array<Buffer> = []
    const sent = http.send(
      {
        method: "POST",
        path: `/${route}`,
        headers: { "content-type": "application/json", ...credentials },
        body: JSON.stringify(body),
      },
      {
        onHead: (read) => void (head = read),
        onData: (chunk) => {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > answerBytes) garbage("the answer is too large")
        },
        onEnd: () => {
          const known = underWay.get(key)
          underWay.delete(key)
          const answer = judge(head, Buffer.concat(chunks).toString("utf8"))
          if (known === undefined) return
          settle(answer ?? ended ?? { _tag: "Lost", message: "no answer" })
          if (answer?._tag === "Refused" && answer.error._tag === "PayloadRejected") {
            end({ _tag: "Rejected", error: answer.error })
          }
        },
        onFailed: drop,
      },
    )
    underWay.set(key, { giveUp: sent.giveUp, lost: settle })
    return () => {
      if (underWay.delete(key)) sent.giveUp()
    }
  }

  /** A sign of life each `heartbeatMs`, with the head that Postgres has. */
  const beat = (): (() => void) => {
    let unanswered = 0
    let headBefore: HeadAnswer | undefined
    let nextAtMs = clock.nowMs() + options.heartbeatMs
    let stop = (): void => undefined
    const tick = (): void => {
      // A timer that comes late means that this process stood still: answers may lie unread in the socket.
      const late = clock.nowMs() - nextAtMs > options.heartbeatMs / 2
      nextAtMs = clock.nowMs() + options.heartbeatMs
      if (unanswered >= beatsAtMost && !late) return drop("the backend fell silent")
      stop = clock.after(options.heartbeatMs, tick)
      unanswered += 1
      if (unanswered > 1) return
      ask("check", {}, (answer) => {
        unanswered = 0
        if (answer._tag !== "Head") return
        const { head } = answer
        const wentBack = headBefore?.backendId === head.backendId && headBefore.head > head.head
        headBefore = head
        // A log that went back was restored: whoever reads it has to begin again.
        if (wentBack) drop("the log went back")
        else args.onHint(head)
      })
    }
    stop = clock.after(options.heartbeatMs, tick)
    return () => stop()
  }

  let watching = false
  const link: ElectricLink = {
    url: args.url,
    ask: (route, body, settle) =>
      ask(route, body, (answer) => {
        if (answer._tag === "Head" || answer._tag === "Refused") proven ||= !worthless
        settle(answer)
      }),
    shape: (path, headers, events) => {
      const key = {}
      const sent = http.send(
        { method: "GET", path, headers: { ...headers, ...credentials } },
        {
          ...events,
          onEnd: () => {
            underWay.delete(key)
            events.onEnd()
          },
          onFailed: (message) => {
            underWay.delete(key)
            events.onFailed(message)
            drop(message)
          },
        },
      )
      const lost = (reason: LinkEnd) => events.onFailed("message" in reason ? reason.message : "the payload is refused")
      underWay.set(key, { giveUp: sent.giveUp, lost })
      return {
        ...sent,
        giveUp: () => {
          underWay.delete(key)
          sent.giveUp()
        },
      }
    },
    garbage,
    rejected: (error) => end({ _tag: "Rejected", error }),
    isOver: () => ended !== undefined,
    prove: () => void (proven = true),
    watch: (live) => {
      if (ended !== undefined || live > 0 === watching) return
      watching = live > 0
      stopBeats()
      stopBeats = watching ? beat() : () => undefined
    },
    drop,
    close: Effect.callback<void>((resume) => {
      const forget = clock.after(goodbyeMs, () => resume(Effect.void))
      drop("closed")
      void (async () => {
        await http.close()
        forget()
        resume(Effect.void)
      })()
    }),
    proven: () => proven && !worthless,
  }

  const forgetConnecting = patientTimer(clock, options.connectTimeoutMs, () => drop("the backend did not answer"))
  ask("connect", {}, (answer) => {
    if (answer._tag === "Refused" && answer.error._tag !== "PayloadRejected") return garbage(answer.error._tag)
    if (answer._tag !== "Head") return
    forgetConnecting()
    args.onWelcome(link, answer.head)
  })
  return { drop }
}
