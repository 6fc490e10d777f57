import { describe, expect, it } from "vitest"
import { makeRecorder } from "../history/recorder.ts"
import { e } from "../history/h.ts"
import { statesOf } from "./states.ts"

const store = "s"

const recorder = () => {
  let nowNs = 0
  return makeRecorder({ nowNs: () => (nowNs += 1_000_000) })
}

describe("states of interest", () => {
  it("are two pushes under way on one parent, and the refusal of one", () => {
    const record = recorder()
    const first = record.invoke({ client: "a", store, f: "push", batch: [e(1)] })
    const second = record.invoke({ client: "b", store, f: "push", batch: [e(1, { clientId: "b" })] })
    record.ok(first)
    record.failed(second, { _tag: "ServerAhead", head: 1, providedParent: 0 })
    expect(statesOf(record.records())).toEqual(
      new Set(["two pushes under way on one parent", "a push refused with ServerAhead"]),
    )
  })

  it("are indefinite pushes, told apart by the final log", () => {
    const record = recorder()
    const landed = record.invoke({ client: "a", store, f: "push", batch: [e(1)] })
    record.failed(landed, { _tag: "IsOffline", message: "" })
    const lost = record.invoke({ client: "a", store, f: "push", batch: [e(2)] })
    record.failed(lost, { _tag: "IsOffline", message: "" })
    record.truth(store, "inspect", [e(1)])
    expect(statesOf(record.records())).toEqual(
      new Set(["an indefinite push that is in the log", "an indefinite push that is not in the log"]),
    )
  })

  it("are none in pushes one after another", () => {
    const record = recorder()
    for (const n of [1, 2, 3]) record.ok(record.invoke({ client: "a", store, f: "push", batch: [e(n)] }))
    expect(statesOf(record.records()).size).toBe(0)
  })

  it("are a client that crashes while it pushes, and a reader that goes on after it stood still", () => {
    const record = recorder()
    const live = record.invoke({ client: "b", store, f: "live" })
    record.paused(live)
    record.invoke({ client: "a", store, f: "push", batch: [e(1)] })
    record.clientEnd("a", "crash")
    record.resumed(live)
    record.page(live, { events: [{ event: e(1) }], pageInfo: { _tag: "NoMore" } })
    expect(statesOf(record.records())).toEqual(
      new Set(["a client that crashed with a push under way", "a slow reader that was given more"]),
    )
  })
})
