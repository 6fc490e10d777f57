import { describe, expect, it } from "vitest"
import { InvalidPush } from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import { encodeFrame, frameBytes } from "../wire.ts"
import { encodeBatch } from "./encode-batch.ts"

const event = (seqNum: number, args?: unknown): EventEncoded => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "n",
  clientId: "c",
  sessionId: "s",
  ...(args === undefined ? {} : { args }),
})
const partsOf = (batch: ReadonlyArray<EventEncoded>) => {
  const parts = encodeBatch(batch)
  if (parts instanceof InvalidPush) throw parts
  return parts
}

describe("a batch on its way to the wire", () => {
  it("is one part where it fits, also when it is empty", () => {
    expect(partsOf([])).toEqual([{ rows: [], args: [] }])
    expect(partsOf([event(1, { a: 1 }), event(2)])).toEqual([
      {
        rows: [
          [1, 0, "n", "c", "s"],
          [2, 1, "n", "c", "s"],
        ],
        args: [`{"a":1}`, undefined],
      },
    ])
  })

  it("is cut into frames that stay below the bound, in bytes and not in characters", () => {
    const parts = partsOf(Array.from({ length: 100 }, (_, index) => event(index + 1, "ü".repeat(100_000))))
    expect(parts.flatMap(({ rows }) => rows.map(([seqNum]) => seqNum))).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    for (const { rows, args } of parts) {
      const frame = encodeFrame({ t: "push", id: 1, part: 0, parts: 1, events: 100, known: "x".repeat(36), rows }, args)
      expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(frameBytes)
    }
  })

  it.each([
    [
      "a cycle",
      () => {
        const cycle: Record<string, unknown> = {}
        cycle["own"] = cycle
        return cycle
      },
    ],
    ["a big integer", () => 1n],
    [
      "a member that throws",
      () => ({
        get broken() {
          throw new Error("no")
        },
      }),
    ],
    [
      "something that throws what cannot be shown",
      () => ({
        toJSON() {
          throw Object.create(null)
        },
      }),
    ],
  ])("is refused with args that have %s", (_what, args) => {
    expect(encodeBatch([event(1), event(2, args())])).toBeInstanceOf(InvalidPush)
  })

  it("is refused with an event that fits no frame, and when it is no batch", () => {
    expect(encodeBatch([event(1, "x".repeat(frameBytes))])).toBeInstanceOf(InvalidPush)
    expect(encodeBatch([null as unknown as EventEncoded])).toBeInstanceOf(InvalidPush)
    expect(encodeBatch("batch" as unknown as ReadonlyArray<EventEncoded>)).toBeInstanceOf(InvalidPush)
  })

  it("leaves args away that have no JSON", () => {
    expect(partsOf([event(1, () => 1)])).toMatchObject([{ args: [undefined] }])
  })
})
