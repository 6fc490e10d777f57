import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { LinkFault } from "../../contract/fault.ts"
import type { Direction, FrameClass } from "../../contract/frame.ts"
import { draw } from "../draw.ts"
import { makeLinkPolicy } from "./policy.ts"

const push: FrameClass = { operation: "push", role: "request", id: "7" }
const page: FrameClass = { operation: "live", role: "page" }

const policyWith = (...faults: ReadonlyArray<LinkFault>) => {
  const bites: Array<string> = []
  const policy = makeLinkPolicy(
    (key, below) => draw(1, key, below),
    (fault, detail) => bites.push(`${fault.kind}: ${detail}`),
  )
  return { policy, bites, armed: faults.map((fault) => policy.arm(fault)) }
}

const delay = (ms: number, direction: Direction | "both" = "both"): LinkFault => ({
  kind: "delay",
  ms,
  jitterMs: 0,
  direction,
})

describe("the rules of new connections", () => {
  it("ask refuse before http-answer before half-open, and only who decides bites", () => {
    const answer: LinkFault = { kind: "http-answer", status: 500, headers: {}, body: "" }
    const { policy, bites, armed } = policyWith({ kind: "half-open", direction: "both" }, answer, { kind: "refuse" })
    const verdicts = armed.toReversed().map((fault, nth) => {
      const { kind } = policy.connection(nth + 1)
      policy.disarm(fault)
      return kind
    })
    expect(verdicts).toEqual(["refuse", "answer", "silent"])
    expect(policy.connection(4)).toEqual({ kind: "pass" })
    expect(bites).toEqual(["refuse: connection 1", "http-answer: connection 2", "half-open: connection 3"])
  })

  it("refuse every one after a cut, whatever is healed", () => {
    const { policy } = policyWith()
    policy.cutOff()
    expect(policy.connection(1)).toEqual({ kind: "refuse" })
  })
})

describe("the rules of frames", () => {
  it("take exactly the frames from the nth matching one on, as many as they say", () => {
    const frames = fc.array(fc.tuple(fc.constantFrom<Direction>("up", "down"), fc.constantFrom(push, page)), {
      maxLength: 30,
    })
    const times = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Infinity))
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 6 }), times, (sequence, nth, times) => {
        const match = { direction: "up", operation: ["push", "pull"], nth, times } as const
        const { policy, armed } = policyWith({ kind: "drop", match })
        let matching = 0
        const expected = sequence.map(([direction, frame]) => {
          if (direction === "down" || frame === page) return "pass"
          matching += 1
          return matching >= nth && matching < nth + times ? "drop" : "pass"
        })
        expect(sequence.map(([direction, frame]) => policy.frame(direction, frame).kind)).toEqual(expected)
        expect(armed[0]?.bites).toBe(expected.filter((kind) => kind === "drop").length)
      }),
    )
  })

  it("do not show a frame to faults that can do nothing to it", () => {
    const { policy, armed } = policyWith({ kind: "duplicate", match: {} }, { kind: "drop", match: {} })
    expect(policy.frame("up", push, ({ kind }) => kind !== "duplicate").kind).toBe("drop")
    expect(policy.frame("up", push).kind).toBe("duplicate")
    expect(armed.map(({ bites }) => bites)).toEqual([1, 1])
  })

  it("of HTTP do nothing to messages, and neither see nor count them", () => {
    const { policy, armed } = policyWith(
      { kind: "http-answer", match: {}, status: 503, headers: {}, body: "" },
      { kind: "strip", match: {}, headers: ["etag"] },
    )
    expect([policy.frame("up", push).kind, policy.connection(1).kind]).toEqual(["pass", "pass"])
    expect(armed.map(({ matched }) => matched)).toEqual([0, 0])
    const all = () => true
    expect(policy.frame("up", push, all)).toMatchObject({ kind: "answer", answer: { status: 503 } })
    expect(policy.frame("up", push, all)).toEqual({ kind: "strip", members: undefined, headers: ["etag"] })
  })

  it("answer every request, and no new connection, where exchanges are read", () => {
    const { policy } = policyWith({ kind: "http-answer", status: 503, headers: {}, body: "" })
    const all = () => true
    expect(policy.connection(1, true)).toEqual({ kind: "pass" })
    const frames = [policy.frame("up", push, all), policy.frame("down", page, all), policy.frame("up", page, all)]
    expect(frames.map(({ kind }) => kind)).toEqual(["answer", "pass", "answer"])
  })

  it("look only at directions in which something is left to take", () => {
    const { policy } = policyWith({ kind: "drop", match: { direction: "up" } }, delay(5))
    expect([policy.looks("up"), policy.looks("down")]).toEqual([true, false])
    policy.frame("up", push)
    expect(policy.looks("up")).toBe(false)
  })

  it("say which frame was bitten", () => {
    const { policy, bites } = policyWith({ kind: "garbage", match: {}, body: "" })
    policy.frame("down", page)
    policy.frame("up", push)
    expect(bites).toEqual(["garbage: down live page"])
  })
})

