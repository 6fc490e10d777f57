import { describe, expect, it } from "vitest"
import type { EventEncoded } from "../../contract/event.ts"
import { rebased, standsOn } from "./rebase.ts"
import { sameEvent } from "./same-event.ts"

const event: EventEncoded = {
  seqNum: 4,
  parentSeqNum: 3,
  name: "n",
  args: { mark: "m", list: [{ b: 1, a: 2 }] },
  clientId: "c",
  sessionId: "s",
}

describe("a pending event and the one that is pulled", () => {
  it("are the same whatever order the keys of their arguments have", () => {
    expect(sameEvent(event, { ...event, args: { list: [{ a: 2, b: 1 }], mark: "m" } })).toBe(true)
  })

  it("are the same, or not, by each member where none of them is an object", () => {
    const args = { mark: "m", n: 1, on: true, text: "x" }
    const flat = { ...event, args }
    expect(sameEvent(flat, { ...event, args: { ...args } })).toBe(true)
    expect(sameEvent(flat, { ...event, args: { text: "x", on: true, n: 1, mark: "m" } })).toBe(true)
    for (const other of [
      { ...args, n: 2 },
      { ...args, more: 1 },
      { mark: "m", n: 1, on: true },
    ]) {
      expect(sameEvent(flat, { ...event, args: other })).toBe(false)
      expect(sameEvent({ ...event, args: other }, flat)).toBe(false)
    }
  })

  it("differ in any other field, and in the order of a list", () => {
    const others: ReadonlyArray<Partial<EventEncoded>> = [
      { seqNum: 5 },
      { parentSeqNum: 2 },
      { name: "o" },
      { clientId: "d" },
      { sessionId: "t" },
      { args: { mark: "m", list: [] } },
      { args: [1, 2] },
    ]
    for (const other of others) expect(sameEvent(event, { ...event, ...other })).toBe(false)
  })
})

describe("a rebase", () => {
  it("changes the numbers of events and nothing else", () => {
    const moved = rebased([event, { ...event, seqNum: 5, parentSeqNum: 4 }], 9)
    expect(moved).toEqual([
      { ...event, seqNum: 10, parentSeqNum: 9 },
      { ...event, seqNum: 11, parentSeqNum: 10 },
    ])
    expect(standsOn(moved, 9)).toBe(true)
    expect(standsOn(moved, 8)).toBe(false)
  })
})
