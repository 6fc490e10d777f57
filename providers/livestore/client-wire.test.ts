import { describe, expect, it } from "vitest"
import { receivedBatch, sentBatch } from "./client-wire.ts"

const event = (args: unknown) =>
  ({ seqNum: 1, parentSeqNum: 0, name: "x", args, clientId: "a", sessionId: "s" }) as never

describe("a batch on its way to a client object", () => {
  it("is what it was", () => {
    const batch = [event({ text: "ü", nested: [1] }), event(undefined)]
    const there = receivedBatch(JSON.parse(JSON.stringify(sentBatch(batch))) as typeof batch)
    expect(there).toEqual(batch)
  })

  it("has arguments without JSON there too where it has them here", () => {
    const cycle: Record<string, unknown> = {}
    cycle["self"] = cycle
    const sent = JSON.stringify(sentBatch([event(cycle), event({ n: 1 })]))
    const [first, second] = receivedBatch(JSON.parse(sent) as never)
    expect(() => JSON.stringify(first)).toThrow("BigInt")
    expect(second).toEqual(event({ n: 1 }))
  })
})
