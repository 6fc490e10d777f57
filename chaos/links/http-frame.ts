import type { Direction, Frame, FrameClass } from "../../contract/frame.ts"
import type { LinkFault } from "../../contract/fault.ts"
import type { WireFrame } from "./carry-out.ts"
import { linesWithout, renderHead, valuesOf, type HttpHead } from "./http-message.ts"
import type { RecordFormat } from "./http-records.ts"
import type { Sees } from "./policy.ts"
import { strippedFrame } from "./stripped-frame.ts"

/** A frame of an exchange as the rules are asked about it. */
export interface HttpFrameOnWire extends WireFrame<Buffer> {
  readonly frame: Frame
  /** What it is where that is no question for the classifier. */
  readonly as?: FrameClass
  readonly sees: Sees
}

/** The request that a frame is of, or that an answer answers. */
export type Asked = Pick<HttpHead, "method" | "path">

/** What the classifier is told of a whole request or answer. */
export const wholeFrame = (
  direction: Direction,
  head: HttpHead,
  { method, path }: Asked,
  data: ReadonlyArray<Buffer>,
): Frame => ({ direction, data: bodyOf(head, data), http: { part: "whole", method, path, ...aboutHead(head) } })

const aboutHead = (head: HttpHead) => ({
  ...(head.status > 0 ? { status: head.status } : {}),
  header: (name: string) => valuesOf(head, name)[0],
})

/** The body as text; as bytes where it is encoded or says to be binary. */
const bodyOf = (head: HttpHead, data: ReadonlyArray<Buffer>): string | Uint8Array => {
  const body = data.length === 1 ? (data[0] as Buffer) : Buffer.concat(data)
  return isEncoded(head) || valuesOf(head, "content-type")[0] === "application/octet-stream" ? body : body.toString()
}

/** Whether the body is compressed: nothing here looks into it then. */
export const isEncoded = (head: HttpHead): boolean =>
  valuesOf(head, "content-encoding").some((coding) => coding.toLowerCase() !== "identity")

/** A whole request or answer; `raw` is all its bytes. */
export const wholeOnWire = (frame: Frame, head: HttpHead, raw: Buffer): HttpFrameOnWire => {
  const withBody = (body: string, without: ReadonlyArray<string> = []) => withBodyInstead(head, body, without)
  return {
    frame,
    data: frame.data,
    raw,
    firstHalf: raw.subarray(0, raw.length >> 1),
    garbage: withBody,
    stripped: (members, headers) => {
      if (members !== undefined) return withBody(strippedFrame(frame.data, members), headers)
      return Buffer.concat([withoutHeaders(head, headers), raw.subarray(head.raw.length)])
    },
    sees: (fault) => (frame.direction === "up" || fault.kind !== "duplicate") && seesHeaders(head, fault, true),
  }
}

/** The head of an answer that is streamed. Something in its place stands for the whole answer. */
export const headOnWire = (head: HttpHead, { method, path }: Asked): HttpFrameOnWire => ({
  frame: { direction: "down", data: "", http: { part: "head", method, path, ...aboutHead(head) } },
  data: "",
  raw: head.raw,
  firstHalf: head.raw.subarray(0, head.raw.length >> 1),
  garbage: (body) => withBodyInstead(head, body, []),
  stripped: (_members, headers) => withoutHeaders(head, headers),
  sees: (fault) => fault.kind !== "duplicate" && seesHeaders(head, fault, false),
})

/** One record of an answer that is streamed. */
export const recordOnWire = (
  record: Buffer,
  head: HttpHead,
  { method, path }: Asked,
  format: RecordFormat,
  wrap: (record: Buffer) => Buffer,
): HttpFrameOnWire => {
  const data = format.read(record)
  const raw = wrap(record)
  return {
    frame: { direction: "down", data, http: { part: "record", method, path, ...aboutHead(head) } },
    data,
    raw,
    firstHalf: raw.subarray(0, raw.length >> 1),
    garbage: (body) => wrap(format.write(body)),
    sees: (fault) => fault.kind !== "http-answer" && (fault.kind !== "strip" || fault.members !== undefined),
  }
}

/** A fault that takes headers sees only heads that have one of them, or bodies that it takes members of. */
const seesHeaders = (head: HttpHead, fault: LinkFault, hasBody: boolean): boolean => {
  if (fault.kind !== "strip" || (hasBody && fault.members !== undefined)) return true
  return (fault.headers ?? []).some((name) => valuesOf(head, name.toLowerCase()).length > 0)
}

const lower = (names: ReadonlyArray<string>) => names.map((name) => name.toLowerCase())

const withoutHeaders = (head: HttpHead, names: ReadonlyArray<string>): Buffer =>
  renderHead(head.start, linesWithout(head, lower(names)))

/** The request as one after which the connection goes on, so that a second copy of it can follow. */
export const keptAlive = (head: HttpHead, raw: Buffer): Buffer =>
  valuesOf(head, "connection").some((value) => value.toLowerCase() === "close")
    ? Buffer.concat([withoutHeaders(head, ["connection"]), raw.subarray(head.raw.length)])
    : raw

const framed = ["content-length", "transfer-encoding", "trailer", "content-encoding"]

/** The same head with another body. Where the status allows none it becomes 200. */
const withBodyInstead = (head: HttpHead, text: string, without: ReadonlyArray<string>): Buffer => {
  const body = Buffer.from(text)
  const start = head.status === 204 || head.status === 304 ? "HTTP/1.1 200 OK" : head.start
  const lines = [...linesWithout(head, [...framed, ...lower(without)]), `content-length: ${body.length}`]
  return Buffer.concat([renderHead(start, lines), body])
}
