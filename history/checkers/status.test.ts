import { describe, expect, it } from "vitest"
import { e, H, namesIn, offline, sentencesIn } from "../h.ts"

const opened = (connected: boolean) => {
  const h = new H().client("a")
  h.record.ok(h.record.invoke({ client: "a", store: "s", f: "connect" }))
  h.record.status("a", connected)
  return h
}

describe("status-lie", () => {
  it("stays connected while everything fails", () => {
    const h = opened(true)
    for (let n = 0; n < 3; n++) h.failed("a", [e(1)], offline).wait(1_000)
    expect(sentencesIn(h.failed("a", [e(1)], offline))).toMatchInlineSnapshot(`
      [
        "client a's isConnected has been true since 0.500 s; from 0.700 s to 3.100 s its last 3 pushes and pulls all failed; therefore it has not told the truth for longer than 2000 ms.",
      ]
    `)
  })

  it("stays disconnected while everything succeeds", () => {
    const h = opened(false)
    for (let n = 1; n < 5; n++) h.acked("a", [e(n)]).wait(1_000)
    expect(sentencesIn(h.ahead("a", [e(2)], 4))).toMatchInlineSnapshot(`
      [
        "client a's isConnected has been false since 0.500 s; from 0.700 s to 4.300 s its last 4 pushes and pulls all succeeded; therefore it has not told the truth for longer than 3000 ms.",
      ]
    `)
  })

  it("is not a change within the time, or a success in between", () => {
    const changes = opened(true)
    for (let n = 0; n < 3; n++) changes.failed("a", [e(1)], offline).wait(500)
    changes.record.status("a", false)
    expect(namesIn(changes.wait(5_000).failed("a", [e(1)], offline))).toEqual([])
    const flapping = opened(true)
    for (let n = 0; n < 4; n++)
      flapping
        .failed("a", [e(1)], offline)
        .reads("a", [])
        .wait(1_000)
    expect(namesIn(flapping)).toEqual([])
  })

  it("is not two failures far apart, nor errors that say nothing of the link", () => {
    expect(
      namesIn(
        opened(true)
          .failed("a", [e(1)], offline)
          .wait(9_000)
          .failed("a", [e(1)], offline),
      ),
    ).toEqual([])
    const unknown = opened(true)
    for (let n = 0; n < 9; n++) unknown.failed("a", [e(1)], { _tag: "UnknownError", message: "" }).wait(1_000)
    expect(namesIn(unknown)).toEqual([])
  })

  it("is not a failing database behind a sound link", () => {
    const h = opened(true)
    h.record.fault({ name: "storage outage", phase: "on", store: "s" })
    for (let n = 0; n < 9; n++) h.failed("a", [e(1)], offline).wait(1_000)
    expect(namesIn(h)).toEqual([])
  })

  it("is not a client that never connected", () => {
    const h = new H().client("a")
    h.record.status("a", false)
    for (let n = 1; n < 9; n++) h.acked("a", [e(n)]).wait(1_000)
    expect(namesIn(h)).toEqual([])
  })

  it("is not judged of a client with two stores open: its status is two", () => {
    const h = opened(false)
    h.in("t").client("a")
    h.in("s")
    for (let n = 1; n < 9; n++) h.acked("a", [e(n)]).wait(1_000)
    expect(namesIn(h)).toEqual([])
  })
})
