import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { anomalies } from "../contract/anomaly.ts"
import { checkers } from "./checkers/index.ts"
import { e, es, H, namesIn, offline } from "./h.ts"
import { judge, makeJudge } from "./judge.ts"
import { fromNdjson, toNdjson } from "./ndjson.ts"
import { drawFrom } from "./simulated/draw.ts"
import { healthyHistory } from "./simulated/healthy.ts"
import { plants } from "./simulated/plants.ts"

/** Runs of each property; more by hand. */
const runs = Number(process.env["GAUNTLET_RUNS"] ?? 2_000)
const seed = Number(process.env["GAUNTLET_SEED"] ?? 20_260_801)

const choices = fc.array(fc.nat(1_000_000), { maxLength: 500, size: "max" })

describe("the judge", () => {
  it("tells the gravest anomaly first, three of a name at most, and counts them all", () => {
    const h = new H().filled(1, 2)
    for (let n = 0; n < 10; n++) h.reads("b", [e(1)])
    const verdict = h.truth([e(1)]).verdict()
    expect(verdict.anomalies.map(({ name }) => name)).toEqual([
      "lost-ack",
      "lost-ack",
      "stale-read",
      "stale-read",
      "stale-read",
    ])
    expect(verdict.found).toBe(12)
  })

  it("argues from at most five records that are there, with the store's name", () => {
    for (const { into } of plants) {
      const records = into(healthyHistory([]), () => 0)
      for (const anomaly of judge(records ?? []).anomalies) {
        expect(anomaly.records.length).toBeGreaterThan(0)
        expect(anomaly.records.length).toBeLessThanOrEqual(5)
        for (const i of anomaly.records) expect(records![i]).toMatchObject({ i })
        expect(anomaly.sentence).toMatch(/; therefore [^;]+\.$/)
        expect(anomaly.storeId).toBe("s")
      }
    }
  })

  it("passes on what a check found by itself, under every name", () => {
    for (const anomaly of anomalies) {
      const h = new H()
      h.record.finding({ anomaly, sentence: `it is ${anomaly}.`, records: [1, 2, 3, 4, 5, 6] })
      expect(h.verdict()).toEqual({
        anomalies: [{ name: anomaly, sentence: `it is ${anomaly}.`, records: [1, 2, 3, 4, 5] }],
        found: 1,
        unjudged: undefined,
      })
    }
  })

  it("keeps what it found beside a premise that did not hold", () => {
    const h = new H().filled(1, 1)
    h.record.unjudged("the host was slow")
    h.record.unjudged("and more")
    expect(h.verdict()).toMatchObject({ found: 0, anomalies: [], unjudged: "the host was slow" })
    expect(h.truth([]).verdict()).toMatchObject({ found: 1, unjudged: "the host was slow" })
  })

  it("says nothing about time where the harness lagged, and all else", () => {
    const h = new H().filled(1, 1)
    h.record.finding({ anomaly: "restless", sentence: "it chatters.", records: [] })
    h.record.lag(400)
    expect(h.verdict()).toMatchObject({ found: 1, unjudged: undefined })
    h.record.lag(2_000)
    expect(h.verdict()).toMatchObject({ found: 0, anomalies: [] })
    expect(h.verdict().unjudged).toBe("the harness itself lagged by 2000 ms at 0.600 s, so nothing is said about time")
    expect(h.truth([]).verdict()).toMatchObject({ found: 1, anomalies: [{ name: "lost-ack" }] })
  })

  it("has a checker for every name, and each is pure: two judges do not share state", () => {
    const named = new Set(checkers.flatMap((make) => make().names))
    expect([...named].toSorted()).toEqual([...anomalies].toSorted())
    const [one, two] = [makeJudge(), makeJudge()]
    const h = new H().filled(1, 3).reads("b", es(1, 2))
    for (const record of h.records()) {
      one.add(record)
      two.add(record)
    }
    expect(one.finish()).toEqual(two.finish())
    expect(judge([])).toEqual({ anomalies: [], found: 0, unjudged: undefined })
  })

  it("says the same of a history that was written down and read back", () => {
    const h = new H()
      .filled(1, 3)
      .reads("b", [e(1), e(3)])
      .failed("c", [e(4)], offline)
    const sections = Result.getOrThrow(fromNdjson(toNdjson(h.records()) + toNdjson(new H().filled(1, 1).records())))
    expect(sections.map(({ records }) => judge(records))).toEqual([h.verdict(), new H().filled(1, 1).verdict()])
  })

  it("hangs nothing on notes, whatever they say", () => {
    const h = new H()
    h.record.note("revoked:a")
    const rejected = { _tag: "PayloadRejected", reason: "no" }
    expect(namesIn(h.failed("a", [e(1)], rejected))).toEqual(["wrong-refusal"])
    const revoked = new H()
    revoked.record.revoked("a")
    expect(namesIn(revoked.failed("a", [e(1)], rejected))).toEqual([])
  })

  it("says nothing about operations that it never saw begin", () => {
    const h = new H()
    h.record.ok(77)
    h.record.page(77, { events: [{ event: e(1) }], pageInfo: { _tag: "NoMore" } })
    h.record.interrupted(77)
    expect(namesIn(h)).toEqual([])
  })
})

describe("a correct backend with random clients", () => {
  it(`is never convicted (${runs} runs, seed ${seed})`, () => {
    fc.assert(
      fc.property(choices, (drawn) => {
        expect(judge(healthyHistory(drawn))).toEqual({ anomalies: [], found: 0, unjudged: undefined })
      }),
      { numRuns: runs, seed },
    )
  })

  for (const { name, also, into } of plants) {
    it(`is convicted of a planted ${name} (seed ${seed})`, () => {
      let planted = 0
      fc.assert(
        fc.property(choices, fc.nat(), (drawn, place) => {
          const records = into(healthyHistory(drawn), drawFrom([place, place]).draw)
          if (records === undefined) return
          planted += 1
          const names = judge(records).anomalies.map((anomaly) => anomaly.name)
          expect(names.filter((found) => found === name || also.includes(found))).not.toEqual([])
        }),
        { numRuns: Math.ceil(runs / 20), seed },
      )
      expect(planted).toBeGreaterThan(5)
    })
  }
})
