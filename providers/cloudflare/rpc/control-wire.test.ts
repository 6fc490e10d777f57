import { describe, expect, it } from "vitest"
import { pieceReader, toPieces, type ControlCommand } from "./control-wire.ts"

const sent = (message: ControlCommand): unknown => {
  const read = pieceReader<ControlCommand>()
  const utf8 = (piece: string) => new TextDecoder().decode(new TextEncoder().encode(piece))
  return toPieces(message)
    .map((piece) => read(utf8(piece)))
    .at(-1)
}

describe("messages of the control socket", () => {
  it("come as one piece where they are short", () => {
    const message: ControlCommand = { c: "interrupt", op: 3 }
    expect(toPieces(message)).toHaveLength(1)
    expect(sent(message)).toEqual(message)
  })

  it("come whole out of many pieces, also where a pair of surrogates lies on the seam", () => {
    for (const shift of ["", "x"]) {
      const message: ControlCommand = { c: "push", op: 1, batch: [shift + "😀".repeat(400_000)] }
      expect(toPieces(message).length).toBeGreaterThan(2)
      expect(sent(message)).toEqual(message)
    }
  })

  it("come whole where a piece looks like a mark", () => {
    const message: ControlCommand = { c: "push", op: 1, batch: ["+.".repeat(300_000)] }
    expect(sent(message)).toEqual(message)
  })
})
