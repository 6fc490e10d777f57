import { describe, expect, it } from "vitest"
import { encodeWebSocketFrame, opcodes } from "./websocket-frame.ts"
import { makeWebSocketStream, type StreamUnit } from "./websocket-stream.ts"

const request = [
  "GET /sync HTTP/1.1",
  "Host: backend",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
  "Sec-WebSocket-Version: 13",
  "",
  "",
].join("\r\n")
const granted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
const hello = encodeWebSocketFrame(opcodes.text, Buffer.from("hello"), true)
const kinds = (units: ReadonlyArray<StreamUnit>) => units.map((unit) => unit.kind)
const rawOf = (units: ReadonlyArray<StreamUnit>) => Buffer.concat(units.map((unit) => unit.raw)).toString("latin1")

describe("a WebSocket connection read as a stream", () => {
  it("begins with the two heads of the handshake, then gives messages both ways", () => {
    const stream = makeWebSocketStream()
    expect(kinds(stream.feed("up", Buffer.from(request)))).toEqual(["head"])
    expect(stream.upgraded()).toBe(false)
    expect(kinds(stream.feed("down", Buffer.concat([Buffer.from(granted), hello])))).toEqual(["head", "message"])
    expect(stream.upgraded()).toBe(true)
    expect(stream.feed("up", hello)).toMatchObject([{ kind: "message", data: "hello" }])
  })

  it("takes the offer of extensions out of the request and nothing else", () => {
    const sent = rawOf(makeWebSocketStream().feed("up", Buffer.from(request)))
    expect(sent).toBe(request.replace(/Sec-WebSocket-Extensions:.*\r\n/, ""))
  })

  it("does not notice where the handshake is cut, at any offset", () => {
    const bytes = Buffer.concat([Buffer.from(request), hello])
    const whole = makeWebSocketStream().feed("up", bytes)
    for (let offset = 0; offset <= bytes.length; offset++) {
      const stream = makeWebSocketStream()
      const units = [...stream.feed("up", bytes.subarray(0, offset)), ...stream.feed("up", bytes.subarray(offset))]
      expect(units, `cut at ${offset}`).toEqual(whole)
    }
  })

  it("passes an exchange that asks for no upgrade through as bytes, both ways", () => {
    const stream = makeWebSocketStream()
    const plain = "GET / HTTP/1.1\r\nHost: backend\r\n\r\n"
    expect(stream.feed("up", Buffer.from(plain))).toMatchObject([{ kind: "bytes", raw: Buffer.from(plain) }])
    expect(kinds(stream.feed("down", Buffer.from("HTTP/1.1 200 OK\r\n\r\nbody")))).toEqual(["bytes"])
  })

  it("reads the head of a refused upgrade and passes on what follows as bytes", () => {
    const stream = makeWebSocketStream()
    stream.feed("up", Buffer.from(request))
    const units = stream.feed("down", Buffer.from("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"))
    expect(kinds(units)).toEqual(["head", "bytes"])
    expect(rawOf(units).endsWith("no")).toBe(true)
    expect(kinds(stream.feed("up", Buffer.from("more")))).toEqual(["bytes"])
  })

  it("reads past an informational answer to the one that upgrades", () => {
    const stream = makeWebSocketStream()
    stream.feed("up", Buffer.from(request))
    const units = stream.feed("down", Buffer.from(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${granted}`))
    expect(kinds(units)).toEqual(["head", "head"])
    expect(stream.upgraded()).toBe(true)
  })

  it("hands over what is there of an unfinished unit when the direction ends", () => {
    const stream = makeWebSocketStream()
    stream.feed("up", Buffer.from(request))
    stream.feed("up", hello.subarray(0, 4))
    expect(stream.rest("up").equals(hello.subarray(0, 4))).toBe(true)
    expect(stream.rest("up").length).toBe(0)
  })

  it("gives up on a head that never ends, without losing a byte", () => {
    const endless = Buffer.alloc(70_000, "a")
    const stream = makeWebSocketStream()
    const units = [...stream.feed("up", endless), ...stream.feed("up", Buffer.from("tail"))]
    expect(kinds(units)).toEqual(["bytes", "bytes"])
    expect(rawOf(units)).toBe(`${endless.toString()}tail`)
  })
})
