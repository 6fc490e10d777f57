import { describe, expect, it } from "vitest"
import type { Anomaly, AnomalyName } from "../contract/anomaly.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Mutant } from "../providers/mutants/mutant.ts"
import { readTrial } from "./caught.ts"
import type { PlantedTrial } from "./trial.ts"

const mutant: Mutant = {
  id: "push/one#test",
  clause: "push/one",
  title: "a bug",
  source: "contract",
  seam: "backend.append",
  anomaly: "lost-ack",
  make: () => ({}),
}

/** Two operations one after the other on each of two stores: 0 to 1 and 2 to 3 on "s", 4 to 5 on "t"; then a note. */
const records = [
  { k: "invoke", i: 0, t: 0, op: 0, client: "a", store: "s", f: "push" },
  { k: "ok", i: 1, t: 1, op: 0 },
  { k: "invoke", i: 2, t: 2, op: 2, client: "a", store: "s", f: "push" },
  { k: "ok", i: 3, t: 3, op: 2 },
  { k: "invoke", i: 4, t: 4, op: 4, client: "b", store: "t", f: "push" },
  { k: "ok", i: 5, t: 5, op: 4 },
  { k: "note", i: 6, t: 6, text: "…" },
] as ReadonlyArray<HistoryRecord>

const found = (name: AnomalyName, ...argued: ReadonlyArray<number>): Anomaly => ({
  name,
  sentence: `${name} of ${argued.join(", ")}`,
  records: argued,
})

/** A failed trial in which the bug showed when the record was so long. */
const trial = (fires: ReadonlyArray<number>, ...anomalies: ReadonlyArray<Anomaly>): PlantedTrial => ({
  check: "push/one",
  seed: 1,
  outcome: anomalies.length === 0 ? "pass" : "fail",
  anomalies,
  records,
  fires,
})

describe("a planted bug", () => {
  it("is caught when the check fails with its anomaly in an operation that was under way", () => {
    expect(readTrial(mutant, trial([3], found("lost-ack", 2, 6)))._tag).toBe("caught")
  })

  it("is caught in what came later on the store that it touched", () => {
    expect(readTrial(mutant, trial([1], found("lost-ack", 3)))._tag).toBe("caught")
  })

  it("is not caught in what had ended before, or on another store", () => {
    expect(readTrial(mutant, trial([3], found("lost-ack", 0, 1)))._tag).toBe("untouched")
    expect(readTrial(mutant, trial([3], found("lost-ack", 4)))._tag).toBe("untouched")
  })

  it("touches all that follows when nothing was under way", () => {
    expect(readTrial(mutant, trial([2], found("lost-ack", 4)))._tag).toBe("caught")
    expect(readTrial(mutant, trial([2], found("lost-ack", 1)))._tag).toBe("untouched")
  })

  it("is caught in what is argued from no operation, once it has shown", () => {
    expect(readTrial(mutant, trial([5], found("lost-ack", 6)))._tag).toBe("caught")
  })

  it("is caught in what the check itself found after it had shown, whatever operation it names", () => {
    const finding = { k: "finding", i: 7, t: 7, anomaly: "lost-ack", sentence: "lost-ack of 0", records: [0] } as const
    const later = { ...trial([6], found("lost-ack", 0)), records: [...records, finding] }
    expect(readTrial(mutant, later)._tag).toBe("caught")
    expect(readTrial(mutant, { ...later, fires: [8] })._tag).toBe("untouched")
  })

  it("is not caught by a failure that has another name", () => {
    expect(readTrial(mutant, trial([3], found("gap", 2)))._tag).toBe("other-anomaly")
  })

  it("has survived when the check passes, and is silent when it never showed", () => {
    expect(readTrial(mutant, trial([3]))._tag).toBe("survived")
    expect(readTrial(mutant, trial([], found("lost-ack", 2)))._tag).toBe("silent")
  })
})