describe("the rules of chunks", () => {
  it("let bytes of a direction that no fault touches pass as they are", () => {
    const { policy } = policyWith(delay(5, "down"), { kind: "drop", match: { times: Infinity } })
    expect([policy.plain("up"), policy.plain("down")]).toEqual([true, false])
    expect(policy.chunk(1, "up", 0, 10)).toEqual({ kind: "go", delayMs: 0, windowMs: 0 })
  })

  it("swallow before anything else sees the bytes", () => {
    const { policy, armed } = policyWith({ kind: "cut-after", bytes: 1, direction: "up" }, delay(1), {
      kind: "half-open",
      direction: "up",
    })
    expect(policy.chunk(1, "up", 0, 10)).toEqual({ kind: "swallow" })
    expect(armed.map(({ bites }) => bites)).toEqual([0, 0, 1])
  })

  it("add up delays, and draw the same jitter for the same chunk only", () => {
    const { policy } = policyWith(delay(5), { kind: "delay", ms: 10, jitterMs: 1_000, direction: "up" })
    const delayOf = (nth: number) => {
      const verdict = policy.chunk(1, "up", nth, 10)
      return verdict.kind === "go" ? verdict.delayMs : 0
    }
    expect(delayOf(0)).toBe(delayOf(0))
    expect(new Set([0, 1, 2, 3].map(delayOf)).size).toBeGreaterThan(1)
    expect(policy.chunk(1, "down", 0, 10)).toMatchObject({ delayMs: 5 })
  })

  it("do not call a delay of nothing a bite", () => {
    const { policy, armed } = policyWith(delay(0), delay(1))
    policy.chunk(1, "up", 0, 10)
    expect(armed.map(({ bites }) => bites)).toEqual([0, 1])
  })

  it("cut behind exactly the bytes named, over chunks and connections of the direction, once", () => {
    const { policy } = policyWith({ kind: "cut-after", bytes: 12, direction: "up" })
    expect(policy.chunk(1, "down", 0, 100)).not.toHaveProperty("keepBytes")
    expect(policy.chunk(1, "up", 0, 10)).not.toHaveProperty("keepBytes")
    expect(policy.chunk(2, "up", 0, 10)).toMatchObject({ keepBytes: 2 })
    expect(policy.plain("up")).toBe(true)
  })

  it("split by the smallest size that stands, and pace a throttled line by what went before", () => {
    const { policy } = policyWith(
      { kind: "split", maxBytes: 50, direction: "up" },
      { kind: "split", maxBytes: 30, direction: "up" },
      { kind: "throttle", bytesPerSecond: 10_000, direction: "up" },
    )
    expect(policy.piece("up", 100, 0, true)).toEqual({ sizeBytes: 30, waitMs: 3 })
    expect(policy.piece("up", 70, 0, false)).toEqual({ sizeBytes: 30, waitMs: 6 })
    expect(policy.piece("up", 10, 100, false)).toEqual({ sizeBytes: 10, waitMs: 1 })
    expect(policy.piece("down", 100, 0, true)).toEqual({ sizeBytes: 100, waitMs: 0 })
  })
})
