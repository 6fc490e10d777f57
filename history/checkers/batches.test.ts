import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

describe("torn-batch", () => {
  it("is a part of a batch in the final log", () => {
    const h = new H().failed("a", es(1, 3), offline).truth(es(1, 2))
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "the final log at 0.400 s has event 1 and not event 3; client a pushed events 1 to 3 at 0.200 s as one batch; therefore a batch was stored in part.",
      ]
    `)
  })

  it("is a part of a batch with NoMore behind it, of which the rest never appears", () => {
    const h = new H().failed("a", es(1, 3), offline).reads("b", es(1, 2))
    expect(namesIn(h)).toEqual(["torn-batch"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s said NoMore after event 2; client a pushed events 1 to 3 at 0.200 s as one batch of events 1 to 3; the rest, from event 3, never appeared; therefore a batch was torn.",
      ]
    `)
  })

  it("is a lie about the rest when the rest appears", () => {
    const h = new H().failed("a", es(1, 3), offline).reads("b", es(1, 2)).truth(es(1, 3))
    expect(namesIn(h)).toEqual(["page-info-lie"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s said NoMore after event 2; client a pushed events 1 to 3 at 0.200 s as one batch of events 1 to 3; therefore the log can never have ended there.",
      ]
    `)
  })

  it("is not a page that ends within a batch and says so", () => {
    const h = new H().failed("a", es(1, 3), offline)
    h.pulled("b", [{ events: es(1, 2), more: true }, { events: [e(3)] }]).truth(es(1, 3))
    expect(namesIn(h)).toEqual([])
  })

  it("is not a batch that was being stored while the data was deleted beneath the backend", () => {
    const h = new H()
    const push = h.push("a", es(1, 3))
    h.life("wipe-beneath").record.ok(push)
    expect(namesIn(h.truth(es(2, 3)))).toEqual([])
    expect(namesIn(h.failed("a", es(4, 5), offline).truth(es(2, 4)))).toEqual(["torn-batch"])
    const late = new H()
      .failed("a", [e(1)], offline)
      .life("wipe-beneath")
      .failed("a", es(1, 3), offline)
    expect(namesIn(late.truth([e(1)]))).toEqual([])
  })

  it("lets an indefinite batch be there whole or not at all", () => {
    for (const log of [[], es(1, 3)]) expect(namesIn(new H().failed("a", es(1, 3), offline).truth(log))).toEqual([])
  })

  it("is not a batch that was pushed again in other portions", () => {
    const h = new H().failed("a", es(1, 3), offline).acked("a", es(1, 2)).reads("b", es(1, 2)).truth(es(1, 2))
    expect(namesIn(h)).toEqual([])
  })
})
