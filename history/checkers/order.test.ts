import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

const six = () =>
  new H()
    .acked("a", es(1, 5))
    .acked("a", [e(6)])
    .acked("a", [e(7)])

describe("gap", () => {
  it("is an event left out of a pull", () => {
    const h = six().reads("b", [...es(1, 5), e(7)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.900 s returned event 7 without event 6; the backend had acknowledged 6 to client a at 0.500 s; therefore the pull skipped an acknowledged event.",
      ]
    `)
  })

  it("is found across pages, and at the first event of a pull of the whole log", () => {
    expect(namesIn(six().pulled("b", [{ events: es(1, 5), more: true }, { events: [e(7)] }]))).toEqual(["gap"])
    expect(namesIn(six().reads("b", es(2, 7)))).toEqual(["gap"])
  })

  it("is a log that is no chain, as pulled and as stored", () => {
    const h = new H()
    h.acked("a", es(1, 2)).failed("b", [e(4, { parentSeqNum: 1 })], offline)
    h.reads("c", [...es(1, 2), e(4, { parentSeqNum: 1 })]).truth([...es(1, 2), e(4, { parentSeqNum: 1 })])
    expect(namesIn(h)).toEqual(["gap"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client c's pull at 0.700 s returned event 4, which stands on event 1; event 2 had come after event 1 before; therefore the log is not one chain.",
        "the final log at 0.900 s has event 4, which stands on event 1; event 2 comes before it there; therefore the log is not one chain.",
      ]
    `)
  })

  it("is not a log with jumping numbers", () => {
    const sparse = [e(100, { parentSeqNum: 0 }), e(205, { parentSeqNum: 100 })]
    expect(namesIn(new H().acked("a", sparse).reads("b", sparse).reads("b", [sparse[1]!], 100).truth(sparse))).toEqual(
      [],
    )
  })

  it("is not the hole that a wipe beneath the running backend left", () => {
    const h = six()
      .life("wipe-beneath")
      .client("c")
      .acked("c", [e(8)])
      .reads("c", [e(8)])
      .truth([e(8)])
    expect(namesIn(h)).toEqual([])
  })

  it("is not told when the event arrives with altered values: that is corrupted", () => {
    expect(namesIn(six().reads("b", [...es(1, 5), e(6, { parentSeqNum: 4 }), e(7)]))).toEqual(["corrupted"])
  })

  it("is told of a pull that never ended", () => {
    const h = six()
    h.page(h.pull("b"), [...es(1, 5), e(7)], true)
    expect(namesIn(h)).toEqual(["gap"])
  })
})

describe("cursor-skip", () => {
  it("is a pull that begins past the event after its cursor", () => {
    const h = six().reads("b", [e(7)], 5)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull from the cursor at event 5 at 0.900 s returned event 7 without event 6; the backend had acknowledged 6 to client a at 0.500 s; therefore the pull skipped an acknowledged event.",
      ]
    `)
  })

  it("is not a pull from a cursor that this log never had", () => {
    const sparse = [e(10, { parentSeqNum: 0 }), e(20, { parentSeqNum: 10 })]
    expect(namesIn(new H().acked("a", sparse).reads("b", [sparse[1]!], 15))).toEqual([])
    expect(namesIn(new H().acked("a", sparse).reads("b", sparse, 15))).toEqual([])
  })

  it("is not a suffix, at every cursor", () => {
    const h = six()
    for (let cursor = 0; cursor <= 7; cursor++) h.reads("b", cursor === 7 ? [] : es(cursor + 1, 7), cursor)
    expect(namesIn(h)).toEqual([])
  })
})

describe("reordered", () => {
  it("is an event after its successor", () => {
    const h = six().reads("b", [...es(1, 5), e(7), e(6)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.900 s returned event 6; it had already returned event 7 at 0.900 s; therefore it returned events out of order.",
      ]
    `)
  })

  it("is a stored log out of order", () => {
    const h = six().truth([...es(1, 5), e(7), e(6)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "the final log at 0.800 s has event 7, which stands on event 6; event 5 comes before it there; therefore the log is out of order.",
      ]
    `)
  })
})

describe("duplicate, within one pull", () => {
  it("is an event given twice", () => {
    const h = six().pulled("b", [{ events: es(1, 6), more: true }, { events: es(6, 7) }])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 1.000 s returned event 6; it had already returned up to event 6; therefore it returned an event twice.",
      ]
    `)
  })

  it("is the event that the cursor stands on", () => {
    const h = six().reads("b", es(5, 7), 5)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.900 s returned event 5; it had begun after event 5; therefore it repeated what its reader has.",
      ]
    `)
  })

  it("is an event twice in the stored log", () => {
    expect(namesIn(six().truth([...es(1, 6), e(6), e(7)]))).toEqual(["duplicate"])
  })

  it("is not the same event in two pulls", () => {
    expect(namesIn(six().reads("b", es(1, 7)).reads("b", es(1, 7)).reads("b", es(6, 7), 5))).toEqual([])
  })
})

describe("live-join", () => {
  it("is an event lost where history goes over to live", () => {
    const h = new H().acked("a", es(1, 3))
    const live = h.live("b")
    h.page(live, es(1, 3))
      .acked("a", [e(4)])
      .acked("a", [e(5)])
      .page(live, [e(5)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's live pull at 1.000 s returned event 5 without event 4; the backend had acknowledged 4 to client a at 0.700 s; therefore it lost an event where history goes over to live.",
      ]
    `)
  })

  it("is an event repeated or out of order there", () => {
    for (const late of [[e(4)], [e(3), e(4)]]) {
      const h = new H().acked("a", es(1, 2))
      const live = h.live("b")
      h.acked("a", [e(3)]).acked("a", [e(4)])
      h.page(live, [...es(1, 2), e(4)], true).page(live, late)
      expect(namesIn(h)).toEqual(["live-join"])
    }
    const h = new H().acked("a", es(1, 2))
    const live = h.live("b")
    h.page(live, es(1, 2)).page(live, [e(2)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's live pull at 0.600 s returned event 2; it had already returned up to event 2; therefore it repeated an event where history goes over to live.",
      ]
    `)
  })

  it("is not what a live pull does wrong later", () => {
    const h = new H()
    const live = h.live("b")
    h.page(live, [])
      .acked("a", [e(1)])
      .page(live, [e(1)])
      .acked("a", [e(2)])
      .acked("a", [e(3)])
    expect(namesIn(h.page(live, [e(3)]))).toEqual(["gap"])
  })

  it("is not a clean hand-over under writes", () => {
    const h = new H().acked("a", es(1, 2))
    const live = h.live("b")
    const push = h.push("a", [e(3)])
    h.page(live, es(1, 2), true).page(live, [e(3)])
    h.record.ok(push)
    h.acked("a", [e(4)]).page(live, [e(4)])
    expect(namesIn(h)).toEqual([])
  })
})
