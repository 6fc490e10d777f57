import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { LinkCommand } from "./control-wire.ts"
import { remoteLink } from "./remote-link.ts"

const counters = {
  connections: 1,
  refused: 0,
  resets: 0,
  open: 1,
  bytesUp: 10,
  bytesDown: 20,
  framesUp: 1,
  framesDown: 2,
  touched: 1,
}

const link = () => {
  const sent: Array<LinkCommand> = []
  const made = remoteLink({ id: "l", seed: 1, onEvent: () => undefined })
  made.attach({ send: (command) => sent.push(command), settled: Effect.void })
  return { made, sent }
}

describe("a link inside a client object, seen from outside", () => {
  it("passes faults on and shows how often they bit", () => {
    const { made, sent } = link()
    const fault = made.fault({ kind: "refuse" })
    expect(sent).toEqual([{ c: "fault", n: 1, fault: { kind: "refuse" } }])
    made.onReport({ c: "link", counters, bites: [[1, 3]], lastFrames: ["up push request"] })
    expect(fault.bit()).toBe(3)
    expect(made.lastFrames()).toEqual(["up push request"])
    fault.heal()
    fault.heal()
    expect(sent.slice(1)).toEqual([{ c: "heal", n: 1 }])
  })

  it("goes on counting when the object's process begins anew, with nothing open", () => {
    const { made } = link()
    made.onReport({ c: "link", counters, bites: [], lastFrames: [] })
    made.onLost()
    expect(made.counters()).toEqual({ ...counters, open: 0 })
    made.onReport({ c: "link", counters, bites: [], lastFrames: [] })
    expect(made.counters()).toMatchObject({ connections: 2, open: 1, framesDown: 4 })
  })

  it("puts on anew what stands and is not used up", () => {
    const { made } = link()
    const used = { kind: "drop", match: { operation: "push", times: 2 } } as const
    const endless = { kind: "drop", match: { operation: "pull", times: Infinity } } as const
    made.fault(used)
    made.fault(endless)
    made.fault({ kind: "reset" })
    made.fault({ kind: "refuse" }).heal()
    made.onReport({ c: "link", counters, bites: [[1, 1]], lastFrames: [] })
    made.onLost()
    made.cut()
    expect(made.opening()).toEqual([
      { c: "fault", n: 1, fault: { kind: "drop", match: { operation: "push", nth: 1, times: 1 } } },
      { c: "fault", n: 2, fault: { kind: "drop", match: { operation: "pull", times: Number.MAX_SAFE_INTEGER } } },
      { c: "cut" },
    ])
  })
})
