import { describe, expect, it } from "vitest"
import { classifyExchanges, classifyFrames } from "./classify.ts"
import { encodeBody } from "./http-wire.ts"
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

describe("exchanges over HTTP", () => {
  const hello = encodeFrame({ t: "hello", version: 1, storeId: "s", clientId: "c", silenceMs: 1 })

  it("are what stands behind the hello, and what the first frame of the answer says", () => {
    const classify = classifyExchanges()
    const up = (...frames: ReadonlyArray<string>) => classify({ direction: "up", data: encodeBody(frames) })
    const down = (data: string) => classify({ direction: "down", data })
    expect(up(hello)).toEqual({ operation: "connect", role: "request" })
    expect(up(hello, encodeFrame({ t: "check", id: 2 }))).toEqual({ operation: "ping", role: "request", id: "2" })
    expect(up(hello, encodeFrame({ t: "push", id: 3, part: 0, parts: 1, events: 0, rows: [] }))).toMatchObject({
      operation: "push",
      role: "request",
    })
    const refused = encodeFrame({ t: "refused", id: 3, error: { _tag: "Unavailable", message: "no" } })
    expect(down(encodeBody([refused]))).toEqual({ operation: "push", role: "answer", id: "3" })
    expect(down("<html>")).toEqual({ operation: "other", role: "other" })
  })

  it("are live when they are held, and their opening is no news", () => {
    const classify = classifyExchanges()
    const watch = encodeFrame({ t: "watch", id: 1, live: 1 })
    expect(classify({ direction: "up", data: encodeBody([hello, watch]) })).toEqual({
      operation: "live",
      role: "request",
    })
    const welcome = encodeFrame({ t: "welcome", version: 1, backendId: "b", head: 0 })
    expect(classify({ direction: "down", data: welcome })).toEqual({ operation: "live", role: "other" })
    const poke = encodeFrame({ t: "poke", backendId: "b", head: 1 })
    expect(classify({ direction: "down", data: poke })).toEqual({ operation: "live", role: "poke" })
  })
})
