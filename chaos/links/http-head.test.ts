import { describe, expect, it } from "vitest"
import { asksForWebSocket, headerOf, renderHttpAnswer, statusOf } from "./http-head.ts"

const answer = (headers: Record<string, string>, body = "body", status = 503) =>
  renderHttpAnswer({ kind: "http-answer", status, headers, body })

describe("an HTTP answer", () => {
  it("says how long it is in bytes and that it ends the connection", () => {
    expect(answer({}, "ö")).toBe("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\nconnection: close\r\n\r\nö")
  })

  it("leaves framing and connection to the fault where it names them, in any case", () => {
    const chunked = answer({ "Transfer-Encoding": "chunked", Connection: "keep-alive" }, "0\r\n\r\n")
    expect(chunked).not.toContain("content-length")
    expect(chunked).not.toContain("connection: close")
    expect(answer({ "Content-Length": "99" })).toContain("Content-Length: 99\r\nconnection: close\r\n\r\nbody")
  })

  it("has a status line also for a status that nobody has named", () => {
    expect(answer({}, "", 599).split("\r\n")[0]).toBe("HTTP/1.1 599 Unknown")
  })
})

describe("an HTTP head", () => {
  it("gives a header's value whatever the case, and only headers", () => {
    const head = "GET /upgrade:websocket HTTP/1.1\r\nUPGRADE:  WebSocket \r\n\r\n"
    expect(headerOf(head, "upgrade")).toBe("websocket")
    expect(asksForWebSocket(head)).toBe(true)
    expect(asksForWebSocket("GET /upgrade:websocket HTTP/1.1\r\n\r\n")).toBe(false)
  })

  it("has a status only when it is an answer", () => {
    expect([statusOf("HTTP/1.1 101 Switching Protocols\r\n"), statusOf("GET / HTTP/1.1\r\n")]).toEqual([101, 0])
  })
})
