import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeCloseFrame, encodeWebSocketFrame, opcodes, unmasked } from "./websocket-frame.ts"
import { makeWebSocketParser, type WebSocketUnit } from "./websocket-parser.ts"

/** A frame that is not the last of its message: the same bytes with FIN clear. */
const unfinished = (frame: Buffer): Buffer => {
  const copy = Buffer.from(frame)
  copy[0] = (copy[0] as number) & 0x7f
  return copy
}

const text = (value: string, masked = false): Buffer => encodeWebSocketFrame(opcodes.text, Buffer.from(value), masked)
const more = (value: string, masked = false): Buffer =>
  encodeWebSocketFrame(opcodes.continuation, Buffer.from(value), masked)

/** What a reader of the stream gets told, without the raw bytes. */
const meaning = (units: ReadonlyArray<WebSocketUnit>): ReadonlyArray<string> =>
  units.map((unit) => {
    if (unit.kind === "message") return `message ${unit.opcode} ${Buffer.from(unit.data).toString("hex")}`
    return unit.kind === "control" ? `control ${unit.opcode}` : `bytes ${unit.raw.toString("hex")}`
  })

const parse = (chunks: ReadonlyArray<Buffer>): { units: Array<WebSocketUnit>; rest: Buffer } => {
  const parser = makeWebSocketParser()
  const units = chunks.flatMap((chunk) => parser.feed(chunk))
  return { units, rest: parser.rest() }
}

const cutAt = (stream: Buffer, offsets: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const bounds = [0, ...offsets.toSorted((a, b) => a - b), stream.length]
  return bounds.slice(1).map((end, index) => stream.subarray(bounds[index], end))
}

const example = Buffer.concat([
  text("first"),
  text("masked ünïcode", true),
  unfinished(text("one, ")),
  encodeWebSocketFrame(opcodes.ping, Buffer.from("between"), false),
  unfinished(more("two, ")),
  more("three"),
  encodeWebSocketFrame(opcodes.binary, Buffer.alloc(200, 7), true),
  text("x".repeat(70_000)),
  encodeCloseFrame(1001, false),
])

