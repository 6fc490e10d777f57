import { describe, expect, it } from "vitest"
import { e, es, H, namesIn, offline, sentencesIn } from "../h.ts"

describe("lost-ack", () => {
  it("is an acknowledged event that is not in storage in the end", () => {
    const h = new H()
      .acked("a", es(1, 2))
      .acked("b", [e(3)])
      .truth(es(1, 2))
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "the log read from storage at 0.600 s has no event 3; the backend had acknowledged 3 to client b at 0.500 s; therefore an acknowledged event was lost.",
      ]
    `)
  })

  it("is one that a fresh client's full pull lacks and nothing shows again", () => {
    const h = new H().filled(1, 3).reads("b", es(1, 2))
    expect(namesIn(h)).toEqual(["lost-ack", "stale-read"])
    expect(sentencesIn(h)[0]).toMatchInlineSnapshot(
      `"client b's pull at 0.900 s returned the whole log without event 3; the backend had acknowledged 3 to client a at 0.700 s; nothing has shown it since; therefore an acknowledged event was lost."`,
    )
  })

  it("is not a pull that was merely behind", () => {
    expect(namesIn(new H().filled(1, 3).reads("b", es(1, 2)).reads("b", es(1, 3)))).toEqual(["stale-read"])
    expect(namesIn(new H().filled(1, 3).reads("b", es(1, 2)).truth(es(1, 3)))).toEqual(["stale-read"])
  })

  it("is not a push that was answered while the log was being read", () => {
    const h = new H().acked("a", [e(1)])
    const pull = h.pull("b")
    h.acked("a", [e(2)]).page(pull, [e(1)])
    h.record.ok(pull)
    h.truth([e(1)], "pull")
    expect(namesIn(h)).toEqual([])
  })

  it("lets an indefinite push be there or not", () => {
    for (const log of [[e(1)], es(1, 2)]) {
      expect(
        namesIn(
          new H()
            .acked("a", [e(1)])
            .failed("a", [e(2)], offline)
            .reads("b", log)
            .truth(log),
        ),
      ).toEqual([])
    }
  })

  it("forgives what was acknowledged past a restored snapshot, and nothing before it", () => {
    const restored = () => new H().filled(1, 3).life("restore", 2)
    expect(namesIn(restored().truth(es(1, 2)))).toEqual([])
    expect(namesIn(restored().truth([e(1)]))).toEqual(["lost-ack"])
  })

  it("starts afresh with a wipe, and lets what overlaps it go either way", () => {
    expect(namesIn(new H().acked("a", es(1, 3)).life("wipe").truth([]))).toEqual([])
    const h = new H()
    const push = h.push("a", [e(1)])
    h.life("wipe")
    h.record.ok(push)
    expect(namesIn(h.truth([]))).toEqual([])
    expect(
      namesIn(
        h
          .client("b")
          .acked("b", [e(1, { clientId: "b" })])
          .truth([]),
      ),
    ).toEqual(["lost-ack"])
  })

  it("holds for what is acknowledged after a wipe beneath the running backend", () => {
    const h = new H()
      .acked("a", es(1, 3))
      .life("wipe-beneath")
      .acked("a", [e(4)])
    expect(namesIn(h.truth([]))).toEqual(["lost-ack"])
  })

  it("judges an acknowledgement that came after the deadline", () => {
    const h = new H()
    const push = h.push("a", [e(1)])
    h.wait(5_000).record.stuck({ op: push, afterMs: 5_000, outstanding: [], frames: [] })
    h.record.ok(push)
    expect(namesIn(h.truth([]))).toEqual(["lost-ack", "stuck"])
  })
})

describe("non-monotonic, in the final log", () => {
  it("is an event that was shown and is gone", () => {
    const h = new H()
      .failed("a", [e(1)], offline)
      .reads("b", [e(1)])
      .truth([])
    expect(namesIn(h)).toEqual(["non-monotonic"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "the log read from storage at 0.700 s has no event 1; client b had been given 1 at 0.500 s; therefore an event that had been shown is gone.",
      ]
    `)
  })

  it("is not one that was gone with its life", () => {
    expect(
      namesIn(
        new H()
          .failed("a", [e(1)], offline)
          .reads("b", [e(1)])
          .life("wipe")
          .truth([]),
      ),
    ).toEqual([])
  })
})
