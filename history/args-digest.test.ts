import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { HistoryRecord } from "../contract/history.ts"
import { withArgsDigests } from "./args-digest.ts"
import { e, H, invalid, offline } from "./h.ts"
import { judge } from "./judge.ts"
import { fromNdjson, toNdjson } from "./ndjson.ts"
import { recordEvent } from "./record-event.ts"
import { sameEvent } from "./same-event.ts"
import { drawFrom } from "./simulated/draw.ts"
import { healthyHistory } from "./simulated/healthy.ts"
import { plants } from "./simulated/plants.ts"

const written = (records: ReadonlyArray<HistoryRecord>): ReadonlyArray<HistoryRecord> =>
  Result.getOrThrow(fromNdjson(toNdjson(withArgsDigests(records))))[0]!.records

/** What a verdict says, without the words in which it quotes arguments. */
const saidOf = (records: ReadonlyArray<HistoryRecord>) => {
  const { anomalies, ...rest } = judge(records)
  return { ...rest, anomalies: anomalies.map(({ name, records, storeId }) => ({ name, records, storeId })) }
}

const large = (seqNum: number, over: object = {}, parentSeqNum = seqNum - 1) =>
  e(seqNum, { parentSeqNum, args: { mark: `m${seqNum}`, pad: "é".repeat(1_900), ...over } })

const withReplica = (log: ReadonlyArray<ReturnType<typeof large>>): H => {
  const history = new H().acked("a", [large(1), large(2)])
  history.record.replica({ client: "a", store: "s", log, pending: [], committed: ["m1", "m2"] })
  return history.truth([large(1), large(2)])
}

describe("a history with large arguments, written and read back", () => {
  const cases: Record<string, { readonly history: H; readonly names: ReadonlyArray<string> }> = {
    "delivers them with their keys in another order": {
      history: new H()
        .acked("a", [large(1)])
        .reads("b", [e(1, { args: { pad: "é".repeat(1_900), mark: "m1" } })])
        .truth([large(1)]),
      names: [],
    },
    "delivers them with one letter changed": {
      history: new H().acked("a", [large(1)]).reads("b", [large(1, { pad: `${"é".repeat(1_899)}e` })]),
      names: ["corrupted"],
    },
    "delivers a short text in their place": {
      history: new H().acked("a", [large(1)]).reads("b", [large(1, { pad: "" })]),
      names: ["corrupted"],
    },
    "delivers none in their place": {
      history: new H().acked("a", [large(1)]).reads("b", [{ ...e(1), args: undefined }]),
      names: ["corrupted"],
    },
    "stores one event twice, told by its mark": {
      history: new H()
        .acked("a", [large(1)])
        .failed("a", [large(5, { mark: "m2" }, 1)], offline)
        .acked("b", [large(2, { mark: "theirs" })])
        .acked("a", [large(3, { mark: "m2" })])
        .reads("c", [large(1), large(2, { mark: "theirs" }), large(3, { mark: "m2" }), large(5, { mark: "m2" }, 1)]),
      names: ["duplicate", "gap"],
    },
    "leaves a whole client with one letter of them changed": {
      history: withReplica([large(1), large(2, { pad: "e" })]),
      names: ["diverged"],
    },
    "leaves a whole client with all of them": { history: withReplica([large(1), large(2)]), names: [] },
    "gives a page that is larger than declared": {
      history: new H({ pageBytes: 7_000 } as never)
        .acked("a", [large(1), large(2)])
        .reads("b", [large(1), large(2)])
        .truth([large(1), large(2)]),
      names: ["page-info-lie"],
    },
    "refuses a batch that is small and plain": {
      history: new H().failed("a", [e(1, { args: { pad: "x".repeat(1_000) } })], invalid),
      names: ["wrong-refusal"],
    },
    "refuses a batch that may be too large": {
      history: new H().failed("a", [e(1, { args: { pad: "x".repeat(2_001) } })], invalid),
      names: [],
    },
    "refuses a batch with a text that databases refuse": {
      history: new H().failed("a", [e(1, { args: { pad: `${"x".repeat(1_000)}\0` } })], invalid),
      names: [],
    },
  }
  for (const [name, { history, names }] of Object.entries(cases)) {
    it(`is judged as it was where it ${name}`, () => {
      const records = history.records()
      expect(new Set(judge(records).anomalies.map((anomaly) => anomaly.name))).toEqual(new Set(names))
      expect(saidOf(written(records))).toEqual(saidOf(records))
    })
  }

  it("is judged as it was for every anomaly", () => {
    const choices = fc.array(fc.nat(1_000_000), { minLength: 200, maxLength: 500 })
    const drawn = fc.sample(fc.tuple(choices, fc.nat()), { seed: 7, numRuns: 8 })
    for (const { into } of plants) {
      const planted = drawn.flatMap(([draws, place]) => {
        const records = into(healthyHistory(draws), drawFrom([place, place]).draw)
        return records === undefined ? [] : [records.map(enlarged)]
      })
      expect(planted.length).toBeGreaterThan(0)
      for (const records of planted) {
        const again = written(records)
        expect(saidOf(again)).toEqual(saidOf(records))
        expect(JSON.stringify(again)).not.toContain("x".repeat(100))
      }
    }
  })

  it("says what it can still show of arguments that changed", () => {
    const history = new H().acked("a", [large(1)]).reads("b", [large(1, { pad: "" })])
    expect(judge(written(history.records())).anomalies[0]!.sentence).toContain(
      `with args {"mark":"m1","pad":""} instead of {"mark":"m1","pad":"${"é".repeat(40)}… (3822 bytes, SHA-256 `,
    )
  })

  it("leaves the records in memory alone", () => {
    const records = new H()
      .acked("a", [large(1)])
      .reads("b", [large(1)])
      .truth([large(1)])
      .records()
    const before = structuredClone(records)
    withArgsDigests(records)
    expect(records).toEqual(before)
  })
})

