import type { Direction } from "../../contract/frame.ts"
import type { FrameReader, FrameReaderParts } from "./frame-reader.ts"
import { collectFlow, discardFlow, recordFlow, recordsOf, throughFlow, type HttpFlow } from "./http-flow.ts"
import { headOnWire, keptAlive, wholeFrame, wholeOnWire, type Asked } from "./http-frame.ts"
import { renderHttpAnswer } from "./http-head.ts"
import { makeHttpJudge } from "./http-judge.ts"
import { linesWithout, readHttpHead, renderHead, valuesOf, type HttpHead } from "./http-message.ts"
import { makeHttpParser, type HttpPiece } from "./http-parser.ts"
import type { HttpAnswer } from "./verdict.ts"
import { passWebSocketUnit } from "./websocket-frames.ts"
import { makeWebSocketParser } from "./websocket-parser.ts"

/*
 * HTTP/1 on a link. A request is one frame up, its answer one frame down; an answer that is streamed as records
 * (server-sent events, lines of JSON, not compressed) is a frame for its head and one for each record.
 *
 * What is held back. A message is collected only while a fault stands that may take one of its direction; otherwise
 * it goes through as it comes, and the classifier is shown the first megabyte of it at its end. Records are passed on
 * one by one, each as a chunk of its own.
 *
 * One exchange at a time. What a client sends ahead waits until the exchange before it is over, and where a request
 * or an answer was swallowed that is never: the connection stays silent until one side ends it.
 *
 * What cannot be read (no HTTP/1, a malformed head, a length that cannot be told, a tunnel) goes through as bytes
 * from there on, and the link says so. After an upgrade to WebSocket its messages are the frames.
 */

interface Exchange extends Asked {
  readonly upgrade: boolean
  requestDone: boolean
  answered: boolean
}

const upgradeAsked = { operation: "connect", role: "request" } as const
const upgraded = { operation: "connect", role: "answer" } as const