describe("the WebSocket parser", () => {
  it("gives whole messages in order, fragments put together and masks taken off", () => {
    const { units, rest } = parse([example])
    expect(units.map((unit) => (unit.kind === "message" ? unit.data.length : unit.kind))).toEqual([
      5,
      "masked ünïcode".length,
      "control",
      "one, two, three".length,
      200,
      70_000,
      "control",
    ])
    expect(units[1]).toMatchObject({ kind: "message", opcode: opcodes.text, data: "masked ünïcode" })
    expect(units[3]).toMatchObject({ kind: "message", opcode: opcodes.text, data: "one, two, three" })
    expect(rest.length).toBe(0)
  })

  it("does not notice where the stream is cut, at any offset", () => {
    const whole = meaning(parse([example]).units)
    const small = example.subarray(0, 320)
    const ofSmall = meaning(parse([small]).units)
    for (let offset = 0; offset <= small.length; offset++) {
      expect(meaning(parse(cutAt(small, [offset])).units), `cut at ${offset}`).toEqual(ofSmall)
    }
    for (let offset = 320; offset < example.length; offset += 499) {
      expect(meaning(parse(cutAt(example, [offset])).units), `cut at ${offset}`).toEqual(whole)
    }
  })

  it("reads a stream that comes byte by byte", () => {
    const bytes = Array.from({ length: 320 }, (_, index) => example.subarray(index, index + 1))
    expect(meaning(parse(bytes).units)).toEqual(meaning(parse([example.subarray(0, 320)]).units))
  })

  it("keeps the bytes as they came, mask and header included", () => {
    const frame = text("masked", true)
    const { units } = parse([frame])
    expect(units).toHaveLength(1)
    expect(units[0]?.raw.equals(text("masked", true))).toBe(true)
  })

  it("reads a message of five megabytes that arrives in many chunks", () => {
    const big = encodeWebSocketFrame(opcodes.binary, Buffer.alloc(5_000_000, 0xab), true)
    const { units } = parse(
      cutAt(
        big,
        Array.from({ length: 76 }, (_, index) => index * 65_536),
      ),
    )
    const [only] = units
    expect(units).toHaveLength(1)
    expect(only?.kind === "message" && Buffer.alloc(5_000_000, 0xab).equals(only.data as Buffer)).toBe(true)
  })

  it("passes on as bytes what is no frame, and everything after it", () => {
    const nonsense = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")
    const { units } = parse([text("good"), nonsense, text("later")])
    expect(units.map((unit) => unit.kind)).toEqual(["message", "bytes", "bytes"])
    expect(
      Buffer.concat(units.map((unit) => unit.raw)).equals(Buffer.concat([text("good"), nonsense, text("later")])),
    ).toBe(true)
  })

  it.each([
    ["a continuation of nothing", more("x")],
    ["a second message inside one", Buffer.concat([unfinished(text("a")), text("b")])],
    ["a ping in fragments", unfinished(encodeWebSocketFrame(opcodes.ping, Buffer.from("p"), false))],
    ["reserved bits", Buffer.from([0xc1, 0x00])],
    ["an unknown opcode", Buffer.from([0x83, 0x00])],
    ["a length past every bound", Buffer.from([0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ])("takes %s for bytes", (_, stream) => {
    const { units } = parse([stream])
    expect(units.at(-1)?.kind).toBe("bytes")
    expect(Buffer.concat(units.map((unit) => unit.raw)).equals(stream)).toBe(true)
  })

  it("says the same of any frames however they are cut, and loses no byte", () => {
    // Lengths around the borders of the three length forms.
    const lengths = fc.oneof(fc.nat(140), fc.integer({ min: 65_530, max: 65_540 }))
    const payload = fc.tuple(lengths, fc.nat(999)).map(([length, word]) => Buffer.alloc(length, `${word}|`))
    const message = fc
      .record({ pieces: fc.array(payload, { minLength: 1, maxLength: 3 }), ping: fc.boolean(), masked: fc.boolean() })
      .map(({ pieces, ping, masked }) =>
        pieces.flatMap((piece, index) => {
          const frame = encodeWebSocketFrame(index === 0 ? opcodes.binary : opcodes.continuation, piece, masked)
          const control = encodeWebSocketFrame(opcodes.ping, Buffer.from("p"), masked)
          return [...(ping ? [control] : []), index === pieces.length - 1 ? frame : unfinished(frame)]
        }),
      )
    const streams = fc.array(message, { minLength: 1, maxLength: 5 }).map((messages) => Buffer.concat(messages.flat()))
    fc.assert(
      fc.property(streams, fc.array(fc.nat(), { maxLength: 12 }), fc.nat(), (stream, cuts, missing) => {
        const sent = stream.subarray(0, stream.length - (missing % Math.min(20, stream.length)))
        const chunks = cutAt(
          sent,
          cuts.map((at) => at % (sent.length + 1)),
        )
        const whole = parse([sent])
        const pieces = parse(chunks)
        expect(meaning(pieces.units)).toEqual(meaning(whole.units))
        expect(pieces.rest.equals(whole.rest)).toBe(true)
        const bytes = [...pieces.units.map((unit) => unit.raw), pieces.rest]
        expect(bytes.reduce((sum, part) => sum + part.length, 0)).toBe(sent.length)
      }),
      { numRuns: 80 },
    )
  })
})

describe("WebSocket frames", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])("say their length as RFC 6455 does: %i bytes", (length) => {
    const frame = encodeWebSocketFrame(opcodes.binary, Buffer.alloc(length, 1), false)
    expect(frame.length - length).toBe(length < 126 ? 2 : length < 65_536 ? 4 : 10)
    expect(parse([frame]).units).toHaveLength(1)
  })

  it("hide a masked payload on the wire and show it again", () => {
    const frame = text("hello", true)
    expect(frame.includes("hello")).toBe(false)
    expect(unmasked(frame.subarray(6), frame.subarray(2, 6)).toString()).toBe("hello")
  })
})
