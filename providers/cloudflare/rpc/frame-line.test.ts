import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeFrame } from "../wire.ts"
import { frameToLine, lineToFrame } from "./frame-line.ts"

describe("frames as lines", () => {
  it("are one line each, whatever their events hold, and come back as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.string({ unit: "binary" }), (args, name) => {
        const frame = encodeFrame(
          { t: "push", id: 1, part: 0, parts: 1, events: 1, rows: [[1, 0, name]] },
          args.map((value) => JSON.stringify(value)),
        )
        const line = frameToLine(frame)
        expect(line).not.toContain("\n")
        expect(lineToFrame(`${line}\n`)).toBe(frame)
      }),
    )
  })
})
