import type { SyncError } from "../../../contract/errors.ts"
import { readRefusal } from "./answers.ts"
import type { HttpHead, Sent } from "./http.ts"
import type { ElectricLink } from "./link.ts"

/** Why a reader of the shape can read no further. */
export type ReadFailure =
  /** The place it stood at is of no use any more, or what came does not follow: read again from elsewhere. */
  | { readonly _tag: "Stale"; readonly message: string }
  | { readonly _tag: "Refused"; readonly error: SyncError }
  /** The link ended. */
  | { readonly _tag: "Lost"; readonly message: string }

/** Answers in a row that bring nothing on, after which the backend is taken for broken. */
const conflictsAtMost = 2
const emptyAnswersAtMost = 5
const quickEndsAtMost = 2
/** A held request that ends sooner than this brought nothing. */
const quickMs = 1_000

const brokenOff = (message: string): TypeError => new TypeError(message)

/**
 * A `fetch` for the official client over one link. It proves of each answer that it is one of Electric's before the
 * client sees it, bounds how often it may ask without getting anything, and stops reading while there is no room.
 */
export const shapeFetch = (parts: {
  readonly link: ElectricLink
  readonly nowMs: () => number
  /** Resolves once what was read has been taken. */
  readonly room: () => Promise<void>
  readonly fail: (failure: ReadFailure) => void
  /** Whether what is asked and not held may come to its end unread, so that its connection can be used again. */
  readonly isDone: () => boolean
}): { readonly fetch: typeof fetch; readonly progressed: () => void } => {
  const { link, nowMs, fail } = parts
  let conflicts = 0
  let emptyAnswers = 0
  let quickEnds = 0

  const failed = (failure: ReadFailure): TypeError => {
    fail(failure)
    return brokenOff(failure._tag)
  }
  const garbage = (message: string, retryAfter?: string): TypeError => {
    link.garbage(message, retryAfter)
    return failed({ _tag: "Lost", message })
  }

  /** An answer that came whole, or what is thrown for it. */
  const judge = (
    { status, headers }: HttpHead,
    text: string,
    isLive: boolean,
    tookMs: number,
  ): Response | TypeError => {
    if (status === 200) {
      const messages = readMessages(text)
      if (messages === undefined) return garbage("the answer is none of Electric's")
      emptyAnswers = isLive && messages.empty && tookMs < quickMs ? emptyAnswers + 1 : 0
      if (emptyAnswers > emptyAnswersAtMost) return garbage("Electric answers without end and says nothing")
      link.prove()
      return new Response(text, { status, headers })
    }
    if (status === 409) {
      conflicts += 1
      if (readMessages(text) === undefined || conflicts > conflictsAtMost) return garbage("HTTP 409 again and again")
      return new Response(text, { status, headers })
    }
    const error = readRefusal(text)
    if (error !== undefined && error._tag !== "IsOffline") {
      if (error._tag === "PayloadRejected") link.rejected(error)
      return failed({ _tag: "Refused", error })
    }
    // Electric's own 400: a place behind the end of the shape, or a table that it does not have.
    if (status === 400) return failed({ _tag: "Stale", message: text.slice(0, 200) })
    return garbage(`Electric's answer is HTTP ${status}`, headers["retry-after"])
  }

  const whole = (
    head: HttpHead,
    isLive: boolean,
    startedAtMs: number,
    settle: (response: Response | TypeError) => void,
  ) => {
    const chunks: Array<Buffer> = []
    return {
      onData: (chunk: Buffer) => void chunks.push(chunk),
      onEnd: () => settle(judge(head, Buffer.concat(chunks).toString("utf8"), isLive, nowMs() - startedAtMs)),
    }
  }

  /** Server-sent events: each is looked at before it is passed on. */
  const streamed = (head: HttpHead, sent: () => Sent, settle: (response: Response) => void) => {
    const startedAtMs = nowMs()
    let rest = ""
    let heard = false
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const decoder = new TextDecoder()
    const body = new ReadableStream<Uint8Array>(
      {
        start: (made) => void (controller = made),
        pull: async () => {
          await parts.room()
          sent().resume()
        },
        cancel: () => sent().giveUp(),
      },
      { highWaterMark: 0 },
    )
    settle(new Response(body, { status: 200, headers: head.headers }))
    return {
      onData: (chunk: Buffer) => {
        rest += decoder.decode(chunk, { stream: true })
        const events = rest.split("\n\n")
        rest = events.pop() ?? ""
        if (events.length === 0) return
        if (!events.every(isEvent)) return void controller?.error(garbage("the event is none of Electric's"))
        heard = true
        link.prove()
        controller?.enqueue(Buffer.from(`${events.join("\n\n")}\n\n`))
        sent().pause()
      },
      onEnd: () => {
        quickEnds = !heard && nowMs() - startedAtMs < quickMs ? quickEnds + 1 : 0
        if (quickEnds >= quickEndsAtMost) return void controller?.error(garbage("Electric ends its events at once"))
        controller?.close()
      },
      onFailed: (message: string) => controller?.error(failed({ _tag: "Lost", message })),
    }
  }

  const ask = (url: URL, init: RequestInit | undefined): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { signal } = init ?? {}
      const isLive = url.searchParams.get("live") === "true"
      const startedAtMs = nowMs()
      let unread = false
      if (link.isOver()) return reject(failed({ _tag: "Lost", message: "the connection was lost" }))
      if (signal?.aborted === true) return reject(aborted())
      let reading:
        | { onData: (chunk: Buffer) => void; onEnd: () => void; onFailed?: (message: string) => void }
        | undefined
      const settle = (response: Response | TypeError): void =>
        response instanceof Response ? resolve(response) : reject(response)
      const sent = link.shape(url.toString().slice(link.url.length), headersOf(init?.headers), {
        onHead: (head) => {
          const isEvents = head.status === 200 && head.headers["content-type"]?.startsWith("text/event-stream")
          reading = isEvents === true ? streamed(head, () => sent, settle) : whole(head, isLive, startedAtMs, settle)
        },
        onData: (chunk) => {
          if (!unread) reading?.onData(chunk)
        },
        onEnd: () => {
          if (!unread) reading?.onEnd()
        },
        onFailed: (message) => {
          if (unread) return
          if (reading?.onFailed !== undefined) reading.onFailed(message)
          else reject(failed({ _tag: "Lost", message }))
        },
      })
      signal?.addEventListener(
        "abort",
        () => {
          unread = parts.isDone() && !isLive
          if (!unread) sent.giveUp()
          reject(aborted())
          if (reading?.onFailed !== undefined) reading.onFailed("given up")
        },
        { once: true },
      )
    })

  return {
    fetch: (input, init) => ask(new URL(String(input)), init),
    progressed: () => {
      conflicts = 0
      emptyAnswers = 0
      quickEnds = 0
    },
  }
}

