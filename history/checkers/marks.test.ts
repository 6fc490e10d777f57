import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

const theirs = e(2, { clientId: "b", args: { mark: "theirs" } })
const rebased = e(3, { args: { mark: "m2" } })

describe("duplicate, by the mark that survives rebases", () => {
  it("is one event at two positions: refused, stored nevertheless, and rebased", () => {
    const h = new H()
      .acked("a", [e(1)])
      .ahead("a", [e(2)], 1)
      .acked("a", [rebased])
      .truth([...es(1, 2), rebased])
    expect(namesIn(h)).toContain("duplicate")
    expect(sentencesIn(h).find((sentence) => sentence.includes("one mark"))).toMatchInlineSnapshot(
      `"the log has event 2 and event 3 with one mark, m2; the log had 2 when it was read past the provider; the backend had acknowledged 3 to client a at 0.700 s; client a pushed that event to one position only once it could no longer be stored at the other; therefore one event is in the log twice."`,
    )
  })

  it("is an indefinite attempt that lands after its place was taken and the client had rebased", () => {
    const late = e(5, { parentSeqNum: 1, args: { mark: "m2" } })
    const h = new H()
      .acked("a", [e(1)])
      .failed("a", [late], offline)
      .acked("b", [theirs])
      .acked("a", [rebased])
    expect(namesIn(h.reads("c", [e(1), theirs, rebased]))).toEqual([])
    expect(namesIn(h.reads("c", [e(1), theirs, rebased, late]))).toEqual(["duplicate", "gap"])
  })

  it("is not an event that was rebased once and stored once", () => {
    const h = new H()
      .acked("a", [e(1)])
      .ahead("a", [e(2)], 1)
      .failed("b", [theirs], offline)
      .acked("a", [rebased])
    expect(namesIn(h.truth([e(1), theirs, rebased]))).not.toContain("duplicate")
  })

  it("is not the client's own doing: it pushed again what could still be stored", () => {
    const h = new H().acked("a", es(1, 2)).acked("a", [e(3, { args: { mark: "m2" } })])
    expect(namesIn(h.truth([...es(1, 2), e(3, { args: { mark: "m2" } })]))).toEqual([])
    const late = e(2, { args: { mark: "m1" } })
    expect(
      namesIn(
        new H()
          .failed("a", [e(1)], offline)
          .failed("a", [late], offline)
          .truth([e(1), late]),
      ),
    ).toEqual([])
  })

  it("is not one mark in two lives", () => {
    const again = e(1, { args: { mark: "m2" } })
    const h = new H().filled(1, 2).truth(es(1, 2)).life("wipe").client("a", { memory: "fresh" }).acked("a", [again])
    expect(namesIn(h.truth([again]))).toEqual([])
  })
})
