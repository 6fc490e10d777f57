import { describe, expect, it } from "vitest"
import type { RoundEnd } from "./news.ts"
import { campaignExit, Tally } from "./tally.ts"

const end = (parts: Partial<RoundEnd>): RoundEnd => ({
  round: 0,
  seed: 1,
  workload: "chat",
  outcome: "pass",
  findings: [],
  applied: ["kill", "delay"],
  bit: ["kill", "delay"],
  operations: 10,
  ms: 5,
  memoryBytes: 1_000,
  ...parts,
})

const result = (...ends: ReadonlyArray<RoundEnd>) => {
  const tally = new Tally()
  tally.offers(["kill", "delay"])
  for (const one of ends) tally.round(one)
  return tally.result({ provider: "p", version: "1", seed: 1, ms: 1_000 })
}

describe("adding up a campaign", () => {
  it("tells each anomaly once, gravest first, by the first round that showed it", () => {
    const silent = { name: "silent-live", sentence: "it was silent" }
    const lost = { name: "lost-ack", sentence: "it was lost" }
    const { anomalies, rounds, operations } = result(
      end({ round: 3, outcome: "fail", findings: [silent], scenario: "3.json" }),
      end({ round: 4, outcome: "fail", findings: [silent], scenario: "4.json" }),
      end({ round: 5, outcome: "fail", findings: [lost, silent] }),
    )
    expect({ rounds, operations }).toEqual({ rounds: 3, operations: 30 })
    expect(anomalies).toMatchObject([
      { name: "lost-ack", rounds: 1, round: 5, sentence: "it was lost" },
      { name: "silent-live", rounds: 2, round: 3, scenario: "3.json" },
    ])
  })

  it("counts the rounds in which a fault was put on, and those in which it bit", () => {
    expect(result(end({}), end({ bit: ["kill"] })).faults).toEqual([
      { name: "kill", applied: 2, bit: 2 },
      { name: "delay", applied: 2, bit: 1 },
    ])
  })

  it("is clean only when every round was judged and every fault has bitten", () => {
    const sound = end({})
    const findings = [{ name: "lost-ack", sentence: "it was lost" }]
    expect(campaignExit(result(sound))).toBe(0)
    expect(campaignExit(result())).toBe(2)
    expect(campaignExit(result(end({ bit: ["kill"] })))).toBe(2)
    expect(campaignExit(result(sound, end({ outcome: "unknown", reason: "it lagged" })))).toBe(2)
    expect(campaignExit(result(sound, end({ outcome: "flaky", reason: "it was late" })))).toBe(2)
    expect(campaignExit(result(sound, end({ outcome: "fail", findings })))).toBe(1)
    expect(campaignExit(result(end({ outcome: "fail", findings }), end({ outcome: "harness-error" })))).toBe(3)
  })
})
