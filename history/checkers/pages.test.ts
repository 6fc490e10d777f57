import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

const known = () => new H({ pullPageInfoKnown: true })

describe("page-info-lie, of a pull", () => {
  it("completes without an item, or without NoMore", () => {
    const h = new H()
    h.record.ok(h.pull("a"))
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's pull at 0.200 s completed at 0.300 s without any item; a pull ends with one item that says NoMore; therefore its reader cannot know whether it has everything.",
      ]
    `)
    expect(sentencesIn(new H().filled(1, 2).pulled("b", [{ events: es(1, 2), more: true }]))).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.600 s completed at 0.800 s and its last item did not say NoMore; a pull ends with one item that says NoMore; therefore its reader cannot know whether it has everything.",
      ]
    `)
  })

  it("says NoMore before its last item", () => {
    const h = new H().filled(1, 2).pulled("b", [{ events: es(1, 2) }, { events: [] }])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.800 s gave an item with NoMore; an item before it had said NoMore; therefore NoMore was not the last word.",
      ]
    `)
  })

  it("says MoreUnknown where it declares to know, or that less than one remains", () => {
    expect(
      sentencesIn(
        known()
          .filled(1, 2)
          .pulled("b", [{ events: [e(1)], more: true }, { events: [e(2)] }]),
      ),
    ).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.700 s gave an item with MoreUnknown; the provider declares that it knows the remainder; therefore its declaration does not hold.",
      ]
    `)
    const none = new H().filled(1, 1).pulled("b", [{ events: [e(1)], more: 0 }, { events: [] }])
    expect(sentencesIn(none)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s gave an item with 0 remaining; MoreKnown means at least 1; therefore the item contradicts itself.",
      ]
    `)
  })

  it("counts too few, too many, or fewer than it then gives", () => {
    const after = (remaining: number) =>
      known()
        .filled(1, 4)
        .pulled("b", [{ events: [e(1)], more: remaining }, { events: es(2, 4) }])
    expect(sentencesIn(after(2))).toMatchInlineSnapshot(`
      [
        "client b's pull at 1.100 s said that 2 remain; 3 more were known before it began; therefore the remainder is not true.",
      ]
    `)
    expect(sentencesIn(after(4))).toMatchInlineSnapshot(`
      [
        "client b's pull at 1.100 s said that 4 remain; at most 3 more had been pushed and not refused; therefore the remainder is not true.",
        "client b's pull said at 1.100 s that it comes to 5 events; at 1.200 s it said that it comes to 4; therefore the remainder was not true.",
      ]
    `)
    expect(namesIn(after(3))).toEqual([])
  })

  it("may count what was pushed meanwhile, or may have been", () => {
    for (const remaining of [1, 2, 3]) {
      const h = known()
        .filled(1, 2)
        .failed("a", [e(3)], offline)
      const pull = h.pull("b")
      const push = h.push("a", [e(4)])
      h.page(pull, [e(1)], remaining).page(pull, es(2, 1 + remaining))
      h.record.ok(pull)
      h.record.ok(push)
      expect(namesIn(h)).toEqual([])
    }
  })

  it("counts what a snapshot may hold beyond the head that was read before it was taken", () => {
    const restored = (remaining: number) =>
      known()
        .filled(1, 5)
        .life("restore", 3)
        .pulled("b", [{ events: [e(1)], more: remaining }, { events: es(2, 1 + remaining) }])
    expect(namesIn(restored(2))).toEqual([])
    expect(namesIn(restored(4))).toEqual([])
    expect(namesIn(restored(5))).toContain("page-info-lie")
  })

  it("counts the chain, not the numbers", () => {
    const sparse = [e(10, { parentSeqNum: 0 }), e(20, { parentSeqNum: 10 }), e(35, { parentSeqNum: 20 })]
    const counted = (remaining: number) =>
      known()
        .acked("a", sparse)
        .pulled("b", [{ events: [sparse[1]!], more: remaining }, { events: [sparse[2]!] }], 10)
    expect(namesIn(counted(1))).toEqual([])
    expect(namesIn(counted(15))).toEqual(["page-info-lie"])
  })

  it("is larger than declared, in events or in bytes", () => {
    const many = new H().acked("a", es(1, 60)).acked("a", es(61, 120))
    expect(sentencesIn(many.reads("b", es(1, 120)))).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.700 s gave an item of 120 events; the provider declares at most 100; therefore the page is larger than declared.",
      ]
    `)
    const big = es(1, 2).map((event) => ({ ...event, args: { mark: `m${event.seqNum}`, text: "ü".repeat(30_000) } }))
    expect(sentencesIn(new H().acked("a", big).reads("b", big))).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s gave an item of 120230 bytes; the provider declares at most 100000; therefore the page is larger than declared.",
      ]
    `)
    expect(
      namesIn(new H().acked("a", big).pulled("b", [{ events: [big[0]!], more: true }, { events: [big[1]!] }])),
    ).toEqual([])
  })
})

describe("page-info-lie, of a live pull", () => {
  it("ends by itself with success while its client goes on", () => {
    const h = new H()
    const live = h.live("a")
    h.page(live, []).record.ok(live)
    expect(namesIn(h)).toEqual([])
    h.pull("a")
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's live pull at 0.200 s ended by itself with success; nobody had asked it to, and its client went on with a pull at 0.500 s; therefore it told its reader that no event will ever come.",
      ]
    `)
  })

  it("ends because it was asked to, or with its client", () => {
    const asked = new H()
    const live = asked.live("a")
    asked.page(live, []).record.interrupt(live)
    asked.record.ok(live)
    asked.pull("a")
    expect(namesIn(asked)).toEqual([])
    const closed = new H().client("a")
    const other = closed.live("a")
    closed.record.ok(other)
    closed.record.clientEnd("a", "close")
    closed.client("a").pull("a")
    expect(namesIn(closed)).toEqual([])
  })

  it("says that more is coming, and nothing comes", () => {
    const h = new H().failed("a", [e(1)], offline)
    const live = h.live("b")
    h.page(live, [e(1)], true)
      .wait(2_000)
      .record.interrupt(live)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's live pull at 0.500 s gave an item that says more is coming; nothing came until 2.600 s, longer than 1000 ms; therefore its reader waits for what does not come.",
      ]
    `)
  })

  it("says so again and again on its way to NoMore", () => {
    const h = new H().filled(1, 3)
    const live = h.live("b")
    h.page(live, [e(1)], true)
      .page(live, [e(2)], true)
      .page(live, [e(3)])
      .wait(9_000)
    expect(namesIn(h)).toEqual([])
  })
})
