import { Option } from "effect"
import { describe, expect, it } from "vitest"
import type { EventEncoded } from "../../contract/event.ts"
import { makeDisk } from "./disk.ts"

const event = (seqNum: number, mark: string): EventEncoded => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "n",
  args: { mark },
  clientId: "c",
  sessionId: "s",
})

describe("a client's disk", () => {
  it("takes an upstream event and the pending event that it confirms in one step", () => {
    const disk = makeDisk(0)
    const mounted = disk.mount()
    mounted.commit([event(1, "a"), event(2, "b")])
    mounted.append(event(1, "a"), 1)
    expect(disk.image.pending).toEqual([event(2, "b")])
    expect({ head: mounted.head, state: disk.image.state }).toEqual({ head: 1, state: 1 })
  })

  it("keeps what is pending when another's event stands in its place", () => {
    const disk = makeDisk(0)
    const mounted = disk.mount()
    mounted.commit([event(1, "a")])
    mounted.append(event(1, "other"), 1)
    expect(disk.image.pending).toEqual([event(1, "a")])
  })

  it("takes nothing from a process that is dead, nor from the one before", () => {
    const disk = makeDisk(0)
    const first = disk.mount()
    first.commit([event(1, "a")])
    disk.unmount()
    first.commit([event(2, "b")])
    const second = disk.mount()
    first.saveCursor(Option.some({ eventSequenceNumber: 9, metadata: Option.none() }))
    second.append(event(1, "a"), 1)
    expect(disk.image).toMatchObject({ pending: [], cursor: Option.none(), committed: ["a"] })
  })

  it("forgets everything at once", () => {
    const disk = makeDisk(7)
    const mounted = disk.mount()
    mounted.append(event(1, "a"), 8)
    mounted.erase()
    expect(disk.image).toMatchObject({ log: [], state: 7, pending: [], committed: [] })
  })
})
