import { describe, expect, it } from "vitest"
import { MockStorage, StorageFailure } from "./storage.ts"
import { rowsUpTo, storageSeams } from "./store-data.ts"
import { rootDigest, storedBatch } from "./stored-event.ts"

const batch = (numbers: ReadonlyArray<number>, parent = 0) => {
  let before = parent
  const events = numbers.map((seqNum) => {
    const event = { seqNum, parentSeqNum: before, name: "n", clientId: "c", sessionId: "s" }
    before = seqNum
    return event
  })
  return { rows: storedBatch(events, rootDigest), head: before }
}

const filled = () => {
  const storage = new MockStorage(1, storageSeams)
  const id = storage.identity("s")
  storage.write("s", id, batch([1, 2, 100]))
  storage.flush("s")
  return { storage, id }
}

describe("MockStorage", () => {
  it("finds a position, and says that there is none in a gap", () => {
    const { storage } = filled()
    const data = storage.read("s")
    expect([0, 1, 2, 100].map((at) => rowsUpTo(data, at))).toEqual([0, 1, 2, 3])
    expect([3, 99, 101].map((at) => rowsUpTo(data, at))).toEqual([undefined, undefined, undefined])
  })

  it("keeps what was not flushed when the process ends alone, and loses it, and nothing else, with the power", () => {
    const { storage, id } = filled()
    storage.write("s", id, batch([101], 100))
    storage.processEnded()
    expect(storage.read("s").rows.length).toBe(4)
    const fault = storage.fault("s", { kind: "unsynced" })
    storage.processEnded()
    expect(fault.bit()).toBe(1)
    expect(storage.read("s")).toMatchObject({ head: 100, backendId: id })
    expect(storage.read("s").rows.map(({ seqNum }) => seqNum)).toEqual([1, 2, 100])
  })

  it("fails the nth writing statement once and changes nothing by it", () => {
    const { storage, id } = filled()
    storage.data("s").failIn = 2
    expect(storage.write("s", id, batch([101], 100))).toBe(true)
    expect(() => storage.write("s", id, batch([102], 101))).toThrow(StorageFailure)
    expect(storage.read("s").head).toBe(101)
    expect(storage.write("s", id, batch([102], 101))).toBe(true)
    expect(storage.data("s").bit).toBe(1)
  })

  it("refuses every statement during an outage, of that store alone", () => {
    const { storage } = filled()
    storage.data("s").outages = 1
    expect(() => storage.read("s")).toThrow(StorageFailure)
    expect(() => storage.identity("s")).toThrow(StorageFailure)
    expect(storage.identity("other")).toMatch(/^mock-/)
  })

  it("gives each life an identity of its own, the same under the same seed", () => {
    const lives = (seed: number) => {
      const storage = new MockStorage(seed, storageSeams)
      const first = storage.identity("s")
      storage.wipe("s")
      return [first, storage.identity("s"), storage.identity("other")]
    }
    expect(lives(1)).toEqual(lives(1))
    expect(new Set([...lives(1), ...lives(2)]).size).toBe(6)
  })

  it("writes nothing into another life than the one that was meant", () => {
    const { storage, id } = filled()
    storage.wipe("s")
    expect(storage.write("s", id, batch([101], 100))).toBe(false)
    expect(storage.read("s")).toMatchObject({ head: 0, rows: [] })
  })

  it("puts a snapshot back as another life", () => {
    const { storage, id } = filled()
    const taken = storage.snapshot("s")
    storage.write("s", id, batch([101], 100))
    storage.restore("s", taken)
    expect(storage.read("s").head).toBe(100)
    expect(storage.identity("s")).not.toBe(id)
    storage.write("s", storage.identity("s"), batch([200], 100))
    storage.restore("s", taken)
    expect(storage.read("s").rows.length).toBe(3)
  })
})
