import { makeBodyReader, type BodyReader } from "./http-body.ts"
import { makeHeadReader } from "./http-head.ts"
import { framingOf, mayBeHead, readHttpHead, type Framing, type HttpHead } from "./http-message.ts"

/** A part of a message, as it arrived. `last`: the message ends with it. */
export type HttpPiece =
  | { readonly kind: "head"; readonly head: HttpHead; readonly framing: Framing; readonly last: boolean }
  | {
      readonly kind: "body"
      /** The bytes as they came, and the body in them. */
      readonly raw: Buffer
      readonly data: ReadonlyArray<Buffer>
      readonly last: boolean
      /** With the last piece of a chunked body: what ended it. */
      readonly terminator: string
    }
  /** No HTTP: from here on nothing can be read. */
  | { readonly kind: "unreadable"; readonly raw: Buffer; readonly why: string }

/**
 * Reads the messages of one direction out of bytes that are cut anywhere, and holds back nothing but heads that are
 * not whole. `method` is that of the request which an answer answers, asked at its head.
 */
export const makeHttpParser = (of: "request" | "answer", method: () => string = () => "") => {
  const heads = makeHeadReader()
  let body: BodyReader | undefined
  let untilClose = false

  const unreadable = (raw: Buffer, why: string, emit: (piece: HttpPiece) => void): Buffer => {
    emit({ kind: "unreadable", raw, why })
    return Buffer.alloc(0)
  }

  const feedHead = (chunk: Buffer, emit: (piece: HttpPiece) => void): Buffer => {
    const read = heads.feed(chunk)
    if (read === undefined) {
      const bytes = heads.rest()
      if (!mayBeHead(bytes, of)) return unreadable(bytes, `no head of an HTTP ${of}`, emit)
      heads.feed(bytes)
      return Buffer.alloc(0)
    }
    const all = heads.rest()
    if (read === "too-long") return unreadable(all, "a head without an end", emit)
    const head = readHttpHead(read.head, of)
    if (head === undefined) return unreadable(all, `a malformed head of an HTTP ${of}`, emit)
    const framing = framingOf(head, of === "request" ? head.method : method())
    if (framing === undefined) return unreadable(all, "a body of which nobody can tell the end", emit)
    const last = framing.kind === "none"
    body = last ? undefined : makeBodyReader(framing)
    untilClose = framing.kind === "until-close"
    emit({ kind: "head", head, framing, last })
    return last || read.rest.length === 0 ? read.rest : feedBody(read.rest, emit)
  }

  const feedBody = (chunk: Buffer, emit: (piece: HttpPiece) => void): Buffer => {
    const reader = body as BodyReader
    const part = reader.feed(chunk)
    if (part === "malformed") return unreadable(chunk, "a malformed chunk of a body", emit)
    const { usedBytes, data, last } = part
    if (last) body = undefined
    const raw = usedBytes === chunk.length ? chunk : chunk.subarray(0, usedBytes)
    emit({ kind: "body", raw, data, last, terminator: last ? reader.terminator() : "" })
    return chunk.subarray(usedBytes)
  }

  return {
    /** Reads on, to the end of one message at most; gives back what is behind it. */
    feed: (chunk: Buffer, emit: (piece: HttpPiece) => void): Buffer =>
      body === undefined ? feedHead(chunk, emit) : feedBody(chunk, emit),
    /** A message is under way that only the end of the connection ends. */
    endsWithConnection: (): boolean => body !== undefined && untilClose,
    /** What is there of a head that is not whole; it is taken out. */
    rest: (): Buffer => heads.rest(),
  }
}
