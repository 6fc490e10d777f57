import type { Direction } from "../../contract/frame.ts"
import type { FrameReaderParts } from "./frame-reader.ts"
import { headOnWire, isEncoded, recordOnWire, type Asked, type HttpFrameOnWire } from "./http-frame.ts"
import type { HttpJudge } from "./http-judge.ts"
import { valuesOf, type Framing, type HttpHead } from "./http-message.ts"
import type { HttpPiece } from "./http-parser.ts"
import { makeRecordSplitter, recordFormatOf, type RecordFormat } from "./http-records.ts"

/** What becomes of one message while its bytes arrive. */
export interface HttpFlow {
  /** Of the head `raw` alone. */
  readonly add: (piece: Pick<HttpPiece & { readonly kind: "body" }, "raw" | "data" | "last" | "terminator">) => void
  /** What it holds back; it is taken out. */
  readonly rest: () => Buffer
}

/** A message longer than this is not collected, and a record longer than this is cut. */
const maxFrameBytes = 64 * 2 ** 20
/** Of a message that is not collected the classifier is shown this much. */
const shownBytes = 2 ** 20

const nothing = Buffer.alloc(0)

/** It goes nowhere: something else went in its place, or nobody waits for it. */
export const discardFlow: HttpFlow = { add: () => {}, rest: () => nothing }

/** It goes through as it comes; at its end `over` is given its first megabyte and its size. */
export const throughFlow = (
  lane: FrameReaderParts["lanes"][Direction],
  over: (data: ReadonlyArray<Buffer>, sizeBytes: number) => void,
): HttpFlow => {
  const data: Array<Buffer> = []
  let dataBytes = 0
  let sizeBytes = 0
  return {
    add: (piece) => {
      sizeBytes += piece.raw.length
      for (const part of piece.data) {
        if (dataBytes < shownBytes) data.push(part)
        dataBytes += part.length
      }
      lane.push(piece.raw, piece.last ? 1 : 0)
      if (piece.last) over(data, sizeBytes)
    },
    rest: () => nothing,
  }
}

/** It is held back until it is whole, then given to `whole`; one that is too long goes on by the flow of `tooLong`. */
export const collectFlow = (
  whole: (raw: Buffer, data: ReadonlyArray<Buffer>) => void,
  tooLong: () => HttpFlow,
): HttpFlow => {
  const raw: Array<Buffer> = []
  const data: Array<Buffer> = []
  let sizeBytes = 0
  let instead: HttpFlow | undefined
  const taken = (): Buffer => Buffer.concat(raw.splice(0))
  return {
    add: (piece) => {
      if (instead !== undefined) return instead.add(piece)
      sizeBytes += piece.raw.length
      raw.push(piece.raw)
      data.push(...piece.data)
      if (piece.last) whole(taken(), data)
      else if (sizeBytes > maxFrameBytes) {
        instead = tooLong()
        instead.add({ raw: taken(), data: data.splice(0), last: false, terminator: "" })
      }
    },
    rest: taken,
  }
}

/** How the records of an answer stand in it; undefined where the answer is one whole. */
export const recordsOf = (head: HttpHead, framing: Framing): RecordFormat | undefined => {
  const streamed = framing.kind === "chunked" || framing.kind === "until-close"
  return streamed && !isEncoded(head) ? recordFormatOf(valuesOf(head, "content-type")[0] ?? "") : undefined
}

const asChunk = (record: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${record.length.toString(16)}\r\n`), record, Buffer.from("\r\n")])

/** Its head and each record are frames of their own. */
export const recordFlow = (parts: {
  readonly lane: FrameReaderParts["lanes"]["down"]
  readonly judge: HttpJudge["judge"]
  readonly head: HttpHead
  readonly asked: Asked
  readonly framing: Framing
  readonly format: RecordFormat
  readonly answer: Exclude<HttpFrameOnWire["answer"], undefined>
  /** The answer, or what went in its place, has arrived whole. */
  readonly over: () => void
}): HttpFlow => {
  const { lane, judge, head, asked, format } = parts
  const splitter = makeRecordSplitter(format)
  const wrap = parts.framing.kind === "chunked" ? asChunk : (record: Buffer) => record
  /** While the head is held: what comes behind it. */
  let blocked: Array<() => void> | undefined
  const inTurn = (what: () => void): void => {
    if (blocked === undefined) what()
    else blocked.push(what)
  }

  const pass = (record: Buffer): void => inTurn(() => void judge(recordOnWire(record, head, asked, format, wrap), lane))

  const headWay = {
    breakOff: lane.breakOff,
    push: (raw: Buffer, frames: number): void => {
      lane.push(raw, frames)
      const waiting = blocked ?? []
      blocked = undefined
      for (const each of waiting) each()
    },
  }
  const verdict = judge({ ...headOnWire(head, asked), answer: parts.answer }, headWay)
  if (verdict === "hold") blocked = []
  else if (verdict !== "pass" && verdict !== "strip") {
    if (verdict === "garbage") parts.over()
    return discardFlow
  }

  return {
    add: ({ data, last, terminator }) => {
      for (const part of data) for (const record of splitter.feed(part)) pass(record)
      if (!last && splitter.waitingBytes() <= maxFrameBytes) return
      const rest = splitter.rest()
      if (rest.length > 0) pass(rest)
      if (!last) return
      inTurn(() => {
        lane.push(Buffer.from(terminator, "latin1"), 0)
        parts.over()
      })
    },
    rest: () => {
      const rest = splitter.rest()
      return rest.length === 0 ? rest : wrap(rest)
    },
  }
}
