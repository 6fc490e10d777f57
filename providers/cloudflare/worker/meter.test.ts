import { describe, expect, it } from "vitest"
import { makeMeter } from "./meter.ts"

describe("A meter of an object's costs", () => {
  it("counts the time between two uses of one life whole, and of a sleep only its beginning", () => {
    let nowMs = 0
    const meter = makeMeter(() => nowMs)
    meter.woke()
    nowMs = 30_000
    // Something held it in memory meanwhile.
    meter.request()
    nowMs = 100_000
    meter.woke()
    meter.message()
    nowMs = 104_000
    expect(meter.read(true)).toEqual({
      requests: 1,
      messages: 1,
      wakeUps: 2,
      rowsRead: 0,
      rowsWritten: 0,
      awakeMs: 30_000 + 10_000 + 4_000,
    })
    nowMs = 200_000
    expect(meter.read(false).awakeMs).toBe(50_000)
  })

  it("counts what a cursor has read by the time that somebody asks", () => {
    const meter = makeMeter(() => 0)
    const cursor = { rowsRead: 0, rowsWritten: 2 }
    meter.cursor(cursor)
    cursor.rowsRead = 5
    expect(meter.read(true)).toMatchObject({ rowsRead: 5, rowsWritten: 2 })
    for (let n = 0; n < 250; n++) meter.cursor({ rowsRead: 1, rowsWritten: 0 })
    meter.rows({ rowsRead: 10, rowsWritten: 10 })
    expect(meter.read(true)).toMatchObject({ rowsRead: 265, rowsWritten: 12 })
  })

  it("leaves alone a cursor of a life that is over", () => {
    const meter = makeMeter(() => 0)
    const foreign = {
      get rowsRead(): number {
        throw new Error("cannot be accessed from a different object")
      },
      rowsWritten: 0,
    }
    meter.cursor(foreign)
    meter.woke()
    meter.cursor({ rowsRead: 3, rowsWritten: 1 })
    expect(meter.read(true)).toMatchObject({ rowsRead: 3, rowsWritten: 1 })
    meter.cursor(foreign)
    expect(meter.read(false)).toMatchObject({ rowsRead: 3, rowsWritten: 1 })
  })
})
