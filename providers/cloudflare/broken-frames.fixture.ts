import { draw } from "../../chaos/draw.ts"
import { encodeFrame, protocolVersion, type ClientMessage } from "./wire.ts"

/** What a client without manners, or a broken proxy, may send: text, or bytes where text belongs. */
export type BrokenFrame = string | Uint8Array

/** Values that are seldom where one of another type is expected. */
export const oddValues: ReadonlyArray<unknown> = [
  null,
  true,
  -1,
  0,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  "",
  "\u0000",
  "\ud800",
  "x".repeat(5_000),
  [],
  [[]],
  {},
  { _tag: "ServerAhead" },
  { toString: 1, constructor: 2 },
]

/** One broken frame, decided by seed and number. It never is a sound push of the store that it is sent to. */
export const brokenFrame = (seed: number, nth: number, storeId: string): BrokenFrame => {
  const below = (what: string, n: number): number => draw(seed, `${nth} ${what}`, n)
  const pick = <A>(what: string, of: ReadonlyArray<A>): A => of[below(what, of.length)]!
  const value = (what: string): unknown => pick(what, oddValues)
  const greeting = { t: "hello", version: protocolVersion, storeId, clientId: "fuzz", silenceMs: 60_000 } as const
  const sound: ReadonlyArray<ClientMessage> = [
    greeting,
    { t: "pull", id: 1, live: false, after: { seqNum: 0 } },
    { t: "watch", id: 1, live: 1 },
    { t: "check", id: 1 },
    { t: "cancel", id: 1 },
    // Its parent is never the head.
    { t: "push", id: 1, part: 0, parts: 1, events: 1, rows: [[900_000, 899_999, "fuzz", "fuzz", "s"]] },
  ]
  const message = pick("message", sound) as Record<string, unknown>
  const withOdd = (): string => {
    const members = Object.keys(message)
    return JSON.stringify({ ...message, [pick("member", members)]: value("value") })
  }
  switch (below("kind", 12)) {
    case 0:
      return pick("none", ["", " ", "\n", "null", "[]", "{}", "0", '"', "<html>502</html>", "GET / HTTP/1.1\r\n\r\n"])
    case 1:
      return withOdd()
    case 2: {
      const text = encodeFrame(message as ClientMessage)
      return text.slice(0, below("cut", text.length))
    }
    case 3:
      return JSON.stringify({ ...message, t: value("t") })
    case 4:
      return encodeFrame({ ...greeting, version: pick("version", [0, 2, 99, -1]) })
    case 5:
      return encodeFrame({ ...greeting, storeId: pick("store", ["another", "", storeId.toUpperCase()]) })
    case 6:
      return `${encodeFrame(message as ClientMessage)}${"\nnull".repeat(1 + below("lines", 4))}`
    case 7: {
      const bytes = new Uint8Array(below("bytes", 200))
      for (let index = 0; index < bytes.length; index++) bytes[index] = below(`byte ${index}`, 256)
      return bytes
    }
    case 8:
      return new TextEncoder().encode(encodeFrame(message as ClientMessage))
    case 9: {
      const { rows: _, ...rest } = sound[5] as Extract<ClientMessage, { t: "push" }>
      return JSON.stringify({ ...rest, rows: [value("row"), [value("a"), value("b"), value("c")]], events: value("n") })
    }
    case 10: {
      const text = withOdd()
      const at = below("at", text.length)
      return text.slice(0, at) + String.fromCharCode(below("char", 0x3000)) + text.slice(at + 1)
    }
    default:
      return JSON.stringify({ ...message, [`extra ${below("extra", 9)}`]: value("extra") }).repeat(
        1 + below("again", 2),
      )
  }
}

/** A sound frame that is larger than any that a client sends. */
export const oversizeFrame = (): string => JSON.stringify({ t: "check", id: 1, pad: "x".repeat(1_000_000) })
