import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

describe("stale-read", () => {
  it("misses an event that was acknowledged before the pull began", () => {
    const h = new H()
      .acked("a", es(1, 2))
      .acked("a", [e(3)])
      .reads("b", [e(2)], 1)
      .truth(es(1, 3))
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.700 s said NoMore after event 2, without event 3; the backend had acknowledged 3 to client a at 0.500 s, before this pull began; therefore the pull missed an event that was known.",
      ]
    `)
  })

  it("misses an event that was given to anyone, or covered by a named head", () => {
    const given = new H()
      .failed("a", [e(1)], offline)
      .reads("b", [e(1)])
      .reads("c", [])
      .truth([e(1)])
    expect(sentencesIn(given)).toMatchInlineSnapshot(`
      [
        "client c's pull at 0.800 s said NoMore without giving event 1; client b had been given 1 at 0.500 s, before this pull began; therefore the pull missed an event that was known.",
      ]
    `)
    const named = new H()
      .failed("a", [e(1)], offline)
      .ahead("b", [e(1, { clientId: "b" })], 1)
      .reads("b", [])
    expect(sentencesIn(named)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.700 s said NoMore without giving event 1; the backend had named 1 as its head to client b at 0.500 s, before this pull began; therefore the pull missed an event that was known.",
      ]
    `)
  })

  it("is told of a live pull that says NoMore too early", () => {
    const h = new H().filled(1, 2)
    const live = h.live("b")
    expect(namesIn(h.page(live, [e(1)]).page(live, [e(2)]))).toEqual(["stale-read"])
  })

  it("is not a pull that began before the acknowledgement", () => {
    const h = new H().acked("a", [e(1)])
    const push = h.push("a", [e(2)])
    const pull = h.pull("b")
    h.record.ok(push)
    h.page(pull, [e(1)]).record.ok(pull)
    expect(namesIn(h)).toEqual([])
  })

  it("is not a page that says more is coming", () => {
    const h = new H().acked("a", es(1, 3))
    expect(namesIn(h.pulled("b", [{ events: es(1, 2), more: true }, { events: [e(3)] }]))).toEqual([])
  })

  it("is not an indefinite push that nobody has seen", () => {
    expect(
      namesIn(
        new H()
          .failed("a", [e(1)], offline)
          .reads("a", [])
          .reads("a", [e(1)]),
      ),
    ).toEqual([])
  })
})

describe("non-monotonic, within one client", () => {
  it("sees less than before", () => {
    const h = new H().failed("a", es(1, 2), offline).reads("b", es(1, 2)).reads("b", []).truth(es(1, 2))
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.800 s said NoMore without giving event 2; client b had been given 2 at 0.500 s, before this pull began; therefore what this client had seen has shrunk.",
      ]
    `)
  })

  it("is not a client whose memory is fresh, or whose data was wiped", () => {
    const wiped = new H()
      .client("b")
      .failed("a", [e(1)], offline)
      .reads("b", [e(1)])
      .life("wipe")
    expect(namesIn(wiped.client("b", { memory: "fresh" }).reads("b", []))).toEqual([])
  })
})
