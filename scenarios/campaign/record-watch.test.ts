import { describe, expect, it } from "vitest"
import type { HistoryRecord } from "../../contract/history.ts"
import { makeRecorder } from "../../history/recorder.ts"
import { RecordWatch } from "./record-watch.ts"

const event = { seqNum: 1, parentSeqNum: 0, name: "e", args: {}, clientId: "a", sessionId: "a" }

const watched = () => {
  let nowMs = 0
  const watch = new RecordWatch(() => nowMs)
  const recorder = makeRecorder({ nowNs: () => nowMs * 1_000_000 })
  recorder.subscribe(watch.see)
  return { watch, recorder, later: (ms: number) => void (nowMs += ms) }
}

describe("reading along with a round", () => {
  it("counts acknowledged pushes, and each pull that delivered something once", () => {
    const { watch, recorder } = watched()
    const push = recorder.invoke({ client: "a", store: "s", f: "push", batch: [event] })
    recorder.ok(push)
    recorder.failed(recorder.invoke({ client: "a", store: "s", f: "push", batch: [event] }), new Error("offline"))
    const item = { events: [{ event, metadata: undefined }], pageInfo: { _tag: "NoMore" } }
    const pull = recorder.invoke({ client: "a", store: "s", f: "pull" })
    recorder.page(pull, item)
    recorder.page(pull, item)
    recorder.ok(pull)
    recorder.ok(recorder.invoke({ client: "a", store: "s", f: "pull" }))
    expect(recorder.records().filter(({ k }: HistoryRecord) => k === "page")).toHaveLength(2)
    expect(watch.operations).toBe(2)
  })

  it("says what is under way and for how long, live pulls left out", () => {
    const { watch, recorder, later } = watched()
    recorder.invoke({ client: "a", store: "s", f: "live" })
    const ping = recorder.invoke({ client: "b", store: "s", f: "ping" })
    recorder.invoke({ client: "a", store: "s", f: "push", batch: [event] })
    later(2_500)
    recorder.ok(ping)
    expect(watch.outstanding()).toEqual(["client a's push, for 2.5 s"])
  })

  it("says which faults stand", () => {
    const { watch, recorder } = watched()
    recorder.fault({ name: "link delay", phase: "on", client: "a" })
    recorder.process({ what: "kill", phase: "start" })
    expect(watch.faults()).toEqual(["link delay", "kill"])
    recorder.fault({ name: "link delay", phase: "off", client: "a" })
    recorder.process({ what: "start", phase: "done" })
    expect(watch.faults()).toEqual([])
  })
})
