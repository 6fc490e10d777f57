import { describe, expect, it } from "vitest"
import { layOut, shownRecords } from "./layout.ts"
import type { TimelineRecord } from "./timeline-record.ts"

const at = (i: number, k: TimelineRecord["k"], over: Partial<TimelineRecord> = {}): TimelineRecord => ({
  i,
  t: i * 1_000_000,
  k,
  label: "",
  ...over,
})
const invoke = (i: number, client: string, f = "push") => at(i, "invoke", { op: i, client, f })

describe("the layout of a timeline", () => {
  it("draws an operation from its invocation to its end, in its client's lane", () => {
    const { lanes } = layOut(
      [invoke(1, "a"), invoke(2, "b"), at(3, "ok", { op: 1 }), at(4, "refused", { op: 2, label: "ServerAhead" })],
      new Set([3]),
    )
    expect(lanes.map(({ name }) => name)).toEqual(["a", "b"])
    expect(lanes[0]?.bars[0]).toMatchObject({ name: "push", from: 0, to: 2, end: "ok", accused: true })
    expect(lanes[1]?.bars[0]).toMatchObject({ from: 1, to: 3, end: "refused", said: "ServerAhead", accused: false })
  })

  it("gives operations of one client that overlap rows of their own, and reuses a free one", () => {
    const records = [
      invoke(1, "a", "live"),
      invoke(2, "a"),
      at(3, "ok", { op: 2 }),
      invoke(4, "a"),
      at(5, "ok", { op: 4 }),
    ]
    const [lane] = layOut(records, new Set()).lanes
    expect(lane?.bars.map(({ op, row }) => [op, row])).toEqual([
      [1, 0],
      [2, 1],
      [4, 1],
    ])
    expect(lane?.rows).toBe(2)
  })

  it("leaves an operation open that has not ended, to the last column", () => {
    const [lane] = layOut([invoke(1, "a"), at(2, "note"), at(3, "note")], new Set()).lanes
    expect(lane?.bars[0]).toMatchObject({ end: "open", to: 2 })
  })

  it("shows how a stuck operation ended after all, and that it was late", () => {
    const records = [invoke(1, "a"), at(2, "stuck", { op: 1, label: "stuck after 5000 ms" }), at(3, "ok", { op: 1 })]
    expect(layOut(records, new Set()).lanes[0]?.bars[0]).toMatchObject({
      end: "ok",
      to: 2,
      said: "stuck after 5000 ms",
    })
  })

  it("marks pages on their pull, and faults of no client in the backend's lane, which comes last", () => {
    const records = [
      at(1, "process", { label: "kill" }),
      invoke(2, "a", "pull"),
      at(3, "page", { op: 2, label: "1–3" }),
    ]
    const { lanes } = layOut(records, new Set([3]))
    expect(lanes.map(({ name }) => name)).toEqual(["a", "backend"])
    expect(lanes[0]?.bars[0]?.pages).toEqual([{ column: 2, kind: "page", label: "1–3", accused: true }])
    expect(lanes[1]?.marks).toEqual([{ column: 0, kind: "process", label: "kill", accused: false }])
  })

  it("marks where the reader of a pull stops and reads again, within its bar", () => {
    const records = [
      invoke(1, "a", "live"),
      at(2, "paused", { op: 1 }),
      at(3, "resumed", { op: 1 }),
      at(4, "interrupt", { op: 1 }),
      at(5, "interrupted", { op: 1 }),
    ]
    const [lane] = layOut(records, new Set()).lanes
    expect(lane?.bars[0]).toMatchObject({ from: 0, to: 4, end: "interrupted" })
    expect(lane?.marks.map(({ column, kind }) => [column, kind])).toEqual([
      [1, "paused"],
      [2, "resumed"],
      [3, "interrupt"],
    ])
  })

  it("keeps the records around those argued from, and says how many it left out", () => {
    const records = Array.from({ length: 1_000 }, (_, index) => at(index, "note"))
    const { columns, leftOut } = layOut(records, new Set([500]))
    expect(columns).toHaveLength(shownRecords)
    expect(leftOut).toBe(1_000 - shownRecords)
    expect(columns[0]?.i).toBe(500 - shownRecords / 2)
    expect(layOut(records, new Set()).columns.at(-1)?.i).toBe(999)
  })

  it("begins a bar at the edge whose invocation is left out", () => {
    const records = [
      invoke(0, "a"),
      ...Array.from({ length: 600 }, (_, index) => at(index + 1, "note")),
      at(601, "ok", { op: 0 }),
    ]
    const bar = layOut(records, new Set([601])).lanes.find(({ name }) => name === "a")?.bars[0]
    expect(bar).toMatchObject({ begunBefore: true, from: 0, end: "ok" })
  })
})