/** Reads a connection of HTTP exchanges. */
export const makeHttpExchanges = (parts: FrameReaderParts): FrameReader => {
  const { core, lanes } = parts
  const { judge, note, end: endLane } = makeHttpJudge(parts)
  let speaks: "http" | "websocket" | "bytes" = "http"
  let exchange: Exchange | undefined
  /** Who waits for each answer that is to come: nobody for the one to a request's second copy. */
  const owed: Array<"client" | "nobody"> = []
  const parsers = { up: makeHttpParser("request"), down: makeHttpParser("answer", () => exchange?.method ?? "") }
  const sockets = { up: makeWebSocketParser(), down: makeWebSocketParser() }
  const flows: Record<Direction, HttpFlow> = { up: discardFlow, down: discardFlow }
  /** What the client sent ahead, and whether it ended behind that. */
  let ahead: Array<Buffer> = []
  let endsAhead = false

  const feed = (direction: Direction, chunk: Buffer): void => {
    let left = chunk
    while (left.length > 0 && !parts.closing()) {
      if (speaks === "bytes") return lanes[direction].push(left, 0)
      if (direction === "up" && exchange?.requestDone === true) return void ahead.push(left)
      if (speaks === "websocket") {
        for (const unit of sockets[direction].feed(left)) passWebSocketUnit(parts, direction, unit)
        return
      }
      left = parsers[direction].feed(left, (piece) => take(direction, piece))
    }
  }

  const take = (direction: Direction, piece: HttpPiece): void => {
    if (parts.closing()) return
    if (piece.kind === "unreadable") return giveUp(direction, piece.raw, piece.why)
    if (piece.kind === "body") return add(direction, piece)
    if (direction === "up") openRequest(piece.head, piece.last)
    else openAnswer(piece)
  }

  const add = (direction: Direction, piece: Parameters<HttpFlow["add"]>[0]): void => {
    if (direction === "up" && piece.last && exchange !== undefined) exchange.requestDone = true
    flows[direction].add(piece)
    if (direction === "up" && piece.last) overWhenAnswered()
  }

  const openRequest = (head: HttpHead, last: boolean): void => {
    const { method, path } = head
    if (method === "CONNECT") return giveUp("up", head.raw, "a tunnel")
    const upgrade = valuesOf(head, "upgrade")[0]?.toLowerCase() === "websocket"
    exchange = { method, path, upgrade, requestDone: false, answered: false }
    const collects = core.policy.looks("up")
    const waits = collects && !last && valuesOf(head, "expect")[0]?.toLowerCase() === "100-continue"
    // The backend hears nothing until all is there: the link itself lets the client go on.
    if (waits) lanes.down.push(Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"), 0)
    const sent = without(head, [...(waits ? ["expect"] : []), ...(upgrade ? ["sec-websocket-extensions"] : [])])
    const as = upgrade ? upgradeAsked : undefined
    const through = (): HttpFlow => {
      owed.push("client")
      return throughFlow(lanes.up, (data, sizeBytes) => note(wholeFrame("up", sent, head, data), sizeBytes, as))
    }
    flows.up = collects ? collectFlow((raw, data) => judgeRequest(sent, raw, data, as), through) : through()
    add("up", { raw: sent.raw, data: [], last, terminator: "" })
  }

  const judgeRequest = (
    head: HttpHead,
    raw: Buffer,
    data: ReadonlyArray<Buffer>,
    as: typeof upgradeAsked | undefined,
  ): void => {
    let copies = 0
    const way = {
      breakOff: lanes.up.breakOff,
      push: (bytes: Buffer, frames: number): void => {
        owed.push(++copies === 1 ? "client" : "nobody")
        lanes.up.push(bytes, frames)
      },
    }
    const wire = wholeOnWire(wholeFrame("up", head, head, data), head, raw)
    const twice = () => [keptAlive(head, raw), raw] as const
    judge({ ...wire, twice, answer: answerInstead, ...(as === undefined ? {} : { as }) }, way)
  }

  const openAnswer = ({ head, framing, last }: HttpPiece & { readonly kind: "head" }): void => {
    if (head.status === 101) return openUpgrade(head)
    const who = head.status < 200 ? owed[0] : owed.shift()
    // What comes before the answer proper is no frame.
    if (head.status < 200) return who === "nobody" ? undefined : lanes.down.push(head.raw, 0)
    const asked = exchange ?? { method: "", path: "" }
    const format = recordsOf(head, framing)
    const through = () =>
      throughFlow(lanes.down, (data, sizeBytes) => {
        note(wholeFrame("down", head, asked, data), sizeBytes)
        answered()
      })
    if (who === "nobody") flows.down = discardFlow
    else if (format !== undefined) {
      const way = { lane: lanes.down, judge, answer: answerInstead, over: answered }
      flows.down = recordFlow({ ...way, head, asked, framing, format })
      return
    } else if (core.policy.looks("down")) {
      flows.down = collectFlow((raw, data) => judgeAnswer(head, asked, raw, data), through)
    } else flows.down = through()
    add("down", { raw: head.raw, data: [], last, terminator: "" })
  }

  /** The exchange is over once something has gone down in place of the answer. */
  const answerWay = {
    breakOff: lanes.down.breakOff,
    push: (raw: Buffer, frames: number): void => {
      lanes.down.push(raw, frames)
      answered()
    },
  }

  const judgeAnswer = (head: HttpHead, asked: Asked, raw: Buffer, data: ReadonlyArray<Buffer>): void =>
    void judge({ ...wholeOnWire(wholeFrame("down", head, asked, data), head, raw), answer: answerInstead }, answerWay)

  const openUpgrade = (head: HttpHead): void => {
    owed.shift()
    if (exchange?.upgrade !== true) return giveUp("down", head.raw, "a change to a protocol that is not read")
    const asked = exchange
    speaks = "websocket"
    const way = { breakOff: lanes.down.breakOff, push: lanes.down.push }
    judge({ ...headOnWire(head, asked), answer: answerInstead, as: upgraded }, way)
    answered()
  }

  const answerInstead = (answer: HttpAnswer): void => {
    lanes.down.push(Buffer.from(renderHttpAnswer(answer)), 1)
    const goesOn = Object.entries(answer.headers).some(
      ([name, value]) => name.toLowerCase() === "connection" && value.toLowerCase() === "keep-alive",
    )
    if (goesOn) answered()
    else parts.farewell()
  }

  const answered = (): void => {
    if (exchange !== undefined) exchange.answered = true
    overWhenAnswered()
  }

  const overWhenAnswered = (): void => {
    if (exchange?.requestDone !== true || !exchange.answered) return
    exchange = undefined
    drainAhead()
  }

  const drainAhead = (): void => {
    const waiting = ahead
    ahead = []
    for (const chunk of waiting) feed("up", chunk)
    if (endsAhead && ahead.length === 0) end("up")
  }

  const giveUp = (direction: Direction, raw: Buffer, why: string): void => {
    speaks = "bytes"
    exchange = undefined
    core.unread(direction, why)
    for (const each of ["up", "down"] as const) {
      lanes[each].push(restOf(each), 0)
      if (each === direction) lanes[each].push(raw, 0)
    }
    drainAhead()
  }

  const restOf = (direction: Direction): Buffer =>
    Buffer.concat([flows[direction].rest(), parsers[direction].rest(), sockets[direction].rest()])

  const end = (direction: Direction): void => {
    if (parts.closing()) return lanes[direction].end()
    endsAhead = direction === "up" && ahead.length > 0
    if (endsAhead) return
    if (speaks === "http" && parsers[direction].endsWithConnection()) {
      add(direction, { raw: Buffer.alloc(0), data: [], last: true, terminator: "" })
    } else lanes[direction].push(restOf(direction), 0)
    endLane(direction)
  }

  return {
    feed,
    end,
    waitingBytes: (direction) => (direction === "up" ? ahead.reduce((sum, { length }) => sum + length, 0) : 0),
    closesBy: () => (speaks === "websocket" ? "frame" : "end"),
  }
}

/** The head without the headers of these names. */
const without = (head: HttpHead, names: ReadonlyArray<string>): HttpHead => {
  if (names.length === 0) return head
  const raw = renderHead(head.start, linesWithout(head, names))
  return readHttpHead(raw, "request") ?? head
}
