import type { LinkCounters, LinkFault } from "../../../contract/fault.ts"
import type { PageInfo } from "../../../contract/event.ts"

/*
 * What goes over the control socket between the harness's process and a client object: the harness asks, and the
 * object's own client does it. One socket for each opened client. A message is JSON text; one that is too long for
 * a socket's message comes in pieces, each but the last marked.
 */

/** A cursor: the last event, with the provider's metadata where there is any. */
export interface CursorText {
  readonly seqNum: number
  readonly metadata?: unknown
}

/** What is done to the link of this client. */
export type LinkCommand =
  | { readonly c: "fault"; readonly n: number; readonly fault: LinkFault }
  | { readonly c: "heal" | "release"; readonly n: number }
  | { readonly c: "cut" }

/** The first message. */
export interface OpenCommand {
  readonly c: "open"
  readonly storeId: string
  readonly storeKey: string
  readonly clientId: string
  /** Absent when no payload is handed over. */
  readonly payload?: unknown
  readonly memory: ReadonlyArray<readonly [string, string]>
  /** Present when a link stands in between. */
  readonly link?: { readonly seed: number }
}

/** What the client is asked to do; `op` names it in what comes back. */
export type OperationCommand = (
  | { readonly c: "connect" | "ping"; readonly op: number }
  | { readonly c: "push"; readonly op: number; readonly batch: ReadonlyArray<unknown> }
  | { readonly c: "pull"; readonly op: number; readonly live: boolean; readonly cursor: CursorText | null }
  /** The consumer wants the next item of a pull. */
  | { readonly c: "next"; readonly op: number }
  | { readonly c: "interrupt"; readonly op: number }
) & {
  /** The `traceparent` of the span that it was asked in, where there is one. */
  readonly trace?: string
}

export type ControlCommand =
  | OpenCommand
  | OperationCommand
  | LinkCommand
  /** Answered once everything before it has taken hold. */
  | { readonly c: "sync"; readonly n: number }
  | { readonly c: "close" }

/** One item of a pull. */
export interface ItemText {
  readonly events: ReadonlyArray<{ readonly event: unknown; readonly metadata?: unknown }>
  readonly pageInfo: PageInfo
}

/** What the link has seen. `bites` by the number of the fault. */
export interface LinkReport {
  readonly c: "link"
  readonly counters: LinkCounters
  readonly bites: ReadonlyArray<readonly [number, number]>
  readonly lastFrames: ReadonlyArray<string>
}

export type ControlEvent =
  | { readonly c: "ok"; readonly op: number }
  /** `error` is a `SyncError` as its schema encodes it; absent for a defect, which `defect` describes. */
  | { readonly c: "failed"; readonly op: number; readonly error?: unknown; readonly defect?: string }
  | { readonly c: "item"; readonly op: number; readonly item: ItemText }
  | { readonly c: "connected"; readonly connected: boolean }
  | { readonly c: "memory"; readonly key: string; readonly value: string | null }
  | LinkReport
  | { readonly c: "synced"; readonly n: number }
  | { readonly c: "closed" }

/** Longest piece of a message, in characters: the platform takes 1 MiB. */
const pieceChars = 250_000
const marks = { more: "+", last: "." } as const

/** A message in pieces that are sent one after the other. */
export const toPieces = (message: object): ReadonlyArray<string> => {
  const text = JSON.stringify(message)
  const pieces: Array<string> = []
  let from = 0
  while (text.length - from > pieceChars) {
    // Half of a pair of surrogates would not survive the way.
    const to = isHighSurrogate(text.charCodeAt(from + pieceChars - 1)) ? from + pieceChars - 1 : from + pieceChars
    pieces.push(marks.more + text.slice(from, to))
    from = to
  }
  pieces.push(marks.last + text.slice(from))
  return pieces
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** Puts messages together from their pieces. */
export const pieceReader = <Message>(): ((piece: string) => Message | undefined) => {
  let parts = ""
  return (piece) => {
    parts += piece.slice(1)
    if (piece.startsWith(marks.more)) return undefined
    const text = parts
    parts = ""
    return JSON.parse(text) as Message
  }
}
