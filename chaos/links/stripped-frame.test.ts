import { describe, expect, it } from "vitest"
import { strippedFrame } from "./stripped-frame.ts"

describe("a frame that lost its members", () => {
  it("keeps the first ones in their order", () => {
    expect(strippedFrame('{"t":"page","id":3,"events":[1,2]}', 2)).toBe('{"t":"page","id":3}')
    expect(strippedFrame(Buffer.from('{"t":"page","id":3}'), 0)).toBe("{}")
  })

  it("is empty where it was no JSON object", () => {
    expect(["", "{", "[1]", "null", "GET / HTTP/1.1"].map((text) => strippedFrame(text, 1))).toEqual([
      "",
      "",
      "",
      "",
      "",
    ])
  })
})
