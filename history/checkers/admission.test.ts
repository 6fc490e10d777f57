import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

const rival = (seqNum: number, parentSeqNum = seqNum - 1) =>
  e(seqNum, { parentSeqNum, clientId: "b", args: { mark: `rival${seqNum}` } })

describe("stale-parent-accepted", () => {
  it("acknowledges a batch behind the head", () => {
    const h = new H().acked("a", es(1, 2)).acked("b", [rival(3, 1)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's push at 0.500 s was acknowledged with event 3 on event 1; the backend had acknowledged 2 to client a at 0.300 s, before the push began; therefore a batch was accepted that never stood on the head.",
      ]
    `)
  })

  it("acknowledges a batch on a position that cannot be", () => {
    const h = new H().acked("a", [e(1)]).acked("b", [rival(6)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's push at 0.500 s was acknowledged with event 6 on event 5; no batch that could be in the log ends with event 5; therefore a batch was accepted that never stood on the head.",
      ]
    `)
  })

  it("is not a batch on what an indefinite push may have stored", () => {
    expect(
      namesIn(
        new H()
          .failed("a", [e(1)], offline)
          .acked("b", [rival(2)])
          .truth([e(1), rival(2)]),
      ),
    ).toEqual([])
  })

  it("is not an accepted batch that is acknowledged again as the same", () => {
    expect(
      namesIn(
        new H()
          .acked("a", es(1, 2))
          .acked("a", [e(3)])
          .acked("a", es(1, 2))
          .truth(es(1, 3)),
      ),
    ).toEqual([])
  })

  it("is another batch in place of an accepted one", () => {
    const h = new H().acked("a", es(1, 2)).acked("a", [e(1), e(2, { args: { mark: "other" } })])
    expect(namesIn(h)).toEqual(["fork", "double-winner", "stale-parent-accepted"])
  })

  it("is not one that was known only after the push began", () => {
    const h = new H()
    const mine = h.push("a", [e(1)])
    const theirs = h.push("b", [rival(2)])
    h.record.ok(mine)
    h.record.ok(theirs)
    expect(namesIn(h.truth([e(1), rival(2)]))).toEqual([])
  })
})

describe("double-winner", () => {
  it("acknowledges two batches on one parent", () => {
    const h = new H()
    const mine = h.push("a", [e(1)])
    const theirs = h.push("b", [rival(5, 0)])
    h.record.ok(mine)
    h.record.ok(theirs)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's push at 0.500 s was acknowledged with event 5 on the root; client a's event 1 on the same parent had been acknowledged at 0.400 s; therefore two batches won one parent.",
      ]
    `)
  })

  it("is not one winner and one loser, nor one winner in each life", () => {
    expect(namesIn(new H().acked("a", [e(1)]).ahead("b", [rival(1)], 1))).toEqual([])
    expect(
      namesIn(
        new H()
          .acked("a", [e(1)])
          .life("wipe")
          .client("b")
          .acked("b", [rival(1)]),
      ),
    ).toEqual([])
  })

  it("is not an indefinite push beside an acknowledged one", () => {
    expect(
      namesIn(
        new H()
          .failed("a", [e(1)], offline)
          .acked("b", [rival(1)])
          .truth([rival(1)]),
      ),
    ).toEqual([])
  })
})
