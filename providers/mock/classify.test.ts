import { describe, expect, it } from "vitest"
import { classifyMock } from "./classify.ts"

const said = (frames: ReadonlyArray<readonly ["up" | "down", string]>) => {
  const classify = classifyMock()
  return frames.map(([direction, data]) => {
    const { operation, role, id } = classify({ direction, data })
    return [operation, role, ...(id === undefined ? [] : [id])].join(" ")
  })
}

describe("classifyMock", () => {
  it("names an answer by what was asked", () => {
    expect(
      said([
        ["up", '{"t":"hello","store":"s","client":"c"}\n'],
        ["down", '{"t":"welcome"}\n'],
        ["up", '{"t":"live","id":1,"sub":1}'],
        ["up", '{"t":"push","id":2,"events":[]}'],
        ["up", '{"t":"pull","id":3}'],
        ["down", '{"t":"page","id":3}'],
        ["down", '{"t":"page","id":1}'],
        ["down", '{"t":"refused","id":2}'],
        ["down", '{"t":"poke","head":4}'],
        ["up", '{"t":"unsub","sub":1}'],
        ["up", '{"t":"ping","id":4}'],
        ["down", '{"t":"pong","id":4}'],
      ]),
    ).toEqual([
      "connect request",
      "connect answer",
      "live request 1",
      "push request 2",
      "pull request 3",
      "pull page 3",
      "live page 1",
      "push answer 2",
      "live poke",
      "live cancel",
      "ping request 4",
      "ping answer 4",
    ])
  })

  it("reads bytes as well as text, and takes what it does not know for something else", () => {
    const classify = classifyMock()
    expect(classify({ direction: "up", data: new TextEncoder().encode('{"t":"ping","id":1}') }).operation).toBe("ping")
    expect(classify({ direction: "down", data: "<html>" })).toEqual({ operation: "other", role: "other" })
    expect(classify({ direction: "down", data: '{"t":"refused","id":0}' })).toMatchObject({
      operation: "connect",
      role: "answer",
    })
  })
})
