import { describe, expect, it } from "vitest"
import { declared, e, es, H, namesIn, offline, sentencesIn } from "../h.ts"
import { judge } from "../judge.ts"
import { makeRecorder } from "../recorder.ts"

/** A live pull that has caught up with one event, and a second event that it is not given. */
const silent = () => {
  const h = new H().client("b").filled(1, 1)
  const live = h.live("b")
  h.page(live, [e(1)]).acked("a", [e(2)])
  return { h, live }
}

describe("silent-live", () => {
  it("is a live pull that never gives what was acknowledged", () => {
    const { h, live } = silent()
    h.wait(2_000).record.interrupt(live)
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's live pull, open since 0.500 s, had given nothing after event 1 by 2.900 s; the backend had acknowledged event 2 to client a at 0.800 s; therefore it kept silent for longer than 1000 ms.",
      ]
    `)
  })

  it("is told at the end of the history, of its client, or of the life", () => {
    expect(namesIn(silent().h.wait(2_000).truth(es(1, 2)))).toEqual(["silent-live"])
    const closed = silent().h.wait(2_000)
    closed.record.clientEnd("b", "close")
    expect(namesIn(closed)).toEqual(["silent-live"])
    expect(namesIn(silent().h.wait(2_000).life("wipe"))).toEqual(["silent-live"])
  })

  it("is not one that ends before the delivery time is over, or fails", () => {
    const soon = silent()
    soon.h.wait(500).record.interrupt(soon.live)
    expect(namesIn(soon.h.wait(9_000))).toEqual([])
    const failed = silent()
    failed.h.wait(2_000).record.failed(failed.live, offline)
    expect(namesIn(failed.h)).toEqual([])
  })

  it("is not one that was given everything, however late", () => {
    const { h, live } = silent()
    expect(
      namesIn(
        h
          .wait(8_000)
          .page(live, [e(2)])
          .wait(9_000),
      ),
    ).toEqual([])
  })

  it("is not one that misses only what was not acknowledged", () => {
    const h = new H()
    h.page(h.live("b"), []).failed("a", [e(1)], offline)
    expect(namesIn(h.wait(9_000))).toEqual([])
  })

  it("is not one whose reader has stopped reading", () => {
    const { h, live } = silent()
    h.record.paused(live)
    expect(namesIn(h.wait(9_000))).toEqual([])
  })

  it("is not judged while a fault of its link stands, nor until it had the time to recover", () => {
    const { h, live } = silent()
    h.record.fault({ name: "link half-open", phase: "on", client: "b" })
    h.wait(9_000).record.fault({ name: "link half-open", phase: "off", client: "b" })
    h.wait(3_500).record.interrupt(live)
    expect(namesIn(h)).toEqual([])
    const late = silent()
    late.h.record.fault({ name: "link half-open", phase: "on", client: "b" })
    late.h.record.fault({ name: "link half-open", phase: "off", client: "b" })
    late.h.wait(4_500).record.interrupt(late.live)
    expect(namesIn(late.h)).toEqual(["silent-live"])
  })

  it("is given that time after a fault that was over in the very instant in which everything began", () => {
    const after = (waitedMs: number) => {
      let nowMs = 0
      const record = makeRecorder({ nowNs: () => nowMs * 1e6 })
      record.begin(declared)
      record.fault({ name: "link drop", phase: "on", client: "b" })
      const live = record.invoke({ client: "b", store: "s", f: "live" })
      record.fault({ name: "link drop", phase: "off", client: "b" })
      record.ok(record.invoke({ client: "a", store: "s", f: "push", batch: [e(1)] }))
      nowMs = waitedMs
      record.interrupt(live)
      return judge(record.records()).anomalies.map(({ name }) => name)
    }
    expect(after(4_000)).toEqual([])
    expect(after(4_001)).toEqual(["silent-live"])
  })

  it("is judged while another client's link is at fault", () => {
    const { h } = silent()
    h.record.fault({ name: "link half-open", phase: "on", client: "a" })
    expect(namesIn(h.wait(2_000).truth(es(1, 2)))).toEqual(["silent-live"])
  })

  it("is not judged while the backend is down", () => {
    const { h } = silent()
    h.record.process({ what: "kill", phase: "start" })
    h.record.process({ what: "kill", phase: "done" })
    expect(namesIn(h.wait(9_000).truth(es(1, 2)))).toEqual([])
    h.record.process({ what: "start", phase: "start" })
    h.record.process({ what: "start", phase: "done" })
    expect(namesIn(h.wait(5_000).truth(es(1, 2)))).toEqual(["silent-live"])
  })

  it("is not judged where the harness lagged", () => {
    const { h } = silent()
    h.record.lag(501)
    const verdict = h.wait(2_000).truth(es(1, 2)).verdict()
    expect(verdict).toMatchObject({ found: 0, anomalies: [] })
    expect(verdict.unjudged).toMatchInlineSnapshot(
      `"the harness itself lagged by 501 ms at 0.900 s, so nothing is said about time"`,
    )
  })
})
