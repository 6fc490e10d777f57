import { describe, expect, it } from "vitest"
import { InvalidPush } from "../../../contract/errors.ts"
import { eventBytes, readBatch } from "./batch.ts"

const bounds = { batchEvents: 3, eventBytes: 200 }
const row = (seqNum: unknown, parentSeqNum: unknown, name: unknown = "n") => [seqNum, parentSeqNum, name, "c", "s"]
const read = (rows: ReadonlyArray<ReadonlyArray<unknown>>, args: ReadonlyArray<string | undefined> = []) =>
  readBatch({ rows, args }, bounds)

describe("a batch off the wire", () => {
  it("is read where it is chained, numbers that jump and absent args included", () => {
    const batch = read([row(4, 2), row(9, 4)], [undefined, `{"a":1}`])
    expect(batch).toMatchObject([
      { seqNum: 4, parentSeqNum: 2, args: undefined },
      { seqNum: 9, parentSeqNum: 4, args: `{"a":1}` },
    ])
  })

  it.each([
    ["a zero", [row(0, 0)]],
    ["a negative number", [row(-1, 0)]],
    ["a fraction", [row(1.5, 0)]],
    ["an unsafe number", [row(2 ** 53, 0)]],
    ["a number as text", [row("1", 0)]],
    ["no number", [row(null, 0)]],
    ["a parent that is no number", [row(1, "0")]],
    ["an event on itself", [row(1, 1)]],
    ["an event below its parent", [row(1, 2)]],
    ["a gap in the chain", [row(1, 0), row(3, 2)]],
    ["a repeated number", [row(1, 0), row(1, 0)]],
    ["a descending order", [row(2, 1), row(1, 0)]],
    ["a name that is no text", [row(1, 0, 7)]],
    ["a missing member", [[1, 0, "n", "c"]]],
    ["more events than the bound", [row(1, 0), row(2, 1), row(3, 2), row(4, 3)]],
  ])("is refused with %s", (_what, rows) => {
    expect(read(rows)).toBeInstanceOf(InvalidPush)
  })

  it("is refused with args that are no JSON", () => {
    expect(read([row(1, 0)], ["{"])).toBeInstanceOf(InvalidPush)
  })

  it("measures events as their JSON in bytes, and bounds just that", () => {
    const sized = (length: number) => ({ seqNum: 1, parentSeqNum: 0, name: "é", args: { pad: "ü".repeat(length) } })
    const bytesOf = (length: number) =>
      Buffer.byteLength(JSON.stringify({ ...sized(length), clientId: "c", sessionId: "s" }))
    const length = Math.floor((bounds.eventBytes - bytesOf(0)) / 2)
    const { args, ...rest } = sized(length)
    const event = { ...rest, args: JSON.stringify(args), clientId: "c", sessionId: "s" }
    expect(eventBytes(event)).toBe(bytesOf(length))
    expect(read([row(1, 0, "é")], [event.args])).toHaveLength(1)
    expect(read([row(1, 0, "é")], [JSON.stringify(sized(length + 1).args)])).toBeInstanceOf(InvalidPush)
  })
})
