import { describe, expect, it } from "vitest"
import { plainLines } from "./plain-lines.ts"

const piece = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

describe("the lines of a container's log", () => {
  it("are those of both streams in order, without the headers", () => {
    const log = Buffer.concat([piece(1, "starting\n"), piece(2, "no such database “x”\n\n"), piece(1, "ended\n")])
    expect(plainLines(log)).toEqual(["starting", "no such database “x”", "ended"])
  })

  it("are put together when a line came in two pieces", () => {
    expect(plainLines(Buffer.concat([piece(1, "star"), piece(1, "ted")]))).toEqual(["started"])
  })

  it("are none for an empty log", () => {
    expect(plainLines(Buffer.alloc(0))).toEqual([])
  })
})
