import { describe, expect, it } from "vitest"
import { classifyFrames } from "./classify.ts"
import { encodeFrame, pingFrame } from "./wire.ts"

describe("the classification of frames", () => {
  it("tells pulls from live pulls, and joins answers with their requests", () => {
    const classify = classifyFrames()
    const up = (data: string) => classify({ direction: "up", data })
    const down = (data: string) => classify({ direction: "down", data })
    expect(up(encodeFrame({ t: "pull", id: 4, live: true, after: { seqNum: 0 } }))).toEqual({
      operation: "live",
      role: "request",
      id: "4",
    })
    const page = { t: "page", id: 4, live: true, backendId: "b", head: 0, info: { _tag: "NoMore" }, rows: [] } as const
    expect(down(encodeFrame(page))).toEqual({ operation: "live", role: "page", id: "4" })
    up(encodeFrame({ t: "push", id: 5, part: 0, parts: 1, events: 0, rows: [] }))
    const refused = encodeFrame({ t: "refused", id: 5, error: { _tag: "Unavailable", message: "no" } })
    expect(down(refused)).toEqual({ operation: "push", role: "answer", id: "5" })
    expect(down(encodeFrame({ t: "poke", backendId: "b", head: 1 }))).toEqual({ operation: "live", role: "poke" })
    expect(up(pingFrame)).toEqual({ operation: "ping", role: "request" })
  })

  it("calls everything else other", () => {
    expect(classifyFrames()({ direction: "down", data: "<html>" })).toEqual({ operation: "other", role: "other" })
    expect(classifyFrames()({ direction: "up", data: "null" })).toEqual({ operation: "other", role: "other" })
  })
})
