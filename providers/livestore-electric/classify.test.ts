import { describe, expect, it } from "vitest"
import type { Frame } from "../../contract/frame.ts"
import { classifyExchanges } from "./classify.ts"

const frame = (direction: Frame["direction"], method: string, path: string, data = ""): Frame => ({
  direction,
  data,
  http: { part: "whole", method, path, header: () => undefined },
})

const pull = (live: boolean): string =>
  `/api/electric?args=${encodeURIComponent(JSON.stringify({ _tag: "@livestore/sync-electric.Pull", storeId: "s", live }))}`

describe("LiveStore's exchanges with its Electric endpoint", () => {
  const classify = classifyExchanges()

  it("are told apart by method, and pulls by whether they are live", () => {
    expect(classify(frame("up", "GET", pull(false)))).toEqual({ operation: "pull", role: "request" })
    expect(classify(frame("up", "GET", pull(true)))).toEqual({ operation: "live", role: "request" })
    expect(classify(frame("up", "POST", "/api/electric"))).toEqual({ operation: "push", role: "request" })
    expect(classify(frame("up", "HEAD", "/api/electric"))).toEqual({ operation: "ping", role: "request" })
  })

  it("have a page where an answer carries rows, and an answer where it does not", () => {
    const rows = `[{"key":"\\"public\\".\\"eventlog_6_s\\"/\\"1\\"","value":{}}]`
    expect(classify(frame("down", "GET", pull(true), rows))).toEqual({ operation: "live", role: "page" })
    expect(classify(frame("down", "GET", pull(false), "[]"))).toEqual({ operation: "pull", role: "answer" })
    expect(classify(frame("down", "POST", "/api/electric", `{"success":true}`))).toEqual({
      operation: "push",
      role: "answer",
    })
  })

  it("take a pull whose arguments cannot be read for what its text says", () => {
    expect(classify(frame("up", "GET", `${pull(true)}%`)).operation).toBe("live")
  })
})
