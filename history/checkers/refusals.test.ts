import { describe, expect, it } from "vitest"
import { e, es, H, mismatch, namesIn, offline, sentencesIn, serverAhead } from "../h.ts"

const invalid = { _tag: "InvalidPush", message: "no" }
const rejected = { _tag: "PushRejected", reason: "no" }
const payload = { _tag: "PayloadRejected", message: "no" }
const rival = (seqNum: number) => e(seqNum, { clientId: "b", args: { mark: `rival${seqNum}` } })

describe("wrong-refusal with ServerAhead", () => {
  it("refuses a batch whose parent was the head throughout", () => {
    const h = new H().acked("a", [e(1)]).ahead("a", [e(2)], 1)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.400 s of event 2 was refused with ServerAhead with head 1 at 0.500 s; the backend had acknowledged 1 to client a at 0.300 s, and until the refusal nobody else had pushed anything on event 1 that could be stored; therefore the refusal has no reason.",
      ]
    `)
  })

  it("refuses both of two rivals on an empty log", () => {
    const h = new H()
    const [mine, theirs] = [h.push("a", [e(1)]), h.push("b", [rival(1)])]
    h.record.failed(mine, serverAhead(0, 0))
    h.record.failed(theirs, serverAhead(0, 0))
    expect(namesIn(h)).toEqual(["wrong-refusal"])
  })

  it("may be caused by anything that could have been stored meanwhile", () => {
    const pending = new H()
    pending.push("b", [rival(1)])
    expect(namesIn(pending.ahead("a", [e(1)], 1))).toEqual([])
    expect(namesIn(new H().failed("b", [rival(1)], offline).ahead("a", [e(1)], 1))).toEqual([])
    const interrupted = new H()
    const push = interrupted.push("b", [rival(1)])
    interrupted.record.interrupt(push)
    interrupted.record.interrupted(push)
    expect(namesIn(interrupted.ahead("a", [e(1)], 1))).toEqual([])
  })

  it("is right within a batch of which a page showed the first part", () => {
    const h = new H().failed("a", es(1, 2), offline)
    h.page(h.pull("b"), [e(1)], true).ahead("b", [rival(2)], 2)
    expect(namesIn(h)).toEqual([])
  })

  it("is right behind the head", () => {
    expect(
      namesIn(
        new H()
          .acked("a", es(1, 2))
          .ahead("b", [rival(1)], 2)
          .ahead("b", [rival(2)], 2),
      ),
    ).toEqual([])
  })
})

describe("wrong-refusal with other errors", () => {
  it("calls a plain batch invalid", () => {
    const h = new H().acked("a", [e(1)]).failed("a", es(2, 3), invalid)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.400 s of events 2 to 3 was refused with InvalidPush (no) at 0.500 s; the batch is a plain chain on event 1, which is in the log; therefore the refusal has no reason.",
      ]
    `)
  })

  it("may call invalid what is broken, sparse, odd, large, or on a parent that is not there", () => {
    const batches = [
      [e(1), e(1)],
      [e(2, { parentSeqNum: 0 })],
      [e(1, { args: { text: "\u0000" } })],
      [e(1, { args: { text: "\ud800" } })],
      [e(1, { args: { text: "x".repeat(100_000) } })],
      [e(1, { seqNum: 0.5 })],
      [e(9)],
      es(1, 101),
      [],
    ]
    for (const batch of batches) expect(namesIn(new H().failed("a", batch, invalid))).toEqual([])
  })

  it("rejects for the application what the application accepts", () => {
    const h = new H().failed("a", [e(1)], rejected)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.200 s of event 1 was refused with PushRejected (no) at 0.300 s; the application refuses only gauntlet.reject and gauntlet.throw, and the batch has neither; therefore the refusal has no reason.",
      ]
    `)
    for (const name of ["gauntlet.reject", "gauntlet.throw"]) {
      expect(namesIn(new H().failed("a", [e(1), e(2, { name })], rejected))).toEqual([])
    }
  })

  it("rejects a payload that the application accepts", () => {
    const h = new H().client("a").failed("a", [e(1)], payload)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.300 s was refused with PayloadRejected (no) at 0.400 s; the application accepts this client's payload and never revoked it; therefore the refusal has no reason.",
      ]
    `)
  })

  it("may reject a payload that the application refuses, or revokes at any time", () => {
    expect(namesIn(new H().client("a", { rejected: true }).failed("a", [e(1)], payload))).toEqual([])
    const h = new H().client("a").failed("a", [e(1)], payload)
    h.record.revoked("a")
    expect(namesIn(h)).toEqual([])
  })

  it("may refuse a store with an odd name everywhere", () => {
    const h = new H().in("a/b'c")
    expect(
      namesIn(
        h
          .client("a")
          .failed("a", [e(1)], payload)
          .failed("a", [e(1)], invalid),
      ),
    ).toEqual([])
  })

  it("calls a cursor ahead that is not", () => {
    const ahead = (cursor: number) => {
      const h = new H().filled(1, 3)
      h.record.failed(h.pull("b", cursor), { _tag: "CursorAhead", cursor, head: 2 })
      return h
    }
    expect(sentencesIn(ahead(3))).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.800 s was refused with CursorAhead at 0.900 s; its cursor is 3 and the backend had acknowledged 3 to client a at 0.700 s, before it began; therefore the refusal has no reason.",
      ]
    `)
    expect(namesIn(ahead(4))).toEqual([])
  })
})

describe("refused-but-stored", () => {
  it("is an event of a refused push in the log", () => {
    const h = new H().failed("a", [e(1, { name: "gauntlet.reject" })], rejected)
    h.reads("b", [e(1, { name: "gauntlet.reject" })])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b was given event 1 at 0.500 s; client a's push at 0.200 s of it was refused with PushRejected (no) at 0.300 s; no other attempt had pushed it; therefore a push that may store nothing was stored.",
      ]
    `)
  })

  it("is told whether it is shown before the refusal or after it, or read from storage", () => {
    const before = new H()
    const push = before.push("a", es(1, 2))
    before.reads("b", es(1, 2)).record.failed(push, { _tag: "PushRejected", reason: "no" })
    expect(namesIn(before)).toContain("refused-but-stored")
    const stored = new H()
      .acked("a", [e(1)])
      .ahead("b", [rival(2)], 1)
      .truth([e(1), rival(2)])
    expect(namesIn(stored)).toContain("refused-but-stored")
  })

  it("is not an event that is there by another attempt", () => {
    const h = new H()
      .failed("a", [e(1)], offline)
      .ahead("a", [e(1)], 1)
      .reads("b", [e(1)])
      .truth([e(1)])
    expect(namesIn(h)).toEqual([])
  })

  it("is not another event in the place of the refused one", () => {
    expect(
      namesIn(
        new H()
          .acked("a", [e(1)])
          .ahead("b", [rival(1)], 1)
          .reads("b", [e(1)]),
      ),
    ).toEqual([])
  })

  it("holds for whatever a rejected client pushed, however it ended", () => {
    const h = new H()
      .client("a", { rejected: true })
      .failed("a", [e(1)], offline)
      .reads("b", [e(1)])
    expect(namesIn(h)).toEqual(["refused-but-stored"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b was given event 1 at 0.600 s; client a's push at 0.300 s came from a client whose payload the application refuses; no other attempt had pushed it; therefore a push that may store nothing was stored.",
      ]
    `)
    const revoked = new H().client("a").acked("a", [e(1)])
    revoked.record.revoked("a")
    expect(namesIn(revoked.failed("a", [e(2)], payload).reads("b", [e(1)]))).toEqual([])
    expect(namesIn(revoked.reads("b", es(1, 2)))).toEqual(["refused-but-stored"])
  })

  it("is not judged across a wipe", () => {
    const h = new H()
    const push = h.push("a", [e(1)])
    h.life("wipe").record.failed(push, mismatch)
    expect(namesIn(h.reads("b", [e(1)]))).toEqual([])
  })
})

describe("untrue-head", () => {
  it("names a head below what was known", () => {
    const h = new H().filled(1, 3).ahead("b", [rival(1)], 2)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's push at 0.800 s was refused with ServerAhead with head 2 at 0.900 s; the backend had acknowledged 3 to client a at 0.700 s, before the push began; therefore it was not told the head.",
      ]
    `)
  })

  it("names a head that nobody pushed, that was refused, or that lies within a batch", () => {
    expect(sentencesIn(new H().filled(1, 2).ahead("b", [rival(2)], 3))).toMatchInlineSnapshot(`
      [
        "client b's push at 0.600 s was refused with ServerAhead with head 3 at 0.700 s; nobody had pushed an event 3; therefore it was not told the head.",
      ]
    `)
    const refused = new H().filled(1, 2).failed("c", [e(3, { name: "gauntlet.reject" })], rejected)
    expect(sentencesIn(refused.ahead("b", [rival(2)], 3))).toMatchInlineSnapshot(`
      [
        "client b's push at 0.800 s was refused with ServerAhead with head 3 at 0.900 s; every push of an event 3 had been refused; therefore it was not told the head.",
      ]
    `)
    const within = new H().filled(1, 1)
    within.push("c", es(2, 4))
    expect(sentencesIn(within.ahead("b", [rival(1)], 3))).toMatchInlineSnapshot(`
      [
        "client b's push at 0.500 s was refused with ServerAhead with head 3 at 0.600 s; event 3 is never the last of a batch; therefore it was not told the head.",
      ]
    `)
  })

  it("names its own batch, or another parent than the batch's", () => {
    expect(namesIn(new H().filled(1, 2).ahead("b", es(2, 3), 3))).toEqual(["untrue-head"])
    const h = new H().filled(1, 2).failed("b", [rival(2)], serverAhead(2, 2))
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's push at 0.600 s was refused with ServerAhead with head 2 at 0.700 s; it names 2 as the batch's first parent, which is 1; therefore it was not told the head.",
      ]
    `)
  })

  it("may be any head that the log can have had during the call", () => {
    for (const head of [2, 3, 4]) {
      const h = new H().filled(1, 2)
      const late = h.push("b", [rival(2)])
      const pending = h.push("a", [e(3)])
      h.failed("c", [e(4)], offline).record.failed(late, serverAhead(head, 1))
      h.record.ok(pending)
      expect(namesIn(h)).toEqual([])
    }
  })
})
