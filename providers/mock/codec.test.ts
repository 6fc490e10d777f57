import { describe, expect, it } from "vitest"
import { decodeDown, decodeUp, encodeFrame, encodePage, LineReader } from "./codec.ts"
import { eventOf, storedBatch } from "./stored-event.ts"

const readAll = (chunks: ReadonlyArray<string>) => {
  const reader = new LineReader()
  const reads = chunks.map((chunk) => reader.read(chunk))
  return {
    lines: reads.flatMap(({ lines }) => lines),
    garbage: reads.some(({ garbage }) => garbage),
    halfway: reader.halfway,
  }
}

describe("LineReader", () => {
  it("gives the same lines wherever the bytes are split", () => {
    const text = `${encodeFrame({ t: "welcome" })}\n${encodeFrame({ t: "poke", head: 3 })}\n`
    for (let at = 1; at < text.length; at++) {
      const { lines, garbage, halfway } = readAll([text.slice(0, at), text.slice(at)])
      expect(lines).toEqual(['{"t":"welcome"}', '{"t":"poke","head":3}'])
      expect({ garbage, halfway }).toEqual({ garbage: false, halfway: false })
    }
  })

  it("says at once that bytes which are no beginning of a frame never become one", () => {
    expect(readAll(["<html>"]).garbage).toBe(true)
    expect(readAll(['{"unknown":true}']).garbage).toBe(true)
    expect(readAll(['{"t']).garbage).toBe(false)
  })

  it("knows that a frame has begun and not ended", () => {
    expect(readAll(['{"t":"page","id":1']).halfway).toBe(true)
  })
})

describe("decoding", () => {
  it("refuses what is no frame of its direction, whatever it is", () => {
    const noise = ["", "null", "[]", "{}", "<html>", '{"t":"other"}', '{"t":"page","id":1}', '{"t":"acked","id":"1"}']
    expect(noise.map(decodeDown)).toEqual(noise.map(() => undefined))
    const asked = ["", "1", '{"t":"push","id":1}', '{"t":"push","id":1,"events":[1]}', '{"t":"hello"}', '{"t":"pull"}']
    expect(asked.map(decodeUp)).toEqual(asked.map(() => undefined))
  })

  it("gives back in a page what was stored, arguments and all", () => {
    const args = ['{"__proto__":1,"constructor":{}}', '"\\ud800"', "null", undefined]
    const rows = storedBatch(
      args.map((text, index) => ({
        seqNum: index + 1,
        parentSeqNum: index,
        name: "n\u2028",
        ...(text === undefined ? {} : { args: text }),
        clientId: "c",
        sessionId: "s",
      })),
      0,
    )
    const page = decodeDown(encodePage({ t: "page", id: 1, backendId: "b", remaining: 0, until: 4, rows }))
    expect(page?.t === "page" && page.events.map(eventOf)).toEqual(rows.map(eventOf))
    expect(page?.t === "page" && page.events.map(({ digest }) => digest)).toEqual(rows.map(({ digest }) => digest))
    expect(Object.hasOwn(eventOf(rows[0]!).args as object, "__proto__")).toBe(true)
    expect("args" in eventOf(rows[3]!)).toBe(false)
  })
})
