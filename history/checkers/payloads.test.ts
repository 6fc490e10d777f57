import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, sentencesIn } from "../h.ts"

describe("payload-bleed", () => {
  it("shows events to a client whose payload is refused", () => {
    const h = new H()
      .filled(1, 1)
      .client("b", { rejected: true })
      .reads("b", [e(1)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.600 s was given event 1; the application refuses this client's payload; therefore events were shown without permission.",
      ]
    `)
  })

  it("goes on with a live pull after its payload was revoked", () => {
    const h = new H().filled(1, 1).client("b")
    const live = h.live("b")
    h.page(live, [e(1)]).record.revoked("b")
    h.acked("a", [e(2)]).page(live, [e(2)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's live pull at 1.000 s was given event 2; client a pushed event 2 at 0.800 s, after this client's payload had been revoked; therefore events were shown without permission.",
      ]
    `)
  })

  it("is not what was pushed before the revocation", () => {
    const h = new H().client("b")
    const live = h.live("b")
    h.page(live, []).filled(1, 1).record.revoked("b")
    expect(namesIn(h.page(live, [e(1)]))).toEqual([])
  })

  it("is not another client, nor the same one opened again with a good payload", () => {
    const h = new H().filled(1, 2).client("b", { rejected: true }).client("c").reads("c", es(1, 2))
    expect(namesIn(h.client("b").reads("b", es(1, 2)))).toEqual([])
  })
})