const aborted = (): DOMException => new DOMException("given up", "AbortError")

const headersOf = (headers: RequestInit["headers"]): Record<string, string> =>
  headers === undefined ? {} : Object.fromEntries(new Headers(headers).entries())

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

/** A message of Electric's: its headers, and the row or what it controls. */
const isMessage = (value: unknown): boolean =>
  isObject(value) &&
  isObject(value["headers"]) &&
  (typeof value["headers"]["control"] === "string" || (typeof value["key"] === "string" && isObject(value["value"])))

/** Whether a body holds messages of Electric's, and if so whether none is of a row; undefined where it holds others. */
const readMessages = (text: string): { readonly empty: boolean } | undefined => {
  try {
    const messages: unknown = JSON.parse(text)
    if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isMessage)) return undefined
    return { empty: messages.every((message: Record<string, unknown>) => !("key" in message)) }
  } catch {
    return undefined
  }
}

/** A comment, or an event with one message. */
const isEvent = (text: string): boolean => {
  const data: Array<string> = []
  for (const line of text.split("\n")) {
    if (line.startsWith("data:")) data.push(line.slice(5))
    else if (!line.startsWith(":") && line.trim() !== "") return false
  }
  if (data.length === 0) return true
  try {
    return isMessage(JSON.parse(data.join("\n")))
  } catch {
    return false
  }
}
