import { describe, expect, it } from "vitest"
import { e, es, H, mismatch, namesIn, offline, sentencesIn } from "../h.ts"

const wiped = () => new H().client("a").client("b").filled(1, 3).reads("b", es(1, 3)).life("wipe")
const first = (client: string) => e(1, { clientId: client, args: { mark: `new ${client}` } })

describe("identity-adopted", () => {
  it("acknowledges a push in the new life of a client that knew the old one", () => {
    const h = wiped().acked("b", [first("b")])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's push at 1.500 s was acknowledged with event 1 at 1.600 s; the data was wiped at 1.400 s and client b knew the life before; therefore it took the new identity for the old one.",
      ]
    `)
  })

  it("shows such a client the new life, also an empty one, also without a cursor", () => {
    expect(namesIn(wiped().reads("b", []))).toEqual(["identity-adopted"])
    const h = wiped()
      .client("c")
      .acked("c", [first("c")])
      .reads("b", [first("c")])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 1.800 s gave the new life's log at 1.900 s; the data was wiped at 1.400 s and client b knew the life before; therefore it took the new identity for the old one.",
      ]
    `)
  })

  it("goes over to the new life in an open live pull", () => {
    const news = [1, 2, 3, 4].map((n) => e(n, { clientId: "c", args: { mark: `new c ${n}` } }))
    const h = new H().client("a").client("b").filled(1, 3)
    const live = h.live("b")
    h.page(live, es(1, 3)).life("wipe").client("c").acked("c", news).page(live, news)
    const found = h.verdict().anomalies.find(({ name }) => name === "identity-adopted")
    expect(found?.sentence).toMatchInlineSnapshot(
      `"client b's live pull at 1.000 s gave event 4 at 1.700 s; the event was pushed after the wipe at 1.300 s, and the pull had been reading the life before; therefore it went over to the new life silently."`,
    )
  })

  it("is not a live pull that was opened before the wipe and began to read after it", () => {
    const news = [1, 2, 3, 4].map((n) => e(n, { clientId: "c", args: { mark: `new c ${n}` } }))
    const h = new H().client("a").client("b").filled(1, 3)
    const live = h.live("b")
    h.life("wipe").client("c").acked("c", news).page(live, news.slice(0, 2)).page(live, news.slice(2))
    expect(namesIn(h)).toEqual([])
  })

  it("is not a fresh client, one that lost its memory, or one that was told", () => {
    expect(
      namesIn(
        wiped()
          .client("c")
          .acked("c", [first("c")]),
      ),
    ).toEqual([])
    expect(
      namesIn(
        wiped()
          .client("b", { memory: "fresh" })
          .acked("b", [first("b")]),
      ),
    ).toEqual([])
    expect(
      namesIn(
        wiped()
          .failed("b", [e(4)], mismatch)
          .acked("b", [first("b")]),
      ),
    ).toEqual([])
  })

  it("is not a client that never succeeded in the old life, nor an operation that overlaps the wipe", () => {
    const h = new H()
      .client("a")
      .client("b")
      .filled(1, 1)
      .failed("b", [e(2)], offline)
      .life("wipe")
    expect(namesIn(h.acked("b", [first("b")]))).toEqual([])
    const overlapping = new H().client("b")
    const push = overlapping.push("b", [first("b")])
    overlapping.life("wipe").record.ok(push)
    expect(namesIn(overlapping.reads("b", []))).toEqual([])
  })

  it("is not judged after a restore, or a wipe beneath the running backend", () => {
    expect(namesIn(new H().client("a").filled(1, 3).life("restore", 2).reads("a", es(1, 2)))).toEqual([])
    expect(namesIn(new H().client("a").filled(1, 3).life("wipe-beneath").reads("a", []))).toEqual([])
  })
})

describe("identity-missed", () => {
  it("refuses a client that knew the old life for another reason", () => {
    const h = wiped().ahead("a", [e(4)], 0)
    expect(namesIn(h)).toEqual(["identity-missed"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 1.500 s was refused with ServerAhead with head 0 at 1.600 s; the data was wiped at 1.400 s and client a knew the life before; therefore it had to be refused with BackendIdMismatch.",
      ]
    `)
    const pulls = wiped()
    pulls.record.failed(pulls.pull("b", 3), { _tag: "CursorAhead", cursor: 3, head: 0 })
    expect(namesIn(pulls)).toEqual(["identity-missed"])
  })

  it("is not a mismatch, nor a refusal of the batch itself, nor an indefinite end", () => {
    expect(namesIn(wiped().failed("a", [e(4)], mismatch))).toEqual([])
    expect(namesIn(wiped().failed("a", [e(4), e(4)], { _tag: "InvalidPush", message: "" }))).toEqual([])
    expect(namesIn(wiped().failed("a", [e(4)], offline))).toEqual([])
  })
})

describe("identity-false", () => {
  it("tells of another identity where nothing was wiped", () => {
    const h = new H()
      .client("a")
      .filled(1, 1)
      .failed("a", [e(2)], mismatch)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.500 s was refused with BackendIdMismatch at 0.600 s; the store's data was neither wiped nor restored; therefore no identity had changed.",
      ]
    `)
    const other = new H().client("a").filled(1, 1)
    other.in("t").life("wipe")
    expect(namesIn(other.in("s").failed("a", [e(2)], mismatch))).toEqual(["identity-false"])
  })

  it("tells a fresh client of it after a wipe", () => {
    const h = wiped()
      .client("c")
      .failed("c", [first("c")], mismatch)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client c's push at 1.600 s was refused with BackendIdMismatch at 1.700 s; client c's memory began after the last change of the data, at 1.400 s; therefore no identity had changed.",
      ]
    `)
  })

  it("is not a client with an old memory, an old cursor, or another store's cursor", () => {
    expect(
      namesIn(
        wiped()
          .client("b")
          .failed("b", [first("b")], mismatch),
      ),
    ).toEqual([])
    const cursor = wiped().client("c")
    cursor.record.failed(cursor.pull("c", 3), mismatch)
    expect(namesIn(cursor)).toEqual([])
    const foreign = new H().client("a").filled(1, 1)
    foreign.record.foreignCursor("a")
    foreign.record.failed(foreign.pull("a", 1), mismatch)
    expect(namesIn(foreign)).toEqual([])
  })

  it("is not an operation of an earlier opening that ends after its client has begun anew", () => {
    const h = wiped()
    const pull = h.pull("b")
    h.record.clientEnd("b", "close")
    h.client("b")
    h.record.failed(pull, mismatch)
    expect(namesIn(h)).toEqual([])
  })

  it("is not an operation that overlaps the wipe", () => {
    const h = new H().client("a").filled(1, 1)
    const push = h.push("a", [e(2)])
    h.life("wipe").record.failed(push, mismatch)
    expect(namesIn(h)).toEqual([])
  })
})
