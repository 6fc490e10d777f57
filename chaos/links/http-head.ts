import { STATUS_CODES } from "node:http"
import type { HttpAnswer } from "./verdict.ts"

/** A head longer than this is read no further: it is passed on as bytes. */
const maxHeadBytes = 65_536

/** Collects bytes until a whole HTTP head is there. */
export const makeHeadReader = () => {
  let bytes: Buffer = Buffer.alloc(0)
  return {
    /** The head with its empty line and what came behind it; undefined while it is not whole; `"too-long"`: it never will be. */
    feed: (chunk: Buffer): { readonly head: Buffer; readonly rest: Buffer } | "too-long" | undefined => {
      const searchFrom = Math.max(0, bytes.length - 3)
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      const at = bytes.indexOf("\r\n\r\n", searchFrom)
      if (at >= 0) return { head: bytes.subarray(0, at + 4), rest: bytes.subarray(at + 4) }
      return bytes.length > maxHeadBytes ? "too-long" : undefined
    },
    /** What is there without being a head; it is taken out. */
    rest: (): Buffer => {
      const left = bytes
      bytes = Buffer.alloc(0)
      return left
    },
  }
}

/** The value of a header, in lower case; the first one where it stands several times. */
export const headerOf = (head: string, name: string): string | undefined => {
  for (const line of head.split("\r\n").slice(1)) {
    const colon = line.indexOf(":")
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name)
      return line
        .slice(colon + 1)
        .trim()
        .toLowerCase()
  }
  return undefined
}

/** Whether a request asks for a WebSocket. */
export const asksForWebSocket = (head: string): boolean => headerOf(head, "upgrade") === "websocket"

/** Status of an answer's head; 0 when it is none. */
export const statusOf = (head: string): number => Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)

/** The head without the header of this name. */
export const withoutHeader = (head: string, name: string): string =>
  head
    .split("\r\n")
    .filter((line) => !line.toLowerCase().startsWith(`${name}:`))
    .join("\r\n")

/** A whole HTTP/1.1 answer. `content-length` and `connection: close` are added where the fault does not give them. */
export const renderHttpAnswer = (answer: HttpAnswer): string => {
  const given = new Set(Object.keys(answer.headers).map((name) => name.toLowerCase()))
  const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`)
  if (!given.has("content-length") && !given.has("transfer-encoding")) {
    headers.push(`content-length: ${Buffer.byteLength(answer.body)}`)
  }
  if (!given.has("connection")) headers.push("connection: close")
  const reason = STATUS_CODES[answer.status] ?? "Unknown"
  return `HTTP/1.1 ${answer.status} ${reason}\r\n${headers.join("\r\n")}\r\n\r\n${answer.body}`
}