/** The record with the arguments of all its events made long, the same way everywhere. */
const enlarged = (record: HistoryRecord): HistoryRecord => {
  const grow = <E extends { readonly args?: string }>(events: ReadonlyArray<E>): ReadonlyArray<E> =>
    events.map((event) =>
      event.args?.endsWith("}") === true
        ? { ...event, args: `${event.args.slice(0, -1)},"pad":"${"x".repeat(600)}"}` }
        : event,
    )
  if (record.k === "page" || record.k === "truth") return { ...record, events: grow(record.events) }
  return record.k === "invoke" && record.batch !== undefined ? { ...record, batch: grow(record.batch) } : record
}

describe("two events of which one or both were written as a digest", () => {
  const scalar = fc.constantFrom<unknown>(0, -0, 1, 1e21, "", "1", "\ud800", "\udfff", "ä", "a\u0308", null, true)
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "__proto__", "constructor", "1"), tie("any"), { maxKeys: 3 }),
    ),
  })).any
  const pad = "x".repeat(500)
  const recorded = (args: unknown) => recordEvent(e(1, { args: { value: args, pad } as never }))
  const shuffled = (any: unknown): unknown => {
    if (Array.isArray(any)) return any.map(shuffled)
    if (typeof any !== "object" || any === null) return any
    const entries = Object.entries(any).map(([key, inner]) => [key, shuffled(inner)] as const)
    return Object.fromEntries(entries.toReversed())
  }
  const asWritten = (event: ReturnType<typeof recorded>) => {
    const [record] = withArgsDigests([{ k: "truth", i: 0, t: 0, store: "s", source: "inspect", events: [event] }])
    return record?.k === "truth" ? record.events[0]! : event
  }

  it("are equal exactly where they were", () => {
    let equal = 0
    fc.assert(
      fc.property(value, value, fc.boolean(), (one, other, same) => {
        const [a, b] = [recorded(one), recorded(same ? shuffled(one) : other)]
        const expected = sameEvent(a, b)
        if (expected) equal += 1
        expect(asWritten(a).argsDigest).toBeDefined()
        expect([sameEvent(asWritten(a), asWritten(b)), sameEvent(asWritten(a), b), sameEvent(a, asWritten(b))]).toEqual(
          [expected, expected, expected],
        )
      }),
      { numRuns: 500, seed: 20_260_801 },
    )
    expect(equal).toBeGreaterThan(100)
    expect(equal).toBeLessThan(500)
  })

  it("may be nested deeper than a call stack", () => {
    let deep: unknown = "here"
    for (let n = 0; n < 2_000; n++) deep = n % 2 === 0 ? [deep] : { deep }
    expect(sameEvent(asWritten(recorded(deep)), recorded(deep))).toBe(true)
    expect(sameEvent(asWritten(recorded([deep])), recorded(deep))).toBe(false)
  })
})
