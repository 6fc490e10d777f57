import { describe, expect, it } from "vitest"
import { e, H, namesIn, offline, sentencesIn } from "../h.ts"

const stuck = (h: H, op: number, outstanding: ReadonlyArray<string> = []) =>
  h.record.stuck({ op, afterMs: 5_000, outstanding, frames: [] })

const linkFault = (h: H, phase: "on" | "off") => h.record.fault({ name: "link drop", phase, client: "a" })

describe("stuck", () => {
  it("is an operation that had not ended at its deadline", () => {
    const h = new H()
    const push = h.push("a", [e(1)])
    stuck(h.wait(4_900), push, ["a push of 1"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.200 s had not ended at 5.200 s; 5000 ms had passed; it was waiting for a push of 1; therefore it did not settle within 5000 ms.",
      ]
    `)
  })

  it("stays stuck when it ends late", () => {
    const h = new H()
    const pull = h.pull("a")
    stuck(h.wait(4_900), pull)
    h.page(pull, []).record.ok(pull)
    expect(namesIn(h)).toEqual(["stuck"])
  })

  it("is not said of what a fault has met, while that stands", () => {
    const h = new H()
    const push = h.push("a", [e(1)])
    linkFault(h, "on")
    stuck(h.wait(4_900), push)
    expect(namesIn(h.wait(90_000).truth([]))).toEqual([])
  })

  it("gives an operation the deadline from the end of a fault", () => {
    for (const [afterMs, names] of [
      [4_000, []],
      [6_000, ["stuck"]],
    ] as const) {
      const h = new H()
      const push = h.push("a", [e(1)])
      linkFault(h, "on")
      stuck(h.wait(4_900), push)
      linkFault(h, "off")
      h.wait(afterMs).record.failed(push, offline)
      expect(namesIn(h)).toEqual(names)
    }
  })

  it("is not said of a live pull whose reader stands still, and counts from when it reads again", () => {
    for (const [afterMs, names] of [
      [4_000, []],
      [6_000, ["stuck"]],
    ] as const) {
      const h = new H()
      const live = h.live("a")
      h.record.paused(live)
      stuck(h.wait(4_900), live)
      h.record.resumed(live)
      h.wait(afterMs).page(live, [])
      expect(namesIn(h.wait(90_000).truth([]))).toEqual(names)
    }
    const still = new H()
    const live = still.live("a")
    still.record.paused(live)
    stuck(still.wait(4_900), live)
    expect(namesIn(still.wait(90_000).truth([]))).toEqual([])
  })

  it("is over for a live pull that has caught up after the fault: it has no end", () => {
    const h = new H()
    const live = h.live("a")
    linkFault(h, "on")
    stuck(h.wait(4_900), live)
    linkFault(h, "off")
    h.page(live, [])
    expect(namesIn(h.wait(90_000).truth([]))).toEqual([])
  })

  it("is not said of a client that was closed or crashed meanwhile", () => {
    const h = new H().client("a")
    const push = h.push("a", [e(1)])
    linkFault(h, "on")
    stuck(h.wait(4_900), push)
    linkFault(h, "off")
    h.record.clientEnd("a", "crash")
    expect(namesIn(h.wait(90_000).truth([]))).toEqual([])
  })

  it("is not said of what a client had asked before it crashed, and of what it asks once it is back", () => {
    const h = new H().client("a")
    const live = h.live("a")
    h.record.clientEnd("a", "crash")
    stuck(h.wait(4_900), live)
    expect(namesIn(h)).toEqual([])
    h.client("a")
    stuck(h.wait(4_900), h.push("a", [e(1)]))
    expect(namesIn(h)).toEqual(["stuck"])
  })

  it("is not judged where the harness lagged", () => {
    const h = new H()
    stuck(h, h.push("a", [e(1)]))
    h.record.lag(600)
    expect(h.verdict()).toMatchObject({ found: 0, anomalies: [] })
    expect(h.verdict().unjudged).toContain("lagged by 600 ms")
  })
})

describe("defect", () => {
  it("is anything thrown, in an operation, in a client, or outside", () => {
    const h = new H()
    const push = h.push("a", [e(1)])
    h.record.defect(new Error("boom"), { op: push })
    h.record.defect("bang", { client: "b" })
    h.record.defect(undefined)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.200 s threw at 0.300 s: boom; errors are typed, and nothing else may be thrown; therefore this is a defect.",
        "client b threw at 0.400 s: bang; errors are typed, and nothing else may be thrown; therefore this is a defect.",
        "something outside any operation threw at 0.500 s: undefined; errors are typed, and nothing else may be thrown; therefore this is a defect.",
      ]
    `)
  })

  it("ends its operation, which may have stored its batch or not", () => {
    const h = new H()
    h.record.defect(new Error("boom"), { op: h.push("a", [e(1)]) })
    h.acked("b", [e(2, { clientId: "b" })])
    expect(namesIn(h.truth([e(1), e(2, { clientId: "b" })]))).toEqual(["defect"])
  })

  it("is an item that is no item", () => {
    const h = new H()
    h.record.page(h.pull("a"), { events: "many" })
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's pull at 0.200 s threw at 0.300 s: the pull gave an item without events: "many"; errors are typed, and nothing else may be thrown; therefore this is a defect.",
      ]
    `)
  })
})
