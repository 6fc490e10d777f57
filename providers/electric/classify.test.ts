import { describe, expect, it } from "vitest"
import type { Direction, HttpFrame } from "../../contract/frame.ts"
import { classifyRequests } from "./classify.ts"

const key = "0".repeat(64)
const frame = (direction: Direction, path: string, data = "", part: HttpFrame["part"] = "whole") => ({
  direction,
  data,
  http: { part, method: "GET", path: `/v1/stores/${key}/${path}`, header: () => undefined },
})
const row = '{"key":"\\"public\\".\\"log\\"/\\"1\\"","value":{},"headers":{"operation":"insert"}}'

describe("the frames of a connection to the push API", () => {
  it("are what their path says", () => {
    const classify = classifyRequests()
    expect(classify(frame("up", "push"))).toEqual({ operation: "push", role: "request" })
    expect(classify(frame("down", "push"))).toEqual({ operation: "push", role: "answer" })
    expect(classify(frame("up", "connect"))).toEqual({ operation: "connect", role: "request" })
    expect(classify(frame("down", "check"))).toEqual({ operation: "ping", role: "answer" })
    expect(classify(frame("up", "pull/shape?offset=-1"))).toEqual({ operation: "pull", role: "request" })
    expect(classify(frame("down", "pull/shape?offset=-1", `[${row}]`))).toEqual({ operation: "pull", role: "page" })
  })

  it("are news in a stream only where they carry a row", () => {
    const classify = classifyRequests()
    const path = "live/shape?offset=5_0&live=true"
    expect(classify(frame("down", path, "", "head"))).toEqual({ operation: "live", role: "other" })
    expect(classify(frame("down", path, row, "record"))).toEqual({ operation: "live", role: "page" })
    const upToDate = '{"headers":{"control":"up-to-date"}}'
    expect(classify(frame("down", path, upToDate, "record"))).toEqual({ operation: "live", role: "other" })
  })

  it("are nothing where they are not the push API's", () => {
    expect(classifyRequests()({ direction: "down", data: "<html>" })).toEqual({ operation: "other", role: "other" })
  })
})
