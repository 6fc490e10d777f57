import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, sentencesIn } from "../h.ts"

type Held = Omit<Parameters<H["record"]["replica"]>[0], "client" | "store">

/** A history of three acknowledged events with one replica at its end, held against the log. */
const with3 = (held: Partial<Held>, client = "b"): H => {
  const h = new H().filled(1, 3)
  h.record.replica({ client, store: "s", log: es(1, 3), pending: [], committed: [], ...held })
  return h
}

describe("diverged", () => {
  it("is a client whose log ends before the log does", () => {
    expect(sentencesIn(with3({ log: es(1, 2) }).truth(es(1, 3)))).toMatchInlineSnapshot(`
      [
        "client b's log at 0.800 s ends with event 2; the log read from storage at 0.900 s goes on with event 3; therefore they have diverged.",
      ]
    `)
  })

  it("is a client that has another event at a place, and one that has more than the log", () => {
    const other = [e(1), e(2, { args: { mark: "x" } }), e(3)]
    expect(sentencesIn(with3({ log: other }).truth(es(1, 3)))).toMatchInlineSnapshot(`
      [
        "client b's log at 0.800 s has event 2 at place 2; the log read from storage at 0.900 s has event 2 there, with args {"mark":"m2"} instead of {"mark":"x"}; therefore they have diverged.",
      ]
    `)
    expect(namesIn(with3({ log: es(1, 4) }).truth(es(1, 3)))).toEqual(["diverged"])
  })

  it("is an event that stays pending", () => {
    expect(sentencesIn(with3({ pending: [e(4)], committed: ["m4"] }).truth(es(1, 3)))).toMatchInlineSnapshot(`
      [
        "client b still had event 4 pending at 0.800 s; nothing disturbed it any more and it had been given time; therefore what it committed does not reach the backend.",
      ]
    `)
  })

  it("is a committed event that neither the log nor the client has", () => {
    expect(sentencesIn(with3({ committed: ["m3", "gone"] }).truth(es(1, 3)))).toMatchInlineSnapshot(`
      [
        "client b committed the event marked gone; the log read from storage at 0.900 s does not have it, and the client had nothing like it pending at 0.800 s (1 such events); therefore it was lost on its way.",
      ]
    `)
  })

  it("is two clients that made different things of one log", () => {
    const h = with3({ state: "3 messages" })
    h.record.replica({ client: "c", store: "s", log: es(1, 3), pending: [], committed: [], state: "2 messages" })
    expect(sentencesIn(h.truth(es(1, 3)))).toMatchInlineSnapshot(`
      [
        "client c made 2 messages of its log at 0.900 s; client b made 3 messages of the same log; therefore they have diverged.",
      ]
    `)
  })

  it("is told as a duplicate where the log has a committed event twice", () => {
    const log = [...es(1, 2), e(3, { args: { mark: "m1" } })]
    const h = new H()
    for (const event of log) h.acked("a", [event])
    h.record.replica({ client: "a", store: "s", log, pending: [], committed: ["m1", "m2"] })
    expect(namesIn(h.truth(log))).toEqual(["duplicate"])
  })

  it("is not a client that holds the log and found all that it committed in it", () => {
    expect(
      namesIn(
        with3({ committed: ["m1", "m3"], state: "3" })
          .truth(es(1, 3))
          .truth(es(1, 3), "pull"),
      ),
    ).toEqual([])
  })

  it("is not judged by a log of another life or of another store", () => {
    expect(
      namesIn(
        with3({ log: es(1, 2) })
          .life("wipe")
          .truth([]),
      ),
    ).toEqual([])
    expect(
      namesIn(
        with3({ log: es(1, 2) })
          .in("t")
          .truth([]),
      ),
    ).toEqual([])
  })

  it("is judged by the first log that is read afterwards, and once", () => {
    const h = with3({ log: es(1, 2) })
      .truth(es(1, 3))
      .truth(es(1, 3), "pull")
    expect(h.verdict().found).toBe(1)
  })
})
